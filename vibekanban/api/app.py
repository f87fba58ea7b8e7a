"""Assembles the API: routes, failures, middleware and what a serving process holds for its life."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from fastapi import FastAPI

from vibekanban.api import errors
from vibekanban.core import broker, pools

SUBJECTS = (
    "accounts",
    "browser",
    "users",
    "notifications",
    "stream",
    "health",
    "meta_connections",
    "meta_campaigns",
    "meta_metrics",
    "jobs",
    "mcp_tokens",
    "mcp_tools",
    "audit",
)


def create_api() -> FastAPI:
    """The API without a lifespan: whoever serves it enters `lifespan()`."""
    api = FastAPI(
        title="Vibe Kanban API", version="1", docs_url=None, redoc_url=None, openapi_url="/api/openapi.json"
    )
    errors.install(api)
    for subject in SUBJECTS:
        name = f"vibekanban.api.{subject}"
        if importlib.util.find_spec(name) is not None:
            api.include_router(importlib.import_module(name).router)
    return api


@asynccontextmanager
async def lifespan() -> AsyncIterator[None]:
    """What a serving process holds: database pools, the Redis connection of its event loop."""
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(pools.opened())
        try:
            yield
        finally:
            await broker.async_connection().aclose()
            broker.async_connection.cache_clear()


def standalone() -> FastAPI:
    """The API as an application of its own."""
    api = create_api()

    @asynccontextmanager
    async def life(_api: FastAPI) -> AsyncIterator[None]:
        async with lifespan():
            yield

    api.router.lifespan_context = life
    return api
