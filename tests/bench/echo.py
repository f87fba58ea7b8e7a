"""The product's web process with a bare echo beside it: the yardstick of what an event costs over a websocket."""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

PATH = "/_echo"


class Echo:
    """Sends back what comes in at PATH; everything else is the product's."""

    def __init__(self, product: ASGIApp) -> None:
        self._product = product

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or scope["path"] != PATH:
            await self._product(scope, receive, send)
            return
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        try:
            while True:
                await socket.send_text(await socket.receive_text())
        except WebSocketDisconnect:
            return


def app() -> ASGIApp:
    from vibekanban.vibekanban import app as product

    return Echo(product())
