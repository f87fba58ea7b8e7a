"""The sandbox as one ASGI application: Meta's Graph API, the sign-in dialog, the mail service,
Slack, a receiver of webhooks, n8n, exchange rates, the tests' hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from vibekanban.core.settings import settings
from vibekanban.sandbox.graph import previews
from vibekanban.sandbox.graph.admin import Admin
from vibekanban.sandbox.graph.faults import RAW_SEND
from vibekanban.sandbox.graph.server import Server
from vibekanban.sandbox.hooks import Hooks
from vibekanban.sandbox.mail import Mail
from vibekanban.sandbox.n8n.server import N8n
from vibekanban.sandbox.rates import Rates


def create_app(
    *,
    seed: int,
    data_dir: Path,
    app_id: str,
    app_secret: str,
    mail_key: str = "",
    n8n_key: str = "n8n",
    n8n_owner: tuple[str, str] = ("owner@sandbox.vibekanban.com", "n8n"),
) -> ASGIApp:
    """A sandbox that remembers in `data_dir`; the app's id and secret are what the product must sign with.

    Without a `mail_key` the mail service takes any key; n8n takes `n8n_key`, and its owner's address and password.
    """
    server = Server(seed=seed, folder=data_dir / "sandbox", app_id=app_id, app_secret=app_secret)
    parts = server.parts

    n8n = N8n(parts.store, parts.clock, key=n8n_key, email=n8n_owner[0], password=n8n_owner[1])

    async def graph(request: Request) -> Response:
        return await server(request)

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def icon(_request: Request) -> Response:
        return Response(status_code=204)  # browsers ask for it; Meta's 400 would stand in their console

    @asynccontextmanager
    async def running(_app: Starlette) -> AsyncIterator[None]:
        async with n8n.running():
            yield
        parts.close()

    routes = [
        Route("/healthz", health),
        Route("/favicon.ico", icon),
        Route(previews.PATH, previews.page),
        *Admin(parts).routes(),
        *Mail(parts.store, parts.clock, mail_key).routes(),
        *Hooks(parts.store, parts.clock).routes(),
        *Rates(parts.clock).routes(),
        *n8n.routes(),
        Route("/{path:path}", graph, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
    ]
    starlette = Starlette(routes=routes, lifespan=running)

    async def outermost(scope: Scope, receive: Receive, send: Send) -> None:
        scope[RAW_SEND] = send
        await starlette(scope, receive, send)

    return outermost


def app() -> ASGIApp:
    """The sandbox of this machine's settings."""
    chosen = settings()
    return create_app(
        seed=chosen.sandbox_seed,
        data_dir=chosen.data_dir,
        app_id=chosen.meta_app_id,
        app_secret=chosen.meta_app_secret,
        mail_key=chosen.sendgrid_api_key,
        n8n_key=chosen.n8n_api_key,
        n8n_owner=(chosen.n8n_owner, chosen.n8n_owner_password),
    )
