"""The Graph server's door: version, parameters, faults, and answers with Meta's headers."""

from __future__ import annotations

import asyncio
import json
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from vibekanban.sandbox.graph import faults, params
from vibekanban.sandbox.graph.batch import Batch
from vibekanban.sandbox.graph.dispatch import Dispatch
from vibekanban.sandbox.graph.parts import Parts
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.versions import NEWEST, split_version, told_version


class Server:
    """Everything behind graph.facebook.com, in one process."""

    def __init__(self, *, seed: int, folder: Path, app_id: str, app_secret: str) -> None:
        self.parts = Parts(seed=seed, folder=folder, app_id=app_id, app_secret=app_secret)
        self._dispatch = Dispatch(self.parts)
        self._batch = Batch(self.parts.store, self._dispatch)
        self.parts.later.run = self._run_later

    async def __call__(self, request: Request) -> Response:
        """One HTTP call."""
        rule = self.parts.faults.hit(request)
        version, headers = f"v{NEWEST}.0", dict[str, str]()
        try:
            instead = await faults.before(rule, request)
            if instead is not None:
                self._note(request, getattr(instead, "status_code", 0), None)
                return instead
            version, path = split_version([part for part in request.url.path.split("/") if part])
            if path[-2:] == ["dialog", "oauth"]:
                consent = self.parts.consent
                return await consent.answer(request) if request.method == "POST" else consent.page(request)
            asked = await params.read(request)
            bearer = request.headers.get("authorization", "").removeprefix("Bearer ").removeprefix("OAuth ")
            if bearer and "access_token" not in asked:
                asked["access_token"] = bearer
            url = str(request.url.replace(query=""))
            answer, headers = await asyncio.to_thread(self.handle, request.method, path, asked, url)
            status = 200
        except GraphError as error:
            answer, status = error.body, error.status
            if not error.logged:
                self._note(request, status, error.error["code"])
            headers = error.headers or self.parts.throttle.headers(None)
            words = str(error).replace("\n", " ").encode("latin-1", "replace").decode("latin-1")
            headers = {
                **headers,
                "www-authenticate": f'OAuth "Facebook Platform" "invalid_request" "{words}"',
            }
        dropped = faults.after(rule)
        if dropped is not None:
            return dropped
        return _json(answer, status, {**headers, **told_version(version)})

    def handle(
        self, method: str, path: list[str], asked: dict[str, Any], url: str
    ) -> tuple[Any, dict[str, str]]:
        """A call after its version; a batch is a POST to the root."""
        if "batch" in asked and method == "POST" and not path:
            return self._batch.run(asked), self.parts.throttle.headers(None)
        return self._dispatch.handle(method, path, asked, url)

    def _run_later(self, method: str, relative_url: str, asked: dict[str, Any]) -> tuple[int, Any]:
        address = urlsplit(relative_url.lstrip("/"))
        try:
            _, path = split_version([part for part in address.path.split("/") if part])
            answer, _ = self._dispatch.handle(
                method, path, params.of_text(address.query) | asked, address.path
            )
        except GraphError as error:
            return error.status, error.body
        return 200, answer

    def _note(self, request: Request, status: int, code: int | None) -> None:
        asked = dict(request.query_params)
        self.parts.calls.note(request.method, request.url.path, asked, None, status, code)


def _json(answer: Any, status: int, headers: dict[str, str]) -> Response:
    trace = "A" + secrets.token_urlsafe(12)
    headers |= {"x-fb-trace-id": trace, "x-fb-debug": secrets.token_urlsafe(24), "x-fb-request-id": trace}
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), default=str).encode()
    return Response(body, status, headers, media_type="application/json; charset=UTF-8")
