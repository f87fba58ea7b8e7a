"""A caller that hangs up before its answer is there: long work that looks is told so."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import Request

from vibekanban.domains.tools.following import Watch


@asynccontextmanager
async def heard(request: Request) -> AsyncIterator[Watch]:
    """Work that looks while the answer is made; the request's body has been read."""
    gone = threading.Event()

    async def listen() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        gone.set()

    listening = asyncio.create_task(listen())
    try:
        yield Watch(cancelled=gone.is_set)
    finally:
        listening.cancel()
