"""The composition root of the web process: pages and their guard, beside the API behind one door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx

from vibekanban import serving
from vibekanban.core import logging
from vibekanban.ui import front_door, guard, pages

logging.configure()
api = serving.create_api()


@asynccontextmanager
async def resources() -> AsyncIterator[None]:
    """What API, MCP and pages hold while this process serves. Reflex does not run the API's own lifespan."""
    async with serving.resources(api):
        yield


app = rx.App(
    api_transformer=lambda reflex_app: front_door.FrontDoor(api, reflex_app),
    backend_exception_handler=guard.unexpected,
    stylesheets=pages.STYLESHEETS,
    head_components=pages.head(),
    html_lang="es",
)
app.add_middleware(guard.Gate(), index=0)
app.register_lifespan_task(resources)
pages.register(app)
