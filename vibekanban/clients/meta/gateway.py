"""The gateway of all Graph calls: paced, timed, classified, counted; the token leaves no trace."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from urllib.parse import parse_qsl, urlencode, urlsplit

from vibekanban.clients.meta import classify, errors, tally
from vibekanban.clients.meta.alarms import alarm
from vibekanban.clients.meta.pacing import Pacing
from vibekanban.clients.meta.wire import Answer, Wire
from vibekanban.core import broker, logging, metrics
from vibekanban.core.columns import now
from vibekanban.core.logging import scrub
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings

READ_TRIES = 4
UNRECOGNISED_TRIES = 3
MOST_PAGES = 1000
BATCH = 50
HUMAN_WAIT = 5.0  # a person waits at most this long for the quota, then is told
LONGEST_UPLOAD = 300.0
LONGEST_READ = 100.0  # seconds of a background read with all its tries; the lease of a sync is longer
TRY_AGAIN = (errors.Transient, errors.BadGateway, errors.Unrecognised)
UNHEARD = (errors.Transient, errors.BadGateway)

log = logging.logger(__name__)


@dataclass(frozen=True)
class Call:
    """One call of a batch; `params` are the query of a GET or DELETE, or the form of a POST."""

    method: str
    path: str
    params: dict[str, Any] = field(default_factory=dict)

    @property
    def entry(self) -> dict[str, str]:
        query = urlencode(_texts(self.params))
        if self.method == "POST":
            return {"method": self.method, "relative_url": self.path, "body": query}
        return {"method": self.method, "relative_url": f"{self.path}?{query}" if query else self.path}


@dataclass(frozen=True)
class Upload:
    """A file to send: what it is called, its bytes, its media type."""

    name: str
    content: BinaryIO
    kind: str


class Gateway:
    """Calls in the name of one token. One per job or request: the SDK's session is not for sharing.

    `key` names who is counted (the connection), `account` (without `act_`) whose quota is drawn on.
    """

    def __init__(
        self,
        token: str,
        *,
        key: str,
        lane: Lane,
        account: str | None = None,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        chosen = settings()
        self._wire = Wire(token, clock=clock)
        self._pacing = Pacing(broker.connection(), app_id=chosen.meta_app_id, account=account, key=key)
        self._key = key
        self._account = account
        self._lane = lane
        self._sleep = sleep or time.sleep
        self._clock = clock
        self._once = chosen.meta_connect_timeout + chosen.meta_read_timeout

    # -- reads

    def get(self, path: str, **params: Any) -> dict[str, Any]:
        """Read a node or an edge; tried again when Meta stumbles."""
        return self._tried("GET", path, params)

    def pages(self, path: str, *, limit: int = 500, **params: Any) -> Iterator[list[dict[str, Any]]]:
        """The pages of an edge, empty ones in the middle too, until there is no `next`."""
        for rows, _ in self.cursored(path, limit=limit, **params):
            yield rows

    def cursored(
        self, path: str, *, limit: int = 500, **params: Any
    ) -> Iterator[tuple[list[dict[str, Any]], str | None]]:
        """Pages with the cursor after each, to go on from there (`after=`) another time; None after the last.

        An edge without cursors goes on by the query of its `next`, and can not be resumed. CursorExpired when
        Meta does not know the place any more.
        """
        following: dict[str, Any] = {}
        for _ in range(MOST_PAGES):
            answer = self._page(path, {"limit": limit, **params}, following)
            paging = answer.get("paging") or {}
            more = paging.get("next")
            after = (paging.get("cursors") or {}).get("after") if more else None
            yield answer.get("data", []), after
            if not more:
                return
            onward = {"after": after} if after else _position(more)
            if not onward or onward == following:
                raise errors.BadGateway()  # the same page for ever
            following = onward
        raise errors.TooMuchData()

    def _page(self, path: str, params: dict[str, Any], following: dict[str, Any]) -> dict[str, Any]:
        try:
            return self.get(path, **{**params, **following})
        except errors.Refused as refused:
            # what was good for the page before is good for this one, but for the place
            if refused.meta_code == 100 and (following or "after" in params):
                raise errors.CursorExpired(
                    meta_code=100, subcode=refused.subcode, trace=refused.trace
                ) from None
            raise

    # -- writes

    def post(self, path: str, **params: Any) -> dict[str, Any]:
        """Write once; UnknownOutcome when the answer never came: the caller looks before trying again."""
        return self._write("POST", path, params)

    def delete(self, path: str, **params: Any) -> dict[str, Any]:
        return self._write("DELETE", path, params)

    def upload(self, path: str, name: str, file: Upload, **params: Any) -> dict[str, Any]:
        """Send a file as one part of a write; it may take as long as large ones do."""
        return self._write("POST", path, params, files={name: (file.name, file.content, file.kind)})

    def write_verified(
        self, path: str, params: dict[str, Any], read_back: Callable[[Gateway], bool]
    ) -> dict[str, Any]:
        """Update an object and be sure of it: when no answer came, `read_back` looks whether it took.

        One second try when it did not; for updates that may be repeated only, never for creates.
        """
        try:
            return self.post(path, **params)
        except errors.UnknownOutcome:
            if read_back(self):
                return {"success": True}
        return self.post(path, **params)

    def _write(
        self, method: str, path: str, params: dict[str, Any], files: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        try:
            return self._call(method, path, params, LONGEST_UPLOAD if files else self._once, files)
        except UNHEARD as error:
            lost = errors.UnknownOutcome(meta_code=error.meta_code, subcode=error.subcode, trace=error.trace)
        raise lost

    # -- several at once

    def batch(self, calls: list[Call]) -> list[dict[str, Any] | errors.MetaError]:
        """Answers in the order of the calls; a failed one is its typed failure. Every call counts as one.

        Reads that Meta did not get to are asked again; a write it did not get to is an UnknownOutcome.
        """
        answers: dict[int, dict[str, Any] | errors.MetaError] = {}
        open_calls = dict(enumerate(calls))
        for _ in range(READ_TRIES):
            numbers = list(open_calls)
            for start in range(0, len(numbers), BATCH):
                chunk = numbers[start : start + BATCH]
                answers.update(zip(chunk, self._batch([calls[n] for n in chunk]), strict=True))
            open_calls = {n: calls[n] for n in numbers if calls[n].method == "GET" and _not_run(answers[n])}
            if not open_calls:
                break
        return [answers[n] for n in range(len(calls))]

    def _batch(self, calls: list[Call]) -> list[dict[str, Any] | errors.MetaError]:
        form = {"batch": json.dumps([call.entry for call in calls])}
        if all(call.method == "GET" for call in calls):
            inner = self._tried("POST", "", form).get("data")
        else:
            inner = self._write("POST", "", form).get("data")
        if not isinstance(inner, list) or len(inner) != len(calls):
            raise errors.UnknownOutcome()
        return [self._inner(entry) for entry in inner]

    def _inner(self, entry: dict[str, Any] | None) -> dict[str, Any] | errors.MetaError:
        if entry is None:
            self._count("not_run")
            return errors.UnknownOutcome()
        headers = {str(item["name"]).lower(): item["value"] for item in entry.get("headers") or []}
        answer = Answer(int(entry.get("code") or 0), headers, str(entry.get("body") or "").encode())
        try:
            found = self._judged(answer)
        except errors.MetaError as failed:
            self._count(type(failed).__name__)
            return failed
        self._count("ok")
        return found

    # -- the one call

    def _tried(self, method: str, path: str, params: dict[str, Any]) -> dict[str, Any]:
        """Up to four tries with full jitter. A person's read ends with the time one answer may take."""
        longest = self._once if self._lane is Lane.HUMAN else max(self._once, LONGEST_READ)
        ends = self._clock() + longest
        attempt = 0
        while True:
            attempt += 1
            try:
                return self._call(method, path, params, min(self._once, ends - self._clock()))
            except TRY_AGAIN as error:
                most = UNRECOGNISED_TRIES if isinstance(error, errors.Unrecognised) else READ_TRIES
                pause = random.uniform(0, 0.5 * 2**attempt)  # noqa: S311 - full jitter
                if attempt >= most or self._clock() + pause >= ends:
                    raise
            self._sleep(pause)

    def _call(
        self,
        method: str,
        path: str,
        params: dict[str, Any],
        patience: float,
        files: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        self._await_quota(path)
        try:
            answer = self._wire.send(method, path, _texts(params), patience=patience, files=files)
            if answer is None:
                raise errors.BadGateway()
            found = self._judged(answer)
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
        if path:  # a batch counts by its calls
            self._count("ok")
        return found

    def _await_quota(self, path: str) -> None:
        insights = path.endswith("/insights") if path else None
        try:
            pause = self._pacing.wait(self._lane, insights=insights)
        except errors.Throttled as throttled:
            left = (throttled.until - now()).total_seconds()
            if self._lane is not Lane.HUMAN or left > HUMAN_WAIT:
                self._count("held_back")
                raise
            pause = max(0.0, left)
        if pause:
            self._sleep(pause)

    def _judged(self, answer: Answer) -> dict[str, Any]:
        """The data of an answer, or the typed failure it is; what its headers say is kept either way."""
        self._pacing.learn(answer.headers)
        warning = answer.headers.get("x-ad-api-version-warning")
        if warning:
            alarm("version_warning", warning=scrub(str(warning)))
        body = answer.body
        if isinstance(body, dict) and isinstance(body.get("error"), dict):
            raise self._failure(body["error"], answer)
        if answer.status >= 300 or not isinstance(body, dict | list):
            raise errors.BadGateway()
        if isinstance(body, list):
            return {"data": body}
        if body.get("success") is False:
            raise errors.BadGateway()  # a no without a reason: whoever wrote looks what became of it
        return body

    def _failure(self, error: dict[str, Any], answer: Answer) -> errors.MetaError:
        failed = classify.failure(
            error,
            answer.status,
            lambda code, subcode: self._pacing.block(answer.headers, code, subcode),
        )
        if isinstance(failed, errors.AppMisconfigured | errors.VersionRetired):
            alarm(failed.code, meta_code=failed.meta_code, trace=failed.trace)
        return failed

    def _count(self, outcome: str) -> None:
        metrics.meta_api_calls.labels(lane=self._lane.value, outcome=outcome).inc()
        tally.count(broker.connection(), self._key, self._account, self._lane, outcome)


def _not_run(answer: dict[str, Any] | errors.MetaError) -> bool:
    return isinstance(answer, errors.UnknownOutcome)


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
