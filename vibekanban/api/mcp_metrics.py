"""The fast lane of the JSON twin: `get_metrics` of a campaign's days, answered before the routes are looked through.

Whatever is not plain goes on to the routes as if nobody had looked: odd bodies, other arguments, failures of ours.
"""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vibekanban.api import errors, mcp_tools
from vibekanban.core.errors import AppError
from vibekanban.core.logging import logger
from vibekanban.domains.tools import calls, hot

PATH = f"{mcp_tools.router.prefix}/{calls.METRICS}"
ROUTE = next(
    route for route in mcp_tools.router.routes if isinstance(route, APIRoute) and route.name == "call"
)
LONGEST = 4096  # bytes: arguments of this tool are short, whatever is longer is not plain

log = logger(__name__)


class FastLane:
    """Innermost middleware: what the limits and checks around it let through."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self._app(scope, receive, send)
            return
        headers = dict(reversed(scope["headers"]))  # of several alike the first, as everywhere
        if not _plain(headers):
            await self._app(scope, receive, send)
            return
        messages = await _whole(receive)
        answer = await self._answer(scope, headers, _arguments(messages))
        if answer is None:
            await self._app(scope, _again(messages, receive), send)
            return
        scope["route"] = ROUTE
        await answer(scope, receive, send)

    async def _answer(
        self, scope: Scope, headers: dict[bytes, bytes], arguments: dict[str, Any] | None
    ) -> Response | None:
        asked = hot.fits(arguments) if arguments is not None else None
        if asked is None or arguments is None:
            return None
        authorization = headers.get(b"authorization", b"").decode("latin-1")
        try:
            left, text = await calls.metrics_call(authorization, asked, arguments, door="http")
        except AppError as error:
            return errors.answer(error, scope)
        except psycopg.Error as error:
            log.warning("metric_read_failed", reason=type(error).__name__)
            return None
        return Response(f'{{"result":{text}}}', headers=left.headers, media_type="application/json")


def _plain(headers: dict[bytes, bytes]) -> bool:
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


def _arguments(messages: list[Message]) -> dict[str, Any] | None:
    """The arguments of a body that has nothing else."""
    try:
        body = orjson.loads(b"".join(message.get("body", b"") for message in messages))
    except orjson.JSONDecodeError:
        return None
    arguments = body.get("arguments") if isinstance(body, dict) else None
    return arguments if isinstance(arguments, dict) and len(body) == 1 else None
