"""`Idempotency-Key` for writes that create money or outside objects: `APIRouter(route_class=Idempotent)`.

It wraps the whole route, so that an answer is kept only once its transaction has committed.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from typing import Annotated, Any

from fastapi import Depends, Header, Response
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send

from vibekanban.api import errors
from vibekanban.api.middleware import cookie
from vibekanban.core import db
from vibekanban.core.errors import AppError
from vibekanban.domains.accounts import hot, idempotency
from vibekanban.domains.accounts.errors import BadIdempotencyKey, IdempotencyReused, IdempotencyRunning

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
_WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_KEPT_HEADERS = ("content-type", "location")
REPLAYED = "Idempotent-Replayed"


def _documented(
    _key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            max_length=255,
            description="Any unique text, for example a UUID: a repeat within 24 h gets the first answer",
        ),
    ] = None,
) -> None:
    """Only shows the header in the reference; the route class reads it."""


class Idempotent(APIRoute):
    """A route whose writes may be repeated safely under an `Idempotency-Key`."""

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if _WRITES & set(options.get("methods") or ()):
            dependencies: Sequence[Any] = options.get("dependencies") or ()
            options["dependencies"] = [*dependencies, Depends(_documented)]
            refusals = errors.responses(BadIdempotencyKey, IdempotencyRunning, IdempotencyReused)
            options["responses"] = {**refusals, **(options.get("responses") or {})}
        super().__init__(path, endpoint, **options)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        key = headers.get("idempotency-key")
        if key is None or scope["method"] not in _WRITES & (self.methods or set()):
            await super().handle(scope, receive, send)
            return
        if not _KEY.fullmatch(key):
            raise BadIdempotencyKey()
        seen = await hot.authenticate(bearer=headers.get("authorization"), cookie=cookie(headers))
        if seen is None:
            await super().handle(scope, receive, send)  # which refuses in its own words
            return
        body = await _read(receive)
        target = f"{scope['method']} {scope['path']}"
        request_hash = hashlib.sha256(target.encode() + b"?" + scope["query_string"] + b"\n" + body).digest()
        first = await db.run(idempotency.begin, seen.user_id, key, target, request_hash)
        if first is not None:
            again = Response(first.body, first.status, {**first.headers, REPLAYED: "true"})
            await again(scope, receive, send)
            return
        messages: list[Message] = []
        try:
            await super().handle(scope, _given(body, receive), _into(messages))
        except Exception:
            # it may have failed after an outside call: a repeat must not make that call again
            failed = errors.answer(AppError(), scope)
            kept = idempotency.Answer(500, {"content-type": "application/json"}, bytes(failed.body).decode())
            await db.run(idempotency.finish, seen.user_id, key, kept)
            raise
        answer = _answer(messages)
        if answer.status in {503, *range(400, 500)}:
            await db.run(idempotency.release, seen.user_id, key)
        else:
            await db.run(idempotency.finish, seen.user_id, key, answer)
        for message in messages:
            await send(message)


async def _read(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


def _given(body: bytes, receive: Receive) -> Receive:
    """The body once more, then whatever else comes (a disconnect)."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def replay() -> Message:
        return waiting.pop() if waiting else await receive()

    return replay


def _into(messages: list[Message]) -> Send:
    async def keep(message: Message) -> None:
        messages.append(message)

    return keep


def _answer(messages: Sequence[Message]) -> idempotency.Answer:
    start = messages[0]
    given = Headers(raw=start["headers"])
    return idempotency.Answer(
        start["status"],
        {name: given[name] for name in _KEPT_HEADERS if name in given},
        b"".join(message.get("body", b"") for message in messages[1:]).decode(),
    )
