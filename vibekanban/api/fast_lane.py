"""The fast lane: the plain form of the hottest requests, answered in front of the middleware and the routes.

Passing them costs more than such an answer. What they would have done is done here, to the same answer and headers;
whatever is not plain goes on to them as if nobody had looked: odd bodies, parameters, other formats, unknown tokens,
failures of ours.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, cast

import orjson
import psycopg
import redis.exceptions
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vibekanban.api import errors, mcp_tools, meta_campaigns, middleware, rate_limits
from vibekanban.core import logging, security
from vibekanban.core.errors import AppError, NotSignedIn, TooMany
from vibekanban.core.security import Claims
from vibekanban.domains.access.errors import BadToken
from vibekanban.domains.accounts import sessions
from vibekanban.domains.meta import hot_campaigns
from vibekanban.domains.tools import calls, hot
from vibekanban.domains.tools.numbers import GetMetrics

LONGEST = 4096  # bytes: longer bodies are not plain
_JSON = (b"content-type", b"application/json")

log = logging.logger(__name__)
Headers = Mapping[bytes, bytes]
Told = list[tuple[bytes, bytes]]  # headers of the answer, filled as they become known


@dataclass(frozen=True)
class Lane:
    """What of a request is plain (None: it is not), how that is answered, and the route that answers all others."""

    route: APIRoute
    plain: Callable[[Headers, bytes], Any]
    answer: Callable[[Any, Scope, Headers, Told], Awaitable[bytes]]


class FastLane:
    """Answers what is plain, and hands on what is not."""

    def __init__(self, app: ASGIApp, barred: rate_limits.Barred) -> None:
        self._app = app
        self._barred = barred

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lane = LANES.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if lane is None or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        headers = dict(reversed(scope["headers"]))  # of several alike the first, as everywhere
        with_body = scope["method"] == "POST"
        if not self._may_be(headers, scope) or (with_body and not _short_json(headers)):
            await self._app(scope, receive, send)
            return
        messages = await _whole(receive) if with_body else []
        asked = lane.plain(headers, b"".join(message.get("body", b"") for message in messages))
        if asked is None or not await _answered(lane, asked, headers, scope, send):
            await self._app(scope, _again(messages, receive), send)

    def _may_be(self, headers: Headers, scope: Scope) -> bool:
        """Whether a program asks (a browser's cookie needs the checks of the middleware) that is not barred."""
        return b"authorization" in headers and not (
            self._barred and self._barred.left(middleware.address(scope))
        )


async def _answered(lane: Lane, asked: Any, headers: Headers, scope: Scope, send: Send) -> bool:
    """Whether it could be answered; nothing was sent when not."""
    request_id = middleware.named(_header(headers, b"x-request-id"))
    started = time.perf_counter()
    within = logging.request_id.set(request_id)
    told: Told = []
    status, failure, body = 200, None, b""
    try:
        body = await lane.answer(asked, scope, headers, told)
    except BadToken:  # counted by the middleware
        return False
    except psycopg.Error as error:  # the route tries again, or says so
        log.warning("fast_lane.failed", path=scope["path"], reason=type(error).__name__)
        return False
    except AppError as error:
        status, failure = error.status, error
    except Exception as error:
        # the last line of defence, as in the middleware: an answer without details
        log.error("request.failed", method=scope["method"], path=scope["path"], exc_info=error)
        status, failure, told = 500, AppError(), []
    finally:
        logging.request_id.reset(within)
    try:
        if failure is None:
            length = (b"content-length", b"%d" % len(body))
            whole = [*told, _JSON, length, *middleware.json_headers(request_id)]
            await send({"type": "http.response.start", "status": 200, "headers": whole})
            await send({"type": "http.response.body", "body": body})
        else:
            await _refuse(failure, request_id, told, scope, send)
    finally:
        middleware.measured(scope["method"], lane.route.path, status, time.perf_counter() - started)
    return True


async def _refuse(error: AppError, request_id: str, told: Told, scope: Scope, send: Send) -> None:
    scope["state"] = {**scope.get("state", {}), "request_id": request_id}

    async def with_headers(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = middleware.with_ours([*message["headers"], *told], request_id)
        await send(message)

    await errors.answer(error, scope)(scope, _nothing, with_headers)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


def _short_json(headers: Headers) -> bool:
    """Whether the body is announced as a short JSON text."""
    length = headers.get(b"content-length", b"")
    kind = headers.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return kind == b"application/json" and length.isdigit() and int(length) <= LONGEST


async def _whole(receive: Receive) -> list[Message]:
    """The request up to its end, or up to where the caller hung up."""
    messages = [await receive()]
    while messages[-1].get("more_body", False):
        messages.append(await receive())
    return messages


def _again(messages: list[Message], receive: Receive) -> Receive:
    """What was read already, and then what is still to come."""
    waiting = iter(messages)

    async def replayed() -> Message:
        for message in waiting:
            return message
        return await receive()

    return replayed


def _header(headers: Headers, name: bytes) -> str | None:
    value = headers.get(name)
    return None if value is None else value.decode("latin-1")


def _tell(told: Told, headers: Mapping[str, str]) -> None:
    told += [(_lower(name), value.encode()) for name, value in headers.items()]


@cache
def _lower(name: str) -> bytes:
    return name.lower().encode()


# -- the lanes


def _asked(_headers: Headers, body: bytes) -> tuple[GetMetrics, dict[str, Any]] | None:
    """`get_metrics` for the days of a campaign; programs ask the same again and again."""
    return _read(body)


@lru_cache(maxsize=1000)
def _read(body: bytes) -> tuple[GetMetrics, dict[str, Any]] | None:
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    arguments: Any = told.get("arguments") if isinstance(told, dict) and len(told) == 1 else None
    asked = hot.fits(arguments) if isinstance(arguments, dict) else None
    return None if asked is None else (asked, arguments)


async def _metrics(
    plain: tuple[GetMetrics, dict[str, Any]], _scope: Scope, headers: Headers, told: Told
) -> bytes:
    """A token's calls are counted with the call."""
    left, result = await calls.metrics_call(_header(headers, b"authorization"), *plain, door="http")
    _tell(told, left.headers)
    return b'{"result":%b}' % result


def _claims(headers: Headers, _body: bytes) -> Claims | None:
    """The first page of one's campaigns, for a program that is signed in."""
    if b"text/csv" in headers.get(b"accept", b"").lower():
        return None
    return security.read(sessions.bearer_token(_header(headers, b"authorization")) or "")


async def _campaigns(claims: Claims, scope: Scope, _headers: Headers, told: Told) -> bytes:
    try:
        count = await rate_limits.general().take(f"user:{claims.user_id}")
    except redis.exceptions.RedisError as error:  # an API without limits is better than none
        log.warning("limits.unavailable", reason=type(error).__name__)
    else:
        scope["state"] = {**scope.get("state", {}), "count": count}  # should the route have to answer
        _tell(told, rate_limits.headers(count))
        if count.exceeded:
            raise TooMany(retry_after=count.reset_in)
    page = await hot_campaigns.first_page(claims)
    if page is None:
        raise NotSignedIn()
    return page


def _route(routes: list[Any], name: str) -> APIRoute:
    return cast(APIRoute, next(route for route in routes if route.name == name))


LANES = {
    ("POST", f"{mcp_tools.router.prefix}/{calls.METRICS}"): Lane(
        _route(mcp_tools.router.routes, "call"), _asked, _metrics
    ),
    ("GET", f"{meta_campaigns.router.prefix}/campaigns"): Lane(
        _route(meta_campaigns.router.routes, "campaign_list"), _claims, _campaigns
    ),
}
