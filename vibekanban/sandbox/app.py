"""The sandbox as one ASGI application: Meta's Graph API, the sign-in dialog, the mail service, the tests' hand."""

from __future__ import annotations

from pathlib import Path

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vibekanban.core.settings import settings
from vibekanban.sandbox.graph.admin import Admin
from vibekanban.sandbox.graph.server import Server
from vibekanban.sandbox.mail import Mail


def create_app(*, seed: int, data_dir: Path, app_id: str, app_secret: str, mail_key: str) -> Starlette:
    """A sandbox that remembers in `data_dir`; the app's id and secret are what the product must sign with."""
    server = Server(seed=seed, folder=data_dir / "sandbox", app_id=app_id, app_secret=app_secret)
    mail = Mail(server.store, server.clock, mail_key)

    async def graph(request: Request) -> Response:
        return await server(request)

    async def health(_request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    return Starlette(
        routes=[
            Route("/healthz", health),
            *Admin(server).routes(),
            *mail.routes(),
            Route("/{path:path}", graph, methods=["GET", "POST", "DELETE"]),
        ]
    )


def app() -> Starlette:
    """The sandbox of this machine's settings."""
    chosen = settings()
    return create_app(
        seed=chosen.sandbox_seed,
        data_dir=chosen.data_dir,
        app_id=chosen.meta_app_id,
        app_secret=chosen.meta_app_secret,
        mail_key=chosen.sendgrid_api_key,
    )
