"""What goes out when something went wrong inside the SDK or in a handler of ours: a sentence, never insides."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import mcp_types as types
import orjson
from mcp.server import ServerRequestContext
from mcp.shared.exceptions import MCPError
from starlette.types import Message, Send

from vibekanban.core.errors import AppError
from vibekanban.core.logging import logger
from vibekanban.domains.tools import calls
from vibekanban.mcp.door import visit_of

P = TypeVar("P")
R = TypeVar("R")
Context = ServerRequestContext[Any, Any]
NO_FRAME = "Validation error"  # how the SDK begins its report, which goes on with types and a link to pydantic's site

log = logger(__name__)


def sealed(handler: Callable[[Context, P], Awaitable[R]]) -> Callable[[Context, P], Awaitable[R]]:
    """The handler, whose bugs are told by a sentence and logged: the SDK would send the exception's own text."""

    async def inside(context: Context, params: P) -> R:
        try:
            return await handler(context, params)
        except MCPError:
            raise
        except Exception:  # a bug, or a server of ours that is away: the log gets the trace
            log.exception("mcp_handler_crashed", handler=getattr(handler, "__name__", ""))
            locale, error = visit_of(context.request).locale, AppError()
            said = calls.explained(error, locale)
            raise MCPError(types.INTERNAL_ERROR, error.sentence(locale), said) from None

    return inside


class WithoutReports:
    """Passes an answer on; a refusal of a message that is no JSON-RPC loses the validator's report."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._held: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and message["status"] == 400:
            self._held = message
            return
        if self._held is None:
            await self._send(message)
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        body = _without_report(self._body)
        headers = [pair for pair in self._held["headers"] if pair[0].lower() != b"content-length"]
        length = (b"content-length", str(len(body)).encode())
        await self._send({**self._held, "headers": [*headers, length]})
        await self._send({**message, "body": body})


def _without_report(body: bytes) -> bytes:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body
    error = answer.get("error") if isinstance(answer, dict) else None
    if not isinstance(error, dict) or not str(error.get("message")).startswith(f"{NO_FRAME}:"):
        return body
    error["message"] = f"{NO_FRAME}: not a JSON-RPC 2.0 message"
    return orjson.dumps(answer)
