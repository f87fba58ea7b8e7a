"""The composition root of the web process: pages and their guard, beside the API behind one door."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import reflex as rx
from starlette.types import ASGIApp

from vibekanban import serving
from vibekanban.core import logging
from vibekanban.ui import front_door, guard, pages
from vibekanban.ui.components import overlay

logging.configure()
api = serving.create_api()


@asynccontextmanager
async def resources() -> AsyncIterator[None]:
    """What API, MCP and pages hold while this process serves. Reflex does not run the API's own lifespan."""
    async with serving.resources():
        yield


def one_door(reflex_app: ASGIApp) -> ASGIApp:
    return front_door.FrontDoor(api, reflex_app)


app = rx.App(
    api_transformer=one_door,
    backend_exception_handler=guard.unexpected,
    stylesheets=pages.STYLESHEETS,
    head_components=pages.head(),
    toaster=overlay.toasts(),
    html_lang="es",
    reset_style=False,  # Tailwind's is the same
)
app.app_wraps[(5, "Overlay")] = lambda _stateful: rx.fragment(overlay.offline())  # a wrap holds the page
app.add_middleware(guard.Gate(), index=0)
app.register_lifespan_task(resources)
pages.register_all(app)
