"""The fast lane: the plain form of the hottest requests, answered before the routes are looked through.

Looking through the routes and reading parameters costs more than such an answer. Whatever is not plain goes on to
its route as if nobody had looked: odd bodies, parameters, other formats, failures of ours.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

import orjson
import psycopg
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vibekanban.api import errors, mcp_tools, meta_campaigns
from vibekanban.core.errors import AppError, NotSignedIn
from vibekanban.core.logging import logger
from vibekanban.domains.accounts import hot as accounts
from vibekanban.domains.meta import hot_campaigns
from vibekanban.domains.tools import calls, hot

LONGEST = 4096  # bytes: longer bodies are not plain

log = logger(__name__)
Headers = Mapping[bytes, bytes]


@dataclass(frozen=True)
class Answer:
    """A JSON text with headers of its own."""

    text: str
    headers: Mapping[str, str]

    async def send(self, send: Send) -> None:
        body = self.text.encode()
        headers = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
        headers += [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@dataclass(frozen=True)
class Lane:
    """How a plain request is answered (None: it is not plain), and the route that answers all others."""

    route: APIRoute
    answer: Callable[[Headers, bytes], Awaitable[Answer | None]]


class FastLane:
    """Innermost of the middleware: for what the limits and checks around it let through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        lane = LANES.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if lane is None or scope["query_string"]:
            await self._app(scope, receive, send)
            return
        headers = dict(reversed(scope["headers"]))  # of several alike the first, as everywhere
        messages: list[Message] = []
        if scope["method"] == "POST":
            if not _short_json(headers):
                await self._app(scope, receive, send)
                return
            messages = await _whole(receive)
        try:
            answer = await lane.answer(headers, b"".join(message.get("body", b"") for message in messages))
        except AppError as error:
            scope["route"] = lane.route
            await errors.answer(error, scope)(scope, receive, send)
            return
        except psycopg.Error as error:  # the route tries again, or says so
            log.warning("fast_lane.failed", path=scope["path"], reason=type(error).__name__)
            answer = None
        if answer is None:
            await self._app(scope, _again(messages, receive), send)
            return
        scope["route"] = lane.route
        await answer.send(send)


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


# -- the lanes


async def _metrics(headers: Headers, body: bytes) -> Answer | None:
    """`get_metrics` for the days of a campaign."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    arguments: Any = told.get("arguments") if isinstance(told, dict) and len(told) == 1 else None
    asked = hot.fits(arguments) if isinstance(arguments, dict) else None
    if asked is None:
        return None
    authorization = _header(headers, b"authorization")
    left, result = await calls.metrics_call(authorization, asked, arguments, door="http")
    return Answer(f'{{"result":{result}}}', left.headers)


async def _campaigns(headers: Headers, _body: bytes) -> Answer | None:
    """The first page of one's campaigns, for a program."""
    bearer = _header(headers, b"authorization")
    if bearer is None or b"text/csv" in headers.get(b"accept", b"").lower():
        return None
    seen = await accounts.authenticate(bearer=bearer, cookie=None)
    if seen is None:
        raise NotSignedIn()
    return Answer(await hot_campaigns.campaigns(seen.user_id), {})


def _route(routes: list[Any], name: str) -> APIRoute:
    return cast(APIRoute, next(route for route in routes if route.name == name))


LANES = {
    ("POST", f"{mcp_tools.router.prefix}/{calls.METRICS}"): Lane(
        _route(mcp_tools.router.routes, "call"), _metrics
    ),
    ("GET", f"{meta_campaigns.router.prefix}/campaigns"): Lane(
        _route(meta_campaigns.router.routes, "campaign_list"), _campaigns
    ),
}
