"""Giving a token back: the SDK wants a `client_secret` even of clients that have none, and RFC 7009 does not."""

from __future__ import annotations

from urllib.parse import parse_qsl

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

FIELD = "client_secret"
FORM = "application/x-www-form-urlencoded"


class SecretMayBeMissing:
    """Adds the empty field to a form without it. Who has a secret still has to show it: empty is not theirs."""

    def __init__(self, inside: ASGIApp) -> None:
        self.inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.method != "POST" or not request.headers.get("content-type", "").startswith(FORM):
            await self.inside(scope, receive, send)
            return
        body = await request.body()
        named = {name for name, _ in parse_qsl(body.decode("latin-1"), keep_blank_values=True)}
        if FIELD not in named:
            body += f"&{FIELD}=".encode()
        scope = {**scope, "headers": list(scope["headers"])}
        MutableHeaders(scope=scope)["content-length"] = str(len(body))
        given: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def again() -> Message:
            return given.pop() if given else await receive()

        await self.inside(scope, again, send)
