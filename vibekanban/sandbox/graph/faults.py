"""Faults on demand: by rule of the admin, or by a header of one call."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from vibekanban.sandbox.graph.problems import GraphError, dead_token

KINDS = (
    "code1", "code2", "html502", "empty500", "hang", "reset", "reset_after_write", "slow_drip", "too_much_data",
    "throttle", "dead_token", "not_json", "insights_load", "sync_timeout", "error",
)  # fmt: skip

RAW_SEND = "sandbox.send"  # where the application leaves the server's own `send` in the scope


@dataclass
class Rule:
    """Hits calls whose path matches; `times` left, below 0 for ever. Kind `error` answers `code` and `subcode`."""

    kind: str
    path: str = ""
    method: str = ""
    times: int = 1
    seconds: float = 120.0
    token: str = ""  # fingerprint, or part of the token itself
    code: int = 1
    subcode: int | None = None
    message: str = "An unknown error occurred"
    status: int = 400


class Reset(Response):
    """Ends the connection without an answer, or in the middle of one where the server does not let go of it."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002
        transport = getattr(getattr(scope.get(RAW_SEND), "__self__", None), "transport", None)
        if transport is not None:
            transport.abort()
            await asyncio.sleep(0.01)  # until the server has noticed, so that it does not answer itself
            return
        headers = [(b"content-type", b"application/json"), (b"content-length", b"1000000")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{", "more_body": True})
        raise ConnectionResetError("sandbox fault: reset")


class Faults:
    def __init__(self) -> None:
        self.rules: list[Rule] = []

    def hit(self, request: Request) -> Rule | None:
        """The fault of this call, taken off its rule."""
        named = request.headers.get("x-sandbox-fault")
        if named:
            return Rule(named, times=0)
        for rule in self.rules:
            if rule.times != 0 and _matches(rule, request):
                rule.times -= 1
                return rule
        return None


def _matches(rule: Rule, request: Request) -> bool:
    """By method, path (a regular expression) and token, where the rule names them."""
    if rule.method and rule.method.upper() != request.method:
        return False
    if not re.search(rule.path, request.url.path):
        return False
    if not rule.token:
        return True
    sent = (
        request.query_params.get("access_token") or request.headers.get("authorization", "").partition(" ")[2]
    )
    return rule.token in {sent, hashlib.sha256(sent.encode()).hexdigest()[:12]}


async def before(rule: Rule | None, request: Request) -> Response | None:
    """What a fault does instead of the call."""
    if rule is None or rule.kind == "reset_after_write":
        return None
    if rule.kind == "html502":
        return HTMLResponse("<html><body><h1>502 Bad Gateway</h1></body></html>", 502)
    if rule.kind == "not_json":
        return HTMLResponse("<html><body>Sorry, something went wrong.</body></html>", 200)
    if rule.kind == "empty500":
        return Response(b"", 500)
    if rule.kind == "reset":
        return Reset()
    if rule.kind == "hang":
        for _ in range(int(rule.seconds * 10)):
            if await request.is_disconnected():
                break
            await asyncio.sleep(0.1)
        return Reset()
    if rule.kind == "slow_drip":
        return StreamingResponse(_drip(rule.seconds), media_type="application/json")
    raise _problem(rule)


def after(rule: Rule | None) -> Response | None:
    """What a fault does to the answer of a call that was carried out."""
    return Reset() if rule is not None and rule.kind == "reset_after_write" else None


def _problem(rule: Rule) -> GraphError:
    if rule.kind == "error":
        return GraphError(rule.code, rule.message, subcode=rule.subcode, status=rule.status)
    known: dict[str, Any] = {
        "code1": GraphError(1, "An unknown error occurred", transient=True, status=500),
        "code2": GraphError(2, "Service temporarily unavailable", transient=True, status=500),
        "too_much_data": GraphError(
            1,
            "Please reduce the amount of data you're asking for, then retry your request",
            subcode=99,
            status=500,
        ),
        "throttle": GraphError(
            80004, "(#80004) There have been too many calls to this ad-account.", subcode=2446079
        ),
        "insights_load": GraphError(4, "(#4) Application request limit reached", subcode=1504022),
        "sync_timeout": GraphError(
            2, "Service temporarily unavailable", subcode=1504038, transient=True, status=500
        ),
        "dead_token": dead_token(463),
    }
    return known.get(rule.kind) or GraphError(1, f"unknown fault {rule.kind}", status=500)


async def _drip(seconds: float) -> AsyncIterator[bytes]:
    for _ in range(max(1, int(seconds * 4))):
        yield b" "
        await asyncio.sleep(0.25)
    yield b'{"data":[]}'
