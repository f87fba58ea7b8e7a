"""The doors of n8n: its public API under a key, the two internal routes, the webhooks, the page."""

from __future__ import annotations

import asyncio
import hmac
import inspect
import json
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.n8n import page
from vibekanban.sandbox.n8n.calls import Call
from vibekanban.sandbox.n8n.credentials import Credentials
from vibekanban.sandbox.n8n.executions import Executions
from vibekanban.sandbox.n8n.people import People
from vibekanban.sandbox.n8n.problems import Problem
from vibekanban.sandbox.n8n.runs import Runs
from vibekanban.sandbox.n8n.scheduler import Scheduler
from vibekanban.sandbox.n8n.shelf import Shelf
from vibekanban.sandbox.n8n.triggers import Webhooks
from vibekanban.sandbox.n8n.workflows import Workflows

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
WRITING = frozenset({"POST", "PUT", "PATCH"})
COOKIE = "n8n-auth"
# behind these the community edition asks for a licence, and our key has no scope for tags
LOCKED = re.compile(r"/(projects|variables|tags|audit|source-control|node-type-policies)(/.*)?")
Handler = Callable[..., Any]


class N8n:
    """One n8n with one key."""

    def __init__(self, store: Store, clock: Clock, *, key: str, email: str, password: str) -> None:
        self._shelf = shelf = Shelf(store, clock, email)
        self._key = key
        self._people = People(shelf, password)
        self.runs = Runs(shelf, clock)
        self._webhooks = Webhooks(shelf, self.runs)
        self._scheduler = Scheduler(shelf, self.runs, clock)
        workflows, credentials = Workflows(shelf), Credentials(shelf)
        executions, people = Executions(shelf, self.runs), self._people
        publish, unpublish = workflows.publish, workflows.unpublish
        known: dict[str, dict[str, Handler]] = {
            "/workflows": {"GET": workflows.listing, "POST": workflows.create},
            "/workflows/{}": {"GET": workflows.read, "PUT": workflows.replace, "DELETE": workflows.delete},
            "/workflows/{}/publish": {"POST": publish},
            "/workflows/{}/unpublish": {"POST": unpublish},
            "/workflows/{}/activate": {"POST": publish},
            "/workflows/{}/deactivate": {"POST": unpublish},
            "/workflows/{}/archive": {"POST": workflows.archive},
            "/workflows/{}/unarchive": {"POST": workflows.unarchive},
            "/workflows/{}/history": {"GET": workflows.history},
            "/workflows/{}/versions/{}": {"GET": workflows.version},
            "/workflows/{}/{}": {"GET": workflows.version},
            "/executions": {"GET": executions.listing},
            "/executions/{}": {"GET": executions.read},
            "/executions/{}/retry": {"POST": executions.retry},
            "/executions/{}/stop": {"POST": executions.stop},
            "/credentials": {"GET": credentials.listing, "POST": credentials.create},
            "/credentials/schema/{}": {"GET": credentials.schema},
            "/credentials/{}": {
                "GET": credentials.read,
                "PATCH": credentials.change,
                "DELETE": credentials.delete,
            },
            "/credentials/{}/test": {"POST": credentials.test},
            "/users": {"GET": people.listing, "POST": people.invite},
            "/users/{}": {"GET": people.read, "DELETE": people.delete},
        }
        self._table = [
            (re.compile(path.replace("{}", "([^/]+)")), handlers) for path, handlers in known.items()
        ]
        self._made = {people.invite: 201}

    def routes(self) -> list[Mount]:
        return [
            Mount(
                "/n8n",
                routes=[
                    Route("/api/v1/{path:path}", self.api, methods=METHODS),
                    Route("/rest/login", self.sign_in, methods=["POST"]),
                    Route("/rest/projects", self.projects),
                    Route("/webhook/{path:path}", self.webhook, methods=METHODS),
                    Route("/", self.page),
                    Route("/healthz", self.health),
                    Route("/healthz/readiness", self.health),
                ],
            )
        ]

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """While this lasts, schedules are awake."""
        self.runs.recover()
        ticking = asyncio.create_task(self._scheduler.run())
        try:
            yield
        finally:
            ticking.cancel()
            self.runs.abandon()

    async def page(self, request: Request) -> Response:
        return page.page(self._shelf, request)

    async def health(self, _request: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def api(self, request: Request) -> Response:
        """One call of the public API."""
        path = "/" + request.path_params["path"]
        key = request.headers.get("x-n8n-api-key", "")
        if not hmac.compare_digest(key.encode(), self._key.encode()):
            return _told(401, "Unauthorized")
        if LOCKED.fullmatch(path):
            return _told(403, "Forbidden")
        for pattern, handlers in self._table:
            found = pattern.fullmatch(path)
            if found is None:
                continue
            handler = handlers.get(request.method)
            if handler is None:
                return _told(405, f"{request.method} method not allowed")
            return await self._answer(handler, request, found.groups())
        return _told(404, "not found")

    async def _answer(self, handler: Handler, request: Request, parts: tuple[str, ...]) -> Response:
        kind = request.headers.get("content-type", "")
        content = await request.body()
        if content and request.method in WRITING and "json" not in kind:
            return _told(415, f"unsupported media type {kind or 'undefined'}")
        try:
            body = json.loads(content) if content else None
        except ValueError:
            return HTMLResponse("<pre>ResponseError: Failed to parse request body</pre>", 500)
        call = Call(dict(request.query_params), body, self._place(request))
        try:
            answer = handler(call, *parts)
            if inspect.isawaitable(answer):
                answer = await answer
        except Problem as problem:
            return _told(problem.status, problem.message)
        if answer is None:
            return Response(status_code=204)
        return JSONResponse(answer, self._made.get(handler, 200))

    async def webhook(self, request: Request) -> Response:
        self._place(request)
        return await self._webhooks(request)

    async def sign_in(self, request: Request) -> Response:
        try:
            shown, session = self._people.sign_in(await request.json())
        except ValueError:
            return _told(400, "Failed to parse request body")
        except Problem as problem:
            return JSONResponse({"code": problem.status, "message": problem.message}, problem.status)
        answer = JSONResponse(shown)
        answer.set_cookie(COOKIE, session, httponly=True, samesite="lax")
        return answer

    async def projects(self, request: Request) -> Response:
        try:
            return JSONResponse(self._people.projects(request.cookies.get(COOKIE)))
        except Problem as problem:
            return JSONResponse({"status": "error", "message": problem.message}, problem.status)

    def _place(self, request: Request) -> str:
        self.runs.origin = f"{request.url.scheme}://{request.url.netloc}/n8n"
        return self.runs.origin


def _told(status: int, message: str) -> Response:
    return JSONResponse({"message": message}, status)
