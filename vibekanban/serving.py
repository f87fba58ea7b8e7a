"""The application that every serving process serves: API and MCP together, and what they hold for their life."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from vibekanban.api import app
from vibekanban.core import logging
from vibekanban.mcp import server


def create_api() -> FastAPI:
    """Routes of the API and of MCP; whoever serves it enters `resources()`."""
    api = app.create_api()
    api.router.routes[:0] = server.routes()  # before the API's own answer for addresses that do not exist
    return api


@asynccontextmanager
async def resources() -> AsyncIterator[None]:
    """Pools, the live stream's listener and the MCP server, for the life of a process."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.lifespan())
        await stack.enter_async_context(server.lifespan())
        yield


def standalone() -> FastAPI:
    """API and MCP as an application of their own, for processes that serve no pages."""
    logging.configure()
    api = create_api()

    @asynccontextmanager
    async def life(_api: FastAPI) -> AsyncIterator[None]:
        async with resources():
            yield

    api.router.lifespan_context = life
    return api
