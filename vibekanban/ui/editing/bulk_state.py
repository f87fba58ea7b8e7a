"""What the page of bulk edits shows and what its controls do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.editing import bulk, picking
from vibekanban.domains.editing.bulk import Order
from vibekanban.domains.editing.bulk_actions import AMOUNTS, TEXTS, Action
from vibekanban.domains.editing.models import RunState
from vibekanban.domains.editing.picking import Candidate, Filter
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.editing.trouble import Trouble
from vibekanban.domains.meta import accounts, money
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Level
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import Viewer, locale_of, uuid_of
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.editing import delivery, wording

ACTIONS = tuple(action.value for action in Action)
LEVELS = (Level.CAMPAIGN, Level.AD_SET, Level.AD)
STATUSES = ("ACTIVE", "PAUSED", "WITH_ISSUES", "DISAPPROVED", "CAMPAIGN_PAUSED", "ADSET_PAUSED", "ARCHIVED")
DAYS = ("1", "7", "14", "30", "90")
PICK = "pick-"
TONES = {"done": "good", "same": "", "failed": "bad", "waiting": "info", "running": "info"}


@dataclass
class Choice:
    id: str
    label: str


@dataclass
class Found:
    """An object that may be picked."""

    id: str
    name: str
    account: str
    status: str
    tone: str
    why: list[str]
    budget: str
    value: str
    spend: str


@dataclass
class Row:
    """What would become, or became, of one object."""

    name: str
    account: str
    lines: list[str]
    state: str
    tone: str
    why: str
    spent: str


class Bulk(rx.State):
    loaded: bool = False
    accounts: list[Choice] = []
    account_id: str = ""
    level: str = Level.CAMPAIGN.value
    status: str = ""
    search: str = ""
    metric: str = "spend"
    days: str = "30"
    above: str = ""
    below: str = ""
    found: list[Found] = []
    currencies: list[str] = []
    action: str = Action.PAUSE.value
    wrong: str = ""
    rows: list[Row] = []
    money: list[str] = []
    able: int = 0
    rehearsed: str = ""
    refused: int = 0
    asked: str = ""
    working: bool = False
    run_id: str = ""
    running: bool = False
    done: int = 0
    failed: int = 0
    total: int = 0
    progress: int = 0
    results: list[Row] = []
    undoable: bool = False
    _ids: list[str] = []
    _params: dict[str, Any] = {}

    @guard.signed_in
    async def load(self) -> None:
        asked = self.router.url.query_parameters
        self.account_id = asked.get("account", "") or self.account_id
        self.search = asked.get("q", "")[:100] or self.search
        self.run_id = asked.get("run", "") or self.run_id
        await self._find()
        await self._show_run()

    @guard.signed_in
    async def changed(self, topic: str, _account: str, data: str) -> None:
        """The bulk edit that is shown got on; the list stays as it was picked from until it has ended."""
        if self.run_id and (topic == "poll" or json.loads(data or "{}").get("id") == self.run_id):
            ran = self.running
            await self._show_run()
            if ran and not self.running:
                await self._find()

    @guard.signed_in
    async def sift(self, form: dict[str, Any]) -> None:
        level, metric = str(form.get("level") or ""), str(form.get("metric") or "")
        self.account_id = str(form.get("account") or "")
        self.level = level if level in {one.value for one in LEVELS} else Level.CAMPAIGN.value
        self.status = str(form.get("status") or "")[:40]
        self.search = str(form.get("search") or "")[:100]
        self.metric = metric if metric in picking.METRICS else "spend"
        self.days = str(form.get("days")) if str(form.get("days")) in DAYS else "30"
        self.above, self.below = str(form.get("above") or "")[:20], str(form.get("below") or "")[:20]
        self.rows, self.wrong = [], ""
        await self._find()

    @guard.signed_in
    async def choose(self, action: str) -> None:
        self.action = action if action in ACTIONS else Action.PAUSE.value
        self.rows, self.wrong = [], ""

    @guard.signed_in
    async def rehearse(self, form: dict[str, Any]) -> Any:
        """What would become of what was picked; nothing is written."""
        locale, user_id = locale_of(self), await base.user_id(self)
        self._ids = [name.removeprefix(PICK) for name, on in form.items() if name.startswith(PICK) and on]
        self._params = _params(Action(self.action), form)
        self.rows = []
        if not self._ids:
            self.wrong = say(locale, "bulk.nothing_picked")
            return
        self.wrong, self.working = "", True
        yield
        try:
            found = await asyncio.to_thread(bulk.preview, user_id, self._order())
        finally:
            self.working = False
        self.rows = [_planned(one, found.weighed.spent.get(one.object_id), locale) for one in found.rows]
        self.able = sum(one.trouble is None and not one.same for one in found.rows)
        self.refused = sum(one.trouble is not None for one in found.rows)
        asked = sum(one.asked for one in found.rows)
        self.rehearsed = say(locale, "bulk.rehearsed", count=asked) if asked else ""
        self.money = wording.weighed(found.weighed.by_currency, locale)
        self.asked = say(
            locale, "bulk.ask", action=say(locale, f"bulk.action.{self.action}"), count=self.able
        )
        yield rx.call_script("document.getElementById('bulk-preview')?.scrollIntoView()")

    @guard.signed_in
    async def carry_out(self) -> Any:
        """Do what was previewed, once: of a double click the second finds no preview any more."""
        if not self.rows:
            return
        user_id, actor = await base.user_id(self), await self._actor()
        self.working, self.rows = True, []
        yield close_dialog("bulk-run")
        try:
            ran = await asyncio.to_thread(bulk.start, user_id, self._order(), actor)
        finally:
            self.working = False
        self.run_id = str(ran.run.id)
        await self._show_run()
        await self._find()
        yield rx.call_script("document.getElementById('bulk-results')?.scrollIntoView()")

    @guard.signed_in
    async def ask_back(self) -> rx.event.EventSpec:
        locale, user_id = locale_of(self), await base.user_id(self)
        found = await asyncio.to_thread(bulk.preview_undo, user_id, UUID(self.run_id))
        able = sum(one.trouble is None for one in found.rows)
        self.asked = say(locale, "changes.undo_all.count", able=able, total=len(found.rows))
        self.money = wording.weighed(found.weighed.by_currency, locale)
        return open_dialog("bulk-undo")

    @guard.signed_in
    async def take_back(self) -> Any:
        user_id, actor = await base.user_id(self), await self._actor()
        self.working = True
        yield close_dialog("bulk-undo")
        try:
            ran = await asyncio.to_thread(bulk.start_undo, user_id, UUID(self.run_id), actor)
        finally:
            self.working = False
        self.run_id = str(ran.run.id)
        await self._show_run()
        await self._find()

    # -- behind them

    def _order(self) -> Order:
        ids = [found for one in self._ids if (found := uuid_of(one)) is not None]
        return Order(Action(self.action), ids, self._params)

    async def _actor(self) -> Actor:
        viewer = await self.get_state(Viewer)
        return Actor(ActorKind.USER, await base.user_id(self), viewer.name)

    async def _find(self) -> None:
        locale = locale_of(self)
        wanted = Filter(
            level=Level(self.level),
            account_id=uuid_of(self.account_id),
            status=self.status,
            q=self.search,
            metric=self.metric,
            days=int(self.days),
            above=_number(self.above),
            below=_number(self.below),
        )
        known, found = await base.run(self, _read, wanted)
        self.accounts = [
            Choice(str(one.account.id), f"{one.account.name} · {one.account.currency}") for one in known
        ]
        self.found = [_found(one, self.metric, locale) for one in found]
        self.currencies = sorted({one.account.currency for one in found})
        self.loaded = True

    async def _show_run(self) -> None:
        locale, run_id = locale_of(self), uuid_of(self.run_id)
        if run_id is None:
            self.run_id = ""
            return
        try:
            ran = await base.run(self, bulk.ran, run_id)
        except NotFound:
            self.run_id, self.results = "", []
            return
        known = {one.account.id: one.account for one in await base.run(self, accounts.connected, limit=1000)}
        run = ran.run
        self.done, self.failed, self.total = run.done, run.failed, run.total
        self.running = run.status is RunState.RUNNING
        self.progress = 100 * (run.done + run.failed) // max(run.total, 1)
        self.undoable = not self.running and any(row.change_id for row in ran.rows)
        self.results = [
            Row(
                row.object_name,
                known[row.account_id].name if row.account_id in known else "",
                wording.lines(
                    row.before,
                    row.fields,
                    known[row.account_id].currency if row.account_id in known else "",
                    locale,
                ),
                say(locale, f"bulk.state.{row.state.value}"),
                TONES[row.state.value],
                Trouble.stored(row.error_code, row.error).sentence(locale) if row.error_code else "",
                "",
            )
            for row in ran.rows
        ]


def _read(
    session: Session, user_id: UUID, wanted: Filter
) -> tuple[list[accounts.Connected], list[Candidate]]:
    return (
        accounts.connected(session, user_id, limit=1000),
        picking.candidates(session, user_id, wanted),
    )


def _params(action: Action, form: dict[str, Any]) -> dict[str, Any]:
    if action in AMOUNTS:
        given = {name.removeprefix("amount-"): value for name, value in form.items() if "amount-" in name}
        return {"amounts": {name: _plain(value) for name, value in given.items() if str(value or "").strip()}}
    if action is Action.CHANGE_BUDGET_PERCENT:
        return {"percent": _plain(form.get("percent"))}
    if action is Action.RENAME:
        return {name: str(form.get(f"text-{name}") or "")[:200] for name in TEXTS}
    return {}


def _plain(value: Any) -> str:
    """A decimal comma is what people type; nothing is guessed about thousands."""
    text = str(value or "").strip()
    return text.replace(",", ".") if text.count(",") == 1 and "." not in text else text


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(_plain(text)) if text.strip() else None
    except InvalidOperation:
        return None
    return found if found is not None and found.is_finite() else None


def _found(one: Candidate, metric: str, locale: str) -> Found:
    thing, currency = one.thing, one.account.currency
    held = getattr(thing, "daily_budget", None) or getattr(thing, "lifetime_budget", None)
    return Found(
        str(thing.id),
        thing.name,
        one.account.name,
        *shown.status(thing.effective_status, locale),
        delivery.why(thing, locale),
        shown.money(money.budget(held, currency), currency, locale) if held else "—",
        shown.metric(metric, one.value, currency, locale),
        shown.money(one.spend, currency, locale),
    )


def _planned(one: Planned, spent: Decimal | None, locale: str) -> Row:
    currency = one.account.currency if one.account else ""
    state = "refused" if one.trouble else "same" if one.same else "will"
    return Row(
        one.name,
        one.account.name if one.account else "",
        wording.lines(one.before, one.after, currency, locale),
        say(locale, f"bulk.preview.{state}"),
        {"refused": "bad", "same": "", "will": "info"}[state],
        one.trouble.sentence(locale) if one.trouble else "",
        shown.money(spent, currency, locale) if currency else "—",
    )
