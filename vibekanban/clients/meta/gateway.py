"""The gateway of all Graph calls: paced, timed, classified, counted; the token leaves no trace."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

from vibekanban.clients.meta import classify, errors
from vibekanban.clients.meta.pacing import Pacing
from vibekanban.core import broker, logging, metrics
from vibekanban.core.columns import now
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings

READ_TRIES = 4
MOST_PAGES = 1000
BATCH = 50
HUMAN_WAIT = 5.0  # a person waits at most this long for the quota, then is told
TRY_AGAIN = (errors.Transient, errors.BadGateway)

log = logging.logger(__name__)


@dataclass(frozen=True)
class Call:
    """One call of a batch; `params` are the query of a GET or the form of a POST."""

    method: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)


class Gateway:
    """Calls in the name of one token. One per job or request: the SDK's session is not for sharing."""

    def __init__(
        self,
        token: str,
        *,
        key: str,
        lane: Lane,
        account: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        chosen = settings()
        session = FacebookSession(
            app_id=chosen.meta_app_id,
            app_secret=chosen.meta_app_secret,
            access_token=token,
            timeout=(chosen.meta_connect_timeout, chosen.meta_read_timeout),
        )
        session.GRAPH = chosen.graph  # pyright: ignore[reportAttributeAccessIssue]
        self._api = FacebookAdsApi(session, api_version=chosen.meta_graph_version)
        self._pacing = Pacing(broker.connection(), app_id=chosen.meta_app_id, account=account)
        self._key = key
        self._lane = lane
        self._sleep = sleep

    @property
    def api(self) -> FacebookAdsApi:
        """The SDK's api object, for what is built on it; calls made with it are not paced."""
        return self._api

    # -- reads

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Read a node or an edge; tried again when Meta stumbles."""
        for attempt in range(1, READ_TRIES + 1):
            try:
                return self._call("GET", path, params)
            except TRY_AGAIN:
                if attempt == READ_TRIES:
                    raise
                self._sleep(random.uniform(0, 0.5 * 2**attempt))  # noqa: S311 - full jitter
        raise AssertionError("unreachable")

    def pages(self, path: str, *, limit: int = 500, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """The pages of an edge, empty ones in the middle too, until there is no `next`."""
        for rows, _ in self.cursored(path, limit=limit, **params):
            yield rows

    def cursored(
        self, path: str, *, limit: int = 500, **params: Any
    ) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
        """Pages with the cursor after each, to go on from there (`after=`) another time; None after the last.

        An edge without cursors goes on by the query of its `next`, and can not be resumed.
        """
        following: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            answer = self.get(path, **{"limit": limit, **params, **following})
            paging = answer.get("paging") or {}
            more = paging.get("next")
            after = (paging.get("cursors") or {}).get("after") if more else None
            yield answer.get("data", []), after
            if not more:
                return
            following = {"after": after} if after else _position(more)
        raise errors.BadGateway()

    # -- writes

    def post(self, path: str, **params: Any) -> dict[str, Any]:
        """Write once; UnknownOutcome when the answer never came: the caller looks before trying again."""
        return self._write("POST", path, params)

    def delete(self, path: str, **params: Any) -> dict[str, Any]:
        return self._write("DELETE", path, params)

    def _write(self, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._call(method, path, params)
        except TRY_AGAIN as error:
            raise errors.UnknownOutcome(meta_code=error.meta_code, subcode=error.subcode) from error

    # -- several at once

    def batch(self, calls: list[Call]) -> list[dict[str, Any] | errors.MetaError]:
        """Answers in the order of the calls; a failed one is its typed failure. Every call counts as one."""
        answers: list[dict[str, Any] | errors.MetaError] = []
        for start in range(0, len(calls), BATCH):
            answers += self._batch(calls[start : start + BATCH])
        return answers

    def _batch(self, calls: list[Call]) -> list[dict[str, Any] | errors.MetaError]:
        entries = []
        for call in calls:
            query = urlencode(_texts(call.params))
            entry = {"method": call.method, "relative_url": call.path}
            if call.method == "POST":
                entry["body"] = query
            elif query:
                entry["relative_url"] += f"?{query}"
            entries.append(entry)
        answer = self._call("POST", "", {"batch": json.dumps(entries)})
        inner = answer.get("data", [])
        return [self._inner(entry) for entry in inner]

    def _inner(self, entry: dict[str, Any] | None) -> dict[str, Any] | errors.MetaError:
        if entry is None:
            return errors.UnknownOutcome()
        headers = {str(item["name"]).lower(): item["value"] for item in entry.get("headers") or []}
        self._pacing.learn(headers)
        try:
            body = json.loads(entry.get("body") or "")
        except ValueError:
            return errors.BadGateway()
        if isinstance(body, dict) and "error" in body:
            return self._failure(body["error"], int(entry.get("code") or 0), headers)
        return body if isinstance(body, dict) else {"data": body}

    # -- the one call

    def _call(self, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
        self._await_quota()
        try:
            answer = self._send(method, path, params)
        except errors.MetaError as error:
            self._count(type(error).__name__)
            metrics.meta_api_errors.labels(error_code=str(error.meta_code or type(error).__name__)).inc()
            log.warning(
                "meta.call_failed",
                method=method,
                path=path,
                lane=self._lane.value,
                kind=type(error).__name__,
                meta_code=error.meta_code,
                subcode=error.subcode,
                trace=error.trace,
            )
            raise
        self._count("ok")
        return answer

    def _await_quota(self) -> None:
        try:
            pause = self._pacing.wait(self._lane)
        except errors.Throttled as throttled:
            left = (throttled.until - now()).total_seconds()
            if self._lane is not Lane.HUMAN or left > HUMAN_WAIT:
                self._count("held_back")
                raise
            pause = max(0.0, left)
        if pause:
            self._sleep(pause)

    def _send(self, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
        try:
            response = self._api.call(method, tuple(part for part in path.split("/") if part), _texts(params))
        except FacebookRequestError as refused:
            headers = _lower(refused.http_headers())
            self._pacing.learn(headers)
            body = refused.body()
            error = body.get("error") if isinstance(body, dict) else None
            if not isinstance(error, dict):
                raise errors.BadGateway() from None
            raise self._failure(error, refused.http_status() or 0, headers) from None
        except requests.exceptions.RequestException:
            raise errors.BadGateway() from None  # its text holds the token
        except (TypeError, ValueError, KeyError):
            raise errors.BadGateway() from None  # what the SDK does with bodies that are no JSON
        headers = _lower(response.headers())
        self._pacing.learn(headers)
        if "x-ad-api-version-warning" in headers:
            log.error("meta.version_warning", warning=headers["x-ad-api-version-warning"])
        body = response.json()
        status = int(response.status() or 0)
        if status >= 400 or not isinstance(body, dict | list):
            raise errors.BadGateway()
        if isinstance(body, list):
            return {"data": body}
        if "error" in body:
            raise self._failure(body["error"], status, headers)
        return body

    def _failure(self, error: dict[str, Any], status: int, headers: dict[str, Any]) -> errors.MetaError:
        failed = classify.failure(
            error, status, lambda: self._pacing.block(headers, classify.number(error.get("code")))
        )
        if isinstance(failed, errors.AppMisconfigured | errors.VersionRetired):
            log.error("meta.operator_alarm", kind=type(failed).__name__, meta_code=failed.meta_code)
        return failed

    def _count(self, outcome: str) -> None:
        metrics.meta_api_calls.labels(lane=self._lane.value, outcome=outcome).inc()
        counter = f"meta:calls:{self._key}:{now():%Y%m%d}"
        pipe = broker.connection().pipeline(transaction=False)
        pipe.hincrby(counter, f"{self._lane.value}:{outcome}", 1)
        pipe.expire(counter, timedelta(days=16))
        pipe.execute()


def _texts(params: dict[str, Any]) -> dict[str, Any]:
    """Containers and booleans as JSON text, as Meta wants them; nothing for None."""
    return {
        name: json.dumps(value) if isinstance(value, dict | list | tuple | bool) else value
        for name, value in params.items()
        if value is not None
    }


def _position(following: str) -> dict[str, str]:
    """Where an edge without cursors goes on: the query of `next`, without the token it holds."""
    query = dict(parse_qsl(urlsplit(following).query))
    return {
        name: query[name] for name in ("after", "offset", "until", "since", "__paging_token") if name in query
    }


def _lower(headers: Any) -> dict[str, Any]:
    return {str(name).lower(): value for name, value in dict(headers or {}).items()}
