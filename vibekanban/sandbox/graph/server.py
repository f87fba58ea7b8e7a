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
<<<<<<< HEAD
from vibekanban.sandbox.graph.batch import Batch
from vibekanban.sandbox.graph.dispatch import Dispatch
from vibekanban.sandbox.graph.parts import Parts
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.versions import NEWEST, split_version
=======
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.consent import Consent
from vibekanban.sandbox.graph.delivery import Delivery
from vibekanban.sandbox.graph.incidents import Incidents
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.reports import Reports
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.throttle import Throttle
from vibekanban.sandbox.graph.tokens import Token, Tokens
from vibekanban.sandbox.graph.world import ACCOUNTS
from vibekanban.sandbox.graph.writing import CREATES, Writing

VERSION = re.compile(r"v(\d+)\.(\d+)")
OLDEST, NEWEST = 24, 26
MOST_CALLS = 20_000
SECRETS = {"access_token", "appsecret_proof", "client_secret", "input_token", "fb_exchange_token", "code"}
>>>>>>> 86a2f30f733231350e42a8ab16228b76720a97e3


class Server:
    """Everything behind graph.facebook.com, in one process."""

    def __init__(self, *, seed: int, folder: Path, app_id: str, app_secret: str) -> None:
<<<<<<< HEAD
        self.parts = Parts(seed=seed, folder=folder, app_id=app_id, app_secret=app_secret)
        self._dispatch = Dispatch(self.parts)
        self._batch = Batch(self.parts.store, self._dispatch)
        self.parts.later.run = self._run_later
=======
        self.store = Store(folder)
        self.clock = Clock(self.store)
        self.tokens = Tokens(self.store, self.clock, app_id, app_secret)
        self.incidents = Incidents(self.store, self.clock)
        self.catalogue = Catalogue(self.store, self.clock, seed, self.incidents)
        self.delivery = Delivery(self.store, self.clock, self.catalogue)
        self.reading = Reading(self.store, self.catalogue, self.delivery)
        self.writing = Writing(self.store, self.clock, self.catalogue, self.reading)
        self.reports = Reports(self.store, self.clock, self.reading)
        self.throttle = Throttle(self.store, self.clock)
        self.consent = Consent(self.store, self.clock, self.tokens)
        self.faults = faults.Faults()
        self.calls: list[dict[str, Any]] = []
        self.version = f"v{NEWEST}.0"
>>>>>>> 86a2f30f733231350e42a8ab16228b76720a97e3

    async def __call__(self, request: Request) -> Response:
        """One HTTP call."""
        rule = self.parts.faults.hit(request)
        version, headers = f"v{NEWEST}.0", dict[str, str]()
        try:
            instead = await faults.before(rule)
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
        return _json(answer, status, {**headers, "facebook-api-version": version})

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

<<<<<<< HEAD
    def _note(self, request: Request, status: int, code: int | None) -> None:
        asked = dict(request.query_params)
        self.parts.calls.note(request.method, request.url.path, asked, None, status, code)
=======
    def _count(self, account: str | None, *, write: bool, insights: bool) -> None:
        if account is not None:
            self.throttle.count(account, write=write, insights=insights)

    def _account(self, path: list[str]) -> str | None:
        first = path[0] if path else ""
        if first.removeprefix("act_") in ACCOUNTS:
            return first.removeprefix("act_")
        found = self.catalogue.account_of(first)
        return found.id if found else None

    def _answer(
        self, token: Token, method: str, path: list[str], asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        if not path:
            if "ids" in asked:
                raise GraphError(100, "(#100) The parameter ids is no longer supported.")
            raise invalid("Unsupported get request.")
        object_id, edge = path[0], path[1] if len(path) > 1 else ""
        if object_id == "me" and edge == "permissions":
            return self._permissions(token, method)
        if method == "DELETE":
            return self.writing.delete(token, object_id)
        if method == "POST":
            return self._post(token, object_id, edge, asked)
        if self.reports.is_run(object_id):
            if edge == "insights":
                return self.reports.rows(token, object_id, asked, url)
            return self.reports.state(token, object_id)
        if edge:
            return self.reading.edges.answer(token, object_id, edge, asked, url)
        return self.reading.node(token, object_id, asked)

    def _post(self, token: Token, object_id: str, edge: str, asked: dict[str, Any]) -> dict[str, Any]:
        if edge == "insights":
            return self.reports.start(token, object_id, asked)
        if edge == "copies":
            return self.writing.copy(token, object_id, asked)
        account = ACCOUNTS.get(object_id.removeprefix("act_"))
        if account and edge in CREATES:
            return self.writing.create(token, account, edge, asked)
        if edge:
            raise GraphError(100, f"(#100) Tried accessing nonexisting field ({edge})")
        return self.writing.update(token, object_id, asked)

    def _permissions(self, token: Token, method: str) -> dict[str, Any]:
        if method == "DELETE":
            self.tokens.kill(subcode=458, person=token.person.key)
            return {"success": True}
        known = {"ads_read", "ads_management", "business_management"}
        return {
            "data": [
                {"permission": scope, "status": "granted" if scope in token.scopes else "declined"}
                for scope in sorted(known | token.scopes)
            ]
        }

    # -- batches

    def _batch(self, token: Token, asked: dict[str, Any]) -> list[Any]:
        entries = params.value(asked["batch"])
        if not isinstance(entries, list):
            raise invalid("batch must be a JSON array.", field="batch")
        if len(entries) > 50:
            raise GraphError(100, "Too many requests in batch message. Maximum batch size is 50")
        nulls: int = self.store.setting("batch_nulls", 0)
        if nulls:
            self.store.set("batch_nulls", 0)
        cut = len(entries) - nulls
        return [self._inner(token, entry) if n < cut else None for n, entry in enumerate(entries)]

    def _inner(self, token: Token, entry: dict[str, Any]) -> dict[str, Any]:
        address = urlsplit(str(entry.get("relative_url", "")).lstrip("/"))
        _, path = _version([part for part in address.path.split("/") if part])
        asked = params.of_text(address.query) | params.of_text(str(entry.get("body") or ""))
        asked["access_token"] = asked.get("access_token") or token.text
        headers: dict[str, str] = {}
        try:
            answer, headers = self.handle(str(entry.get("method", "GET")).upper(), path, asked, address.path)
            code = 200
        except GraphError as error:
            answer, code = error.body, error.status
        pairs = [
            {"name": name, "value": text}
            for name, text in {"Content-Type": "text/javascript", **headers}.items()
        ]
        return {"code": code, "headers": pairs, "body": json.dumps(answer)}

    # -- the call log

    def _log(
        self,
        method: str,
        path: str,
        asked: dict[str, Any],
        token: Token | None,
        status: int,
        code: int | None,
    ) -> None:
        self.calls.append(
            {
                "at": self.clock.now(), "method": method, "path": path, "status": status, "code": code,
                "token": token.fingerprint if token else None, "person": token.person.key if token else None,
                "params": {name: str(raw)[:200] for name, raw in asked.items() if name not in SECRETS},
            }
        )  # fmt: skip
        del self.calls[:-MOST_CALLS]
>>>>>>> 86a2f30f733231350e42a8ab16228b76720a97e3


def _json(answer: Any, status: int, headers: dict[str, str]) -> Response:
    trace = "A" + secrets.token_urlsafe(12)
    headers |= {"x-fb-trace-id": trace, "x-fb-debug": secrets.token_urlsafe(24), "x-fb-request-id": trace}
    body = json.dumps(answer, ensure_ascii=False, separators=(",", ":"), default=str).encode()
    return Response(body, status, headers, media_type="application/json; charset=UTF-8")
