"""The wire under Meta's SDK: one deadline for a whole answer, and the answer as it came."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import requests
import urllib3
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookError
from facebook_business.session import FacebookSession

from vibekanban.core.settings import settings

CHUNK = 65536


@dataclass(frozen=True)
class Answer:
    """What came back; the names of its headers are in lower case."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def body(self) -> Any:
        """The JSON of the body; None when it is none."""
        try:
            return json.loads(self.content)
        except ValueError:
            return None


class Wire:
    """The SDK's session and api of one token, never the process's default ones."""

    def __init__(self, token: str, *, clock: Callable[[], float]) -> None:
        chosen = settings()
        self._clock = clock
        self._session = FacebookSession(
            app_id=chosen.meta_app_id, app_secret=chosen.meta_app_secret, access_token=token
        )
        self._session.GRAPH = chosen.graph  # pyright: ignore[reportAttributeAccessIssue]
        http = self._session.requests
        http.max_redirects = 0  # Graph never redirects a call, and the token is in the address
        http.stream = True  # the body is read below, against the clock
        http.hooks["response"].append(self._read)
        self._connect = chosen.meta_connect_timeout
        self._api = FacebookAdsApi(self._session, api_version=chosen.meta_graph_version)
        self._deadline = 0.0
        self._answer: Answer | None = None

    def send(
        self,
        method: str,
        path: str,
        params: dict[str, Any],
        *,
        patience: float,
        files: Mapping[str, Any] | None = None,
    ) -> Answer | None:
        """Call once; None when no whole answer came within `patience` seconds. Files go to Meta's host for them.

        The SDK takes an HTML 502 for a success and stumbles over bodies it does not expect, so what it
        makes of an answer does not count. Its exceptions hold the token: they end here.
        """
        self._answer = None
        self._deadline = self._clock() + patience
        self._session.timeout = (min(self._connect, patience), patience)
        try:
            parts = tuple(part for part in path.split("/") if part)
            host = settings().graph.replace("//graph.", "//graph-video.", 1) if files else None
            self._api.call(method, parts, params, files=files, url_override=host)
        except (FacebookError, requests.exceptions.RequestException, urllib3.exceptions.HTTPError):
            pass
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
        return self._answer

    def _read(self, response: requests.Response, **_: Any) -> None:
        """Read the body piece by piece: a timeout of the socket alone would let a slow drip hold us for ever."""
        raw, pieces = response.raw, []
        try:
            while piece := raw.read1(CHUNK, decode_content=True):
                pieces.append(piece)
                left = self._deadline - self._clock()
                if left <= 0:
                    raise requests.exceptions.ReadTimeout()
                sock = getattr(raw.connection, "sock", None)
                if sock is not None:
                    sock.settimeout(left)
        except BaseException:  # whatever it was, the connection is given back before it goes on
            response.close()
            raise
        content = b"".join(pieces)
        response.raw = io.BytesIO(content)
        headers = {name.lower(): value for name, value in response.headers.items()}
        self._answer = Answer(response.status_code, headers, content)
