"""What every request passes before its route: its id, the safety headers, the limits, the origin check.

Plain ASGI throughout, so that streams flow and cancellation arrives.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable
from functools import cache
from urllib.parse import urlsplit

import redis.exceptions
import uuid_utils
from prometheus_client import Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vibekanban.api import errors, rate_limits
from vibekanban.api.rate_limits import Barred
from vibekanban.core import logging, metrics, security
from vibekanban.core.counting import Count
from vibekanban.core.errors import AppError, TooMany
from vibekanban.core.settings import settings
from vibekanban.domains.access import tokens
from vibekanban.domains.accounts import hot, sessions

log = logging.logger(__name__)

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_SLOW = 2.0
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_HSTS = (b"strict-transport-security", b"max-age=31536000")
_NO_STORE = (b"cache-control", b"no-store")
LARGEST_BODY = 1_048_576  # bytes
UPLOADS = "/api/meta/media"  # counts for itself, by what is sent


def address(scope: Scope) -> str:
    """The caller's address: the peer's, or what the outermost trusted proxy saw."""
    client = scope.get("client")
    peer = str(client[0]) if client else ""
    hops = settings().trusted_proxy_hops
    if not hops:
        return peer
    seen = [part.strip() for part in ",".join(Headers(scope=scope).getlist("x-forwarded-for")).split(",")]
    seen = [part for part in seen if part]
    return seen[-min(hops, len(seen))] if seen else peer


def header(scope: Scope, name: bytes) -> str | None:
    """The first header of a name, given in lower case."""
    for known, value in scope["headers"]:
        if known == name:
            return value.decode("latin-1")
    return None


def cookie(headers: Headers) -> str | None:
    """The browser session's token, read as the routes read it: what one check overlooks, another would trust."""
    return HTTPConnection({"type": "http", "headers": headers.raw}).cookies.get(sessions.cookie_name())


class Traced:
    """Outermost: names the request, measures it, and answers when something unexpected failed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = named(header(scope, b"x-request-id"))
        scope["state"] = {**scope.get("state", {}), "request_id": request_id, "address": address(scope)}
        status = 500
        started = time.perf_counter()

        async def with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": with_ours(message.get("headers", ()), request_id)}
            await send(message)

        within = logging.request_id.set(request_id)
        try:
            await self._answered(scope, receive, with_headers)
        finally:
            route = getattr(scope.get("route"), "path", None) or "unmatched"
            measured(scope["method"], route, status, time.perf_counter() - started)
            logging.request_id.reset(within)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            # the last line of defence: whatever a route did not foresee becomes an answer without details
            log.error("request.failed", method=scope["method"], path=scope["path"], exc_info=error)
            if started:
                raise
            await errors.answer(AppError(), scope)(scope, receive, send)


def named(given: str | None) -> str:
    """The request's id: the caller's, when it can be one."""
    return given if given and _REQUEST_ID.fullmatch(given) else uuid_utils.uuid4().hex


def measured(method: str, route: str, status: int, took: float) -> None:
    """Count a request and the seconds it took."""
    _durations(method, route, status).observe(took)
    if took > _SLOW and not route.endswith("/stream"):
        log.warning("request.slow", method=method, route=route, seconds=round(took, 2))


@cache
def _durations(method: str, route: str, status: int) -> Histogram:
    return metrics.api_request_duration.labels(method, route, str(status))


def with_ours(given: Iterable[tuple[bytes, bytes]], request_id: str) -> list[tuple[bytes, bytes]]:
    """An answer's headers with ours; what a route has set itself stays."""
    headers = list(given)
    known = dict(headers)
    headers += [pair for pair in _HEADERS if pair[0] not in known]
    if known.get(b"content-type", b"").startswith(b"application/json") and _NO_STORE[0] not in known:
        headers.append(_NO_STORE)
    if settings().secure_cookies:
        headers.append(_HSTS)
    headers.append((b"x-request-id", request_id.encode()))
    return headers


def json_headers(request_id: str) -> list[tuple[bytes, bytes]]:
    """The same for a JSON text that sets none of them itself."""
    secure = (_HSTS,) if settings().secure_cookies else ()
    return [*_HEADERS, _NO_STORE, *secure, (b"x-request-id", request_id.encode())]


class Sized:
    """Refuses bodies that are too large, before or while they arrive."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] == UPLOADS:
            await self._app(scope, receive, send)
            return
        announced = header(scope, b"content-length") or ""
        if announced.isdecimal() and int(announced) > LARGEST_BODY:
            await errors.answer(errors.TooLarge(limit_kb=LARGEST_BODY // 1024), scope)(scope, receive, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > LARGEST_BODY:
                raise HTTPException(413)  # the one kind of exception FastAPI passes on while it reads a body
            return message

        await self._app(scope, counted, send)


class Limited:
    """Refuses who calls too often; every answer says where the caller stands."""

    def __init__(self, app: ASGIApp, barred: Barred) -> None:
        self._app = app
        self._barred = barred

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(rate_limits.UNLIMITED):
            await self._app(scope, receive, send)
            return
        bearer = header(scope, b"authorization")
        if (sessions.bearer_token(bearer) or "").startswith(f"{tokens.PREFIX}_"):
            await self._with_mcp_token(scope, receive, send)
            return
        count = scope["state"].get("count") or await self._count(scope, bearer)
        if count is None:
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(rate_limits.headers(count))
            await send(message)

        if count.exceeded:
            refused = errors.answer(TooMany(retry_after=count.reset_in), scope)
            await refused(scope, receive, with_headers)
        else:
            await self._app(scope, receive, with_headers)

    async def _count(self, scope: Scope, bearer: str | None) -> Count | None:
        """None when Redis is away: an API without limits is better than none."""
        try:
            tries = scope["method"] == "POST" and scope["path"].startswith(rate_limits.SHARED)
            if tries or scope["path"] in rate_limits.SIGN_IN:
                return await rate_limits.sign_in().take(scope["state"]["address"])
            return await rate_limits.general().take(await _caller(scope, bearer))
        except redis.exceptions.RedisError as error:
            log.warning("limits.unavailable", reason=type(error).__name__)
            return None

    async def _with_mcp_token(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A token's calls are counted where it is checked; here only those that are none of ours."""
        who = scope["state"]["address"]
        left = self._barred.left(who)
        if left > 0:
            await errors.answer(TooMany(retry_after=int(left) + 1), scope)(scope, receive, send)
            return
        refused = False

        async def watched(message: Message) -> None:
            nonlocal refused
            refused = refused or (message["type"] == "http.response.start" and message["status"] == 401)
            await send(message)

        await self._app(scope, receive, watched)
        if not refused:
            return
        try:
            count = await rate_limits.bad_tokens().take(who)
        except redis.exceptions.RedisError as error:
            log.warning("limits.unavailable", reason=type(error).__name__)
            return
        if count.used >= count.limit:
            self._barred.bar(who, count.reset_in)


async def _caller(scope: Scope, bearer: str | None) -> str:
    """The user behind a good token or cookie, else the address: made-up ones open no count of their own."""
    if bearer is not None:
        claims = security.read(sessions.bearer_token(bearer) or "")
        return f"user:{claims.user_id}" if claims else f"address:{scope['state']['address']}"
    token = cookie(Headers(scope=scope))
    seen = await hot.seen(token)
    scope["state"]["seen"] = seen
    return f"user:{seen.user_id}" if seen else f"address:{scope['state']['address']}"


class SameOrigin:
    """Refuses writes that another site's page makes with the browser's cookie, and its sign-in forms."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] not in _SAFE_METHODS:
            headers = Headers(scope=scope)
            with_cookie = "authorization" not in headers and cookie(headers) is not None
            if (with_cookie or scope["path"].startswith("/auth/")) and not _ours(headers, strict=with_cookie):
                await errors.answer(errors.ForeignOrigin(), scope)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _ours(headers: Headers, *, strict: bool) -> bool:
    """Whether a page of ours made the request; without `strict` a program that says nothing passes too."""
    site = headers.get("sec-fetch-site")
    origin = headers.get("origin")
    if origin is not None:
        own = {settings().origin, settings().api_origin}
        return origin in own or (site != "cross-site" and urlsplit(origin).netloc == headers.get("host"))
    return site in {"same-origin", "none"} or (site is None and not strict)
