"""One request to n8n: the key, the timeout, the tries, and the answer or its typed failure."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import httpx

from vibekanban.clients.n8n.errors import (
    Denied,
    InConflict,
    Missing,
    N8nError,
    Refused,
    Unavailable,
    UnknownOutcome,
)
from vibekanban.core.logging import logger

TIMEOUT = httpx.Timeout(30, connect=5)
TRIES = 4
REPEATABLE = frozenset({"GET", "PUT", "DELETE", "PATCH"})
PAGE = 100
LONGEST_REASON = 500

log = logger(__name__)


class Wire:
    """A connection to one n8n as one API key; use it as a context manager."""

    def __init__(self, base: str, key: str, *, timeout: httpx.Timeout = TIMEOUT) -> None:
        self._http = httpx.Client(
            base_url=base.rstrip("/"),
            headers={"X-N8N-API-KEY": key, "Accept": "application/json"},
            timeout=timeout,
            follow_redirects=False,  # the key must not travel to where somebody else points
        )

    def close(self) -> None:
        self._http.close()

    def call(self, verb: str, path: str, *, body: Any = None, repeatable: bool = False, **query: Any) -> Any:
        """The JSON that n8n answers; raises N8nError.

        Reads, PUT, PATCH and DELETE are tried again when n8n does not answer; other writes only if the
        caller says that a second one does nothing (publishing), since n8n has no idempotency keys.
        """
        again = repeatable or verb in REPEATABLE
        asked = {name: _plain(value) for name, value in query.items() if value is not None}
        for attempt in range(1, TRIES + 1):
            try:
                answer = self._http.request(verb, path, json=body, params=asked)
                return _understood(answer)
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure: N8nError = Unavailable()  # it never arrived: any verb may be tried again
                failure.__cause__ = error
            except httpx.HTTPError as error:
                failure = Unavailable() if again else UnknownOutcome()
                failure.__cause__ = error
                if not again:
                    raise failure from error
            except Unavailable as error:
                failure = error
                if not again:
                    raise
            if attempt == TRIES:
                raise failure
            log.warning("n8n_again", verb=verb, attempt=attempt, error=failure.code)
            time.sleep(random.uniform(0.1, 0.4) * 2**attempt)  # noqa: S311 - jitter is no secret
        raise AssertionError("unreachable")

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a listing, page by page."""
        cursor = None
        while True:
            page = self.call("GET", path, limit=PAGE, cursor=cursor, **query)
            yield from page["data"]
            if not (cursor := page.get("nextCursor")):
                return


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _understood(answer: httpx.Response) -> Any:
    status = answer.status_code
    try:
        data = answer.json() if answer.content else None
    except ValueError:
        raise Unavailable() from None  # a proxy's page, or n8n's own HTML for a 500
    if answer.is_success:
        return data
    reason = str(data.get("message", ""))[:LONGEST_REASON] if isinstance(data, dict) else ""
    if status in {401, 403}:
        raise Denied()
    if status == 404:
        raise Missing()
    if status == 409:
        raise InConflict(reason)
    if status == 429 or status >= 500 or 300 <= status < 400:
        raise Unavailable()
    raise Refused(reason)
