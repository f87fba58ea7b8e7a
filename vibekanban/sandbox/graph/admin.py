"""The tests' hand inside the sandbox, under /_sandbox: JSON in and out, from this machine only."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vibekanban.sandbox.graph import incidents
from vibekanban.sandbox.graph.faults import KINDS, Rule
from vibekanban.sandbox.graph.oracle import Oracle, Unclear
from vibekanban.sandbox.graph.parts import Parts
from vibekanban.sandbox.graph.problems import DEAD
from vibekanban.sandbox.graph.throttle import TIERS
from vibekanban.sandbox.graph.world import ACCOUNTS, PERSON, PERSONS

SCOPES = ["ads_read", "ads_management", "business_management"]
HERE = {"127.0.0.1", "::1", "localhost", "testclient"}
Told = Callable[[Request, dict[str, Any]], Any]


class Admin:
    """Routes under /_sandbox; the README says what each takes."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._oracle = Oracle(parts.catalogue, parts.delivery, parts.reading.insights.tables)

    def routes(self) -> list[Route]:
        known: list[tuple[str, list[str], Told]] = [
            ("reset", ["POST"], self._reset),
            ("world", ["GET"], self._world),
            ("clock", ["GET", "POST"], self._clock),
            ("faults", ["GET", "POST", "DELETE"], self._faults),
            ("limits", ["GET", "POST"], self._limits),
            ("paging", ["GET", "POST"], self._paging),
            ("reports", ["POST"], self._reports),
            ("batch", ["POST"], self._batch),
            ("app", ["GET", "POST"], self._app),
            ("tokens", ["GET", "POST"], self._tokens),
            ("tokens/kill", ["POST"], self._kill),
            ("incidents", ["POST"], self._incident),
            ("accounts", ["POST"], self._account_status),
            ("oracle", ["GET"], lambda request, _: self._oracle.answer(request.query_params)),
            ("calls", ["GET", "DELETE"], self._calls),
            ("webhooks", ["GET", "POST"], self._webhooks),
        ]
        return [Route(f"/_sandbox/{name}", _guarded(told), methods=methods) for name, methods, told in known]

    def _reset(self, _request: Request, _body: dict[str, Any]) -> Any:
        self._parts.reset()
        return {"success": True}

    def _world(self, _request: Request, _body: dict[str, Any]) -> Any:
        """Who is there, with which accounts."""
        return {
            person.key: {
                "name": person.name, "userId": person.user_id, "tokenDays": person.token_days,
                "accounts": [{**asdict(account), "id": account.id} for account in person.accounts],
            }
            for person in PERSONS
        }  # fmt: skip

    def _clock(self, request: Request, body: dict[str, Any]) -> Any:
        if request.method == "POST":
            to = body.get("to")
            moment = datetime.fromisoformat(to).timestamp() if isinstance(to, str) else to
            self._parts.clock.move(to=moment, by=float(body.get("by", 0.0)), speed=body.get("speed"))
        return self._parts.clock.state

    def _faults(self, request: Request, body: dict[str, Any]) -> Any:
        rules = self._parts.faults.rules
        if request.method == "DELETE":
            rules.clear()
        if request.method == "POST":
            rule = Rule(**body)
            if rule.kind not in KINDS:
                raise Unclear(f"kind is one of {', '.join(KINDS)}")
            rules.append(rule)
        return [asdict(rule) for rule in rules]

    def _limits(self, request: Request, body: dict[str, Any]) -> Any:
        if request.method == "POST":
            if body.get("tier", "standard_access") not in TIERS:
                raise Unclear(f"tier is one of {', '.join(TIERS)}")
            if not all(isinstance(limit, int) for name, limit in body.items() if name != "tier"):
                raise Unclear("limits are whole numbers")
            self._parts.store.set("limits", body)
            self._parts.throttle.reset()
        return self._parts.throttle.limits

    def _paging(self, request: Request, body: dict[str, Any]) -> Any:
        if request.method == "POST":
            self._parts.store.set(
                "paging", {name: bool(body.get(name)) for name in ("short", "hole", "next_only")}
            )
        return self._parts.store.setting("paging", {})

    def _reports(self, _request: Request, body: dict[str, Any]) -> Any:
        if "seconds" in body:
            self._parts.store.set("report_seconds", float(body["seconds"]))
        self._parts.store.set("report_fates", list(body.get("fates", [])))
        return {"success": True}

    def _batch(self, _request: Request, body: dict[str, Any]) -> Any:
        self._parts.store.set("batch_nulls", int(body.get("nulls", 0)))
        return {"success": True}

    def _app(self, request: Request, body: dict[str, Any]) -> Any:
        if request.method == "POST":
            self._parts.store.set("app", {**self._parts.store.setting("app", {}), **body})
        return self._parts.store.setting("app", {})

    def _tokens(self, request: Request, body: dict[str, Any]) -> Any:
        if request.method == "GET":
            return self._parts.tokens.listed()
        if body.get("person") not in PERSON:
            raise Unclear(f"person is one of {', '.join(PERSON)}")
        token = self._parts.tokens.mint(
            body["person"],
            body.get("scopes", SCOPES),
            life=float(body.get("seconds", float(body.get("days", 0)) * 86400)),
            kind=body.get("kind", "SYSTEM_USER"),
        )
        return {"token": token, "fingerprint": hashlib.sha256(token.encode()).hexdigest()[:12]}

    def _kill(self, _request: Request, body: dict[str, Any]) -> Any:
        subcode = int(body.get("subcode", 463))
        if subcode and subcode not in DEAD:
            raise Unclear(f"subcode is 0 or one of {', '.join(map(str, DEAD))}")
        count = self._parts.tokens.kill(subcode=subcode, text=body.get("token"), person=body.get("person"))
        return {"killed": count}

    def _incident(self, _request: Request, body: dict[str, Any]) -> Any:
        account = ACCOUNTS.get(str(body.get("account", "")).removeprefix("act_"))
        kind = body.get("kind")
        if account is None or (kind and kind not in incidents.KINDS):
            raise Unclear(f"account, and kind: null or one of {', '.join(incidents.KINDS)}")
        self._parts.incidents.tell(account, kind, float(body.get("since", self._parts.clock.now())))
        self._parts.catalogue.moved()
        return {"success": True}

    def _account_status(self, _request: Request, body: dict[str, Any]) -> Any:
        account = ACCOUNTS.get(str(body.get("account", "")).removeprefix("act_"))
        if account is None:
            raise Unclear("account")
        known = dict(self._parts.store.setting("account_status", {}))
        self._parts.store.set("account_status", {**known, account.id: int(body.get("status", 1))})
        return {"success": True}

    def _calls(self, request: Request, _body: dict[str, Any]) -> Any:
        if request.method == "DELETE":
            self._parts.calls.forget()
        query = request.query_params
        return self._parts.calls.since(float(query.get("since", 0)), query.get("token", ""))

    def _webhooks(self, request: Request, body: dict[str, Any]) -> Any:
        if request.method == "GET":
            return {"sent": self._parts.webhooks.log(), "waiting": not self._parts.webhooks.idle()}
        if "duplicate" in body or "disorder" in body:
            self._parts.store.set("webhook_mode", {k: bool(body.get(k)) for k in ("duplicate", "disorder")})
        account = ACCOUNTS.get(str(body.get("account", "")).removeprefix("act_"))
        sent = account is not None and self._parts.webhooks.tell(
            account, body["field"], body.get("value", {}), after=float(body.get("after", 0.0))
        )
        return {"queued": sent}


def _guarded(told: Told) -> Callable[[Request], Awaitable[Response]]:
    """An endpoint of `told`, for callers on this machine."""

    async def endpoint(request: Request) -> Response:
        if request.client is not None and request.client.host not in HERE:
            return JSONResponse({"error": "only from this machine"}, 403)
        try:
            body = await request.json() if await request.body() else {}
            if not isinstance(body, dict):
                raise Unclear("the body is a JSON object")
            return JSONResponse(told(request, body))
        except (Unclear, ValueError, TypeError, KeyError) as wrong:
            return JSONResponse({"error": str(wrong) or type(wrong).__name__}, 422)

    return endpoint
