"""The one door of the web process: the API, or Reflex with cache and safety headers."""

from __future__ import annotations

from urllib.parse import quote

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vibekanban.core.settings import settings
from vibekanban.domains.accounts import hot, sessions

FIXED = ("/assets/", "/fonts/")
SHORT = {"/board": "/app/board"}  # addresses to say aloud
API_PATHS = ("/api", "/mcp", "/healthz", "/readyz", "/metrics", "/auth", "/s/", "/oauth", "/.well-known")


class FrontDoor:
    """Sends each request to the API or to Reflex, and the signed-out away from the pages of /app."""

    def __init__(self, api: ASGIApp, pages: ASGIApp) -> None:
        self._api = api
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._pages(scope, receive, send)
            return
        path: str = scope["path"]
        if path.startswith(API_PATHS):
            await self._api(scope, receive, send)
            return
        query = scope["query_string"].decode("latin-1")
        whole = f"{path}?{query}" if query else path
        if short := SHORT.get(path.removeprefix("/en").rstrip("/")):
            await RedirectResponse(whole.replace(path.removeprefix("/en"), short, 1), 307)(
                scope, receive, send
            )
            return
        if _is_private(path) and not await _signed_in(scope):
            where = "/en/sign-in" if path.startswith("/en/") else "/sign-in"
            await RedirectResponse(f"{where}?next={quote(whole)}", 303)(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                if path.startswith(FIXED):
                    for name in ("etag", "last-modified", "accept-ranges"):
                        del headers[name]
                for name, value in page_headers(path).items():
                    headers[name] = value
            await send(message)

        await self._pages(scope, receive, with_headers)


def page_headers(path: str) -> dict[str, str]:
    """Build artefacts and fonts never change under their name; everything else is asked again."""
    if path.startswith(FIXED):  # and carry no more than they must: a page has two dozen of them
        return {"Cache-Control": "public, max-age=31536000, immutable", "X-Content-Type-Options": "nosniff"}
    headers = {
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "strict-origin-when-cross-origin",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }
    if settings().secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _is_private(path: str) -> bool:
    route = path.removeprefix("/en")
    return (route == "/app" or route.startswith("/app/")) and "." not in route.rsplit("/", 1)[-1]


async def _signed_in(scope: Scope) -> bool:
    token = HTTPConnection(scope).cookies.get(sessions.cookie_name())
    return token is not None and await hot.seen(token) is not None
