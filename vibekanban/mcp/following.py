"""A call that its client follows: progress on the stream of its own answer, and calling it off."""

from __future__ import annotations

import asyncio
import threading
from typing import Any
from uuid import UUID

import orjson
from mcp.server import ServerRequestContext

from vibekanban.core import broker
from vibekanban.domains.tools.following import Watch

ASKED = b'"progressToken"'
CALLED_OFF = b'"notifications/cancelled"'
KEPT = 600  # seconds a calling-off waits for its call to look


class Followed:
    """One call in this process; its client calls it off by hanging up, or by a notification to any process."""

    def __init__(self, context: ServerRequestContext[Any, Any], token_id: UUID) -> None:
        self._context = context
        self._key = _key(token_id, context.request_id)
        self._loop = asyncio.get_running_loop()
        self._over = threading.Event()
        self._told = -1.0
        self.watch = Watch(follows=True, tell=self._tell, cancelled=self._cancelled)

    async def begin(self) -> None:
        """Forget a calling-off of an earlier call that had the same number."""
        await broker.async_connection().delete(self._key)

    def hang_up(self) -> None:
        """Nobody listens any more: the work stops where it next looks."""
        self._over.set()

    def _tell(self, done: float, total: float, message: str) -> None:
        if done <= self._told or self._over.is_set():
            return  # the protocol wants it to grow
        self._told = done
        said = self._context.session.report_progress(done, total, message)
        asyncio.run_coroutine_threadsafe(said, self._loop)

    def _cancelled(self) -> bool:
        return self._over.is_set() or bool(broker.connection().exists(self._key))


async def call_off(token_id: UUID, body: bytes) -> None:
    """Note that a client called one of its token's calls off; whoever runs it will see."""
    try:
        told = orjson.loads(body)
    except orjson.JSONDecodeError:
        return
    if not isinstance(told, dict) or told.get("method") != "notifications/cancelled":
        return
    params = told.get("params")
    number = params.get("requestId") if isinstance(params, dict) else None
    if isinstance(number, int | str) and not isinstance(number, bool):
        await broker.async_connection().set(_key(token_id, number), "1", ex=KEPT)


def _key(token_id: UUID, number: int | str | None) -> str:
    return f"mcp:called-off:{token_id}:{type(number).__name__}:{str(number)[:100]}"
