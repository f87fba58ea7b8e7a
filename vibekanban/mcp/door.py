"""Who may come in at /mcp: a good token with calls left in its minute; POST only."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vibekanban.core import i18n
from vibekanban.core.errors import AppError
from vibekanban.domains.access import allowance, hot
from vibekanban.domains.access.errors import BadToken
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.tools.calls import explained
from vibekanban.mcp import following, oauth

LONGEST = 256 * 1024  # bytes: arguments are short
KEY = "vibekanban.visit"


@dataclass(frozen=True)
class Visit:
    """One request: who calls, in which language, and whether they want to be told how far it is."""

    caller: Caller
    locale: i18n.Locale
    follows: bool = False


def visit_of(request: Request | None) -> Visit:
    """The visit behind the request that the SDK hands to a handler."""
    if request is None:
        raise RuntimeError("MCP is served over HTTP only")
    return request.scope[KEY]


class Door:
    """Checks the token and its allowance before the SDK sees the request."""

    def __init__(self, inside: ASGIApp) -> None:
        self.inside = inside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        locale = i18n.accepted(request.headers.get("accept-language"))
        try:
            caller = await hot.caller(request.headers.get("authorization"))
            if request.method != "POST":
                # a stateless server has nothing to stream and no session to end
                await Response(status_code=405, headers={"Allow": "POST"})(scope, receive, send)
                return
            left = await allowance.take(caller.token_id)
            if scope["query_string"]:
                caller = caller.during(request.query_params.get("run"))
        except AppError as error:
            await _refused(error, locale)(scope, receive, send)
            return
        body, receive = await _peeked(receive)
        if following.CALLED_OFF in body:
            await following.call_off(caller.token_id, body)
        streams = "text/event-stream" in request.headers.get("accept", "")
        scope[KEY] = Visit(caller, locale, follows=streams and following.ASKED in body)

        async def with_allowance(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = [(name.lower().encode(), value.encode()) for name, value in left.headers.items()]
                message = {**message, "headers": [*message["headers"], *extra]}
            await send(message)

        await self.inside(scope, receive, with_allowance)


async def _peeked(receive: Receive) -> tuple[bytes, Receive]:
    """The body as far as it is looked at, and how to receive all of it."""
    messages = [await receive()]
    size = len(messages[0].get("body", b""))
    while messages[-1].get("more_body", False) and size <= LONGEST:
        messages.append(await receive())
        size += len(messages[-1].get("body", b""))
    waiting = iter(messages)

    async def again() -> Message:
        for message in waiting:
            return message
        return await receive()

    return b"".join(message.get("body", b"") for message in messages), again


def _refused(error: AppError, locale: i18n.Locale) -> JSONResponse:
    headers = {}
    if isinstance(error, BadToken):
        headers["WWW-Authenticate"] = (
            f'Bearer realm="mcp", error="invalid_token", resource_metadata="{oauth.resource_metadata()}"'
        )
    if isinstance(error, allowance.Spent):
        headers["Retry-After"] = str(error.retry_after)
    return JSONResponse(explained(error, locale), status_code=error.status, headers=headers)
