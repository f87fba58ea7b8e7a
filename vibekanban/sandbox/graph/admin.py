"""The tests' hand inside the sandbox: clock, faults, limits, tokens, the true totals and the log of calls."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from vibekanban.sandbox.graph import insights, shown
from vibekanban.sandbox.graph.faults import KINDS, Rule
from vibekanban.sandbox.graph.server import Server
from vibekanban.sandbox.graph.world import ACCOUNTS, PERSONS, place

MICRO = 1_000_000


class Admin:
    """Routes under /_sandbox, JSON in and out."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def routes(self) -> list[Route]:
        return [
            Route("/_sandbox/reset", self.reset, methods=["POST"]),
            Route("/_sandbox/world", self.world),
            Route("/_sandbox/clock", self.clock, methods=["GET", "POST"]),
            Route("/_sandbox/faults", self.faults, methods=["GET", "POST", "DELETE"]),
            Route("/_sandbox/limits", self.limits, methods=["GET", "POST"]),
            Route("/_sandbox/paging", self.paging, methods=["POST"]),
            Route("/_sandbox/reports", self.reports, methods=["POST"]),
            Route("/_sandbox/batch", self.batch, methods=["POST"]),
            Route("/_sandbox/tokens", self.mint, methods=["POST"]),
            Route("/_sandbox/tokens/kill", self.kill, methods=["POST"]),
            Route("/_sandbox/oracle", self.oracle),
            Route("/_sandbox/calls", self.calls, methods=["GET", "DELETE"]),
        ]

    async def reset(self, _request: Request) -> Response:
        """As new: edits, tokens, clock, faults, limits, log."""
        self._server.store.clear()
        self._server.clock.reset()
        self._server.incidents.forget()
        self._server.catalogue.forget()
        self._server.throttle.reset()
        self._server.faults.rules.clear()
        self._server.calls.clear()
        return JSONResponse({"success": True})

    async def world(self, _request: Request) -> Response:
        """Who is there, with which accounts."""
        return JSONResponse(
            {
                person.key: {
                    "name": person.name, "userId": person.user_id,
                    "accounts": [{**asdict(account), "id": account.id} for account in person.accounts],
                }
                for person in PERSONS
            }
        )  # fmt: skip

    async def clock(self, request: Request) -> Response:
        """POST {to?: unix seconds, by?: seconds, speed?: number}."""
        if request.method == "POST":
            body = await request.json()
            self._server.clock.move(to=body.get("to"), by=body.get("by", 0.0), speed=body.get("speed"))
        return JSONResponse(self._server.clock.state)

    async def faults(self, request: Request) -> Response:
        """POST {kind, path?: regular expression, method?, times?, seconds?}."""
        if request.method == "DELETE":
            self._server.faults.rules.clear()
        if request.method == "POST":
            rule = Rule(**await request.json())
            if rule.kind not in KINDS:
                return JSONResponse({"error": f"kind must be one of {', '.join(KINDS)}"}, 422)
            self._server.faults.rules.append(rule)
        return JSONResponse([asdict(rule) for rule in self._server.faults.rules])

    async def limits(self, request: Request) -> Response:
        """POST {tier?: development_access|standard_access, score?, ads_management?, ads_insights?, active_ads?}."""
        if request.method == "POST":
            self._server.store.set("limits", await request.json())
            self._server.throttle.reset()
        return JSONResponse(self._server.throttle.limits)

    async def paging(self, request: Request) -> Response:
        """POST {short?, hole?, next_only?}."""
        self._server.store.set("paging", await request.json())
        return JSONResponse({"success": True})

    async def reports(self, request: Request) -> Response:
        """POST {seconds?, fates?: ["", "failed", "skipped", "stuck"]}: the fates of the next runs, in order."""
        body = await request.json()
        if "seconds" in body:
            self._server.store.set("report_seconds", body["seconds"])
        self._server.store.set("report_fates", body.get("fates", []))
        return JSONResponse({"success": True})

    async def batch(self, request: Request) -> Response:
        """POST {nulls}: so many entries of the next batch are not run."""
        self._server.store.set("batch_nulls", int((await request.json()).get("nulls", 0)))
        return JSONResponse({"success": True})

    async def mint(self, request: Request) -> Response:
        """POST {person, scopes?, days?: 0 for ever, kind?: USER|SYSTEM_USER}: a token to paste."""
        body = await request.json()
        token = self._server.tokens.mint(
            body["person"],
            body.get("scopes", ["ads_read", "ads_management", "business_management"]),
            life=float(body.get("days", 0)) * 86400,
            kind=body.get("kind", "SYSTEM_USER"),
        )
        return JSONResponse({"token": token})

    async def kill(self, request: Request) -> Response:
        """POST {token? or person?, subcode?: 463}: dead from now on; subcode 0 revives."""
        body = await request.json()
        count = self._server.tokens.kill(
            subcode=int(body.get("subcode", 463)), text=body.get("token"), person=body.get("person")
        )
        return JSONResponse({"killed": count})

    async def oracle(self, request: Request) -> Response:
        """The truth as visible now: ?account=&level=&since=&until=&ids=&breakdown=&increment=."""
        query = request.query_params
        ids = [one for one in query.get("ids", "").split(",") if one]
        account = ACCOUNTS.get(query.get("account", "").removeprefix("act_"))
        if account is None and ids:
            at = place(ids[0])
            account = at.account if at else ACCOUNTS.get(ids[0])
        if account is None:
            return JSONResponse({"error": "account or ids"}, 422)
        breakdown = query.get("breakdown", "")
        asked = insights.Asked(
            account,
            query.get("level", "account"),
            date.fromisoformat(query["since"]),
            date.fromisoformat(query["until"]),
            query.get("increment", "1")
            if not query.get("increment", "1").isdigit()
            else int(query.get("increment", "1")),
            tuple(one for one in breakdown.split(",") if one),
        )
        rows = [
            row for row in self._server.reading.insights.tables.rows(asked) if not ids or row.object_id in ids
        ]
        items = [
            {"id": row.object_id, "date": row.start.isoformat(), "cut": list(row.cut), **_true(row, account)}
            for row in rows
        ]
        names = ("impressions", "clicks", "link_clicks", "spend_micros", "purchases", "value_micros")
        totals: dict[str, Any] = {name: sum(item[name] for item in items) for name in names}
        return JSONResponse({"items": items, "totals": totals, "currency": account.currency})

    async def calls(self, request: Request) -> Response:
        """The calls since ?since= (unix seconds), newest last; DELETE forgets them."""
        if request.method == "DELETE":
            self._server.calls.clear()
        since = float(request.query_params.get("since", 0))
        return JSONResponse([call for call in self._server.calls if call["at"] >= since])


def _true(row: insights.Row, account: Any) -> dict[str, Any]:
    numbers = row.numbers
    return {
        "impressions": numbers.impressions,
        "clicks": numbers.clicks,
        "link_clicks": numbers.link_clicks,
        "spend": shown.money(numbers.spend, account),
        "spend_micros": numbers.spend * MICRO // account.offset,
        "purchases": numbers.purchases,
        "value_micros": numbers.value * MICRO // account.offset,
        "leads": numbers.leads,
    }
