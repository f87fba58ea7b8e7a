"""What the page of a campaign shows and what its controls do."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import plotly.graph_objects as go
import reflex as rx

from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.editing import switching
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta import breakdowns, changes, metrics, money, overview
from vibekanban.domains.meta.models import ActorKind, Level
from vibekanban.domains.sharing import looking, sights
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import Viewer, locale_of
from vibekanban.ui.components.figures import blank
from vibekanban.ui.components.parts import close_dialog
from vibekanban.ui.live_state import LiveState
from vibekanban.ui.meta import campaign_charts as charts
from vibekanban.ui.meta.campaign_parts import Parts

TILES = ("spend", "revenue", "roas", "conversions", "cpa", "ctr", "cpm")
DAYS = ("spend", "revenue", "roas", "conversions", "cpa", "ctr")
AMOUNTS = ("spend", "revenue", "roas")
HOURS = ("spend", "clicks")


@dataclass
class Done:
    """A change of the campaign."""

    at: str
    who: str
    what: str
    outcome: str


class Figures(rx.State):
    """The charts' figures, apart from the rest: they are large and change rarely."""

    over_time: go.Figure = blank()
    by_campaign: go.Figure = blank()
    by_category: go.Figure = blank()
    kind: str = ""
    categories: list[list[str]] = []
    waiting: bool = False

    @guard.signed_in
    async def cut(self, kind: str) -> Any:
        """Ask for another breakdown; Meta may take a moment."""
        self.kind, self.waiting = kind, True
        yield
        detail = await self.get_state(Detail)
        try:
            await self._read(detail)
        finally:
            self.waiting = False

    async def _read(self, detail: Detail) -> None:
        locale, campaign_id = locale_of(self), UUID(detail.id)
        asked = metrics.Range(date.fromisoformat(detail.since), date.fromisoformat(detail.until))
        sight = await base.run(self, sights.of_object, Level.CAMPAIGN, campaign_id)
        found = await asyncio.to_thread(
            breakdowns.cut, sight.owner_id, campaign_id, self.kind, asked, ask=sight.mine
        )
        self.by_category = charts.by_category(found["rows"], locale)
        self.categories = [
            [row["value"], *shown.metrics(AMOUNTS, row, detail.currency, locale)] for row in found["rows"]
        ]


class Detail(LiveState, rx.State):
    missing: bool = False
    id: str = ""
    name: str = ""
    status: str = ""
    tone: str = ""
    on: bool = False
    switchable: bool = False
    objective: str = ""
    budget: str = ""
    spent_today: str = ""
    account: str = ""
    currency: str = "EUR"
    event: str = ""
    since: str = ""
    until: str = ""
    preset: str = "30"
    fetched_at: str = ""
    tiles: list[shown.Tile] = []
    days: list[list[str]] = []
    unfinished: bool = False
    hours: list[list[str]] = []
    done: list[Done] = []
    acting: bool = False
    shared_by: str = ""

    @guard.signed_in
    async def load(self) -> None:
        asked = self.router.url.query_parameters.get("id", "")
        if asked != self.id:
            self.id, self.name, self.loaded = asked, "", False
            figures = await self.get_state(Figures)
            figures.kind, figures.categories = "", []
        await self._show()

    @guard.signed_in
    async def span(self, preset: str) -> None:
        self.preset = preset if preset in {"7", "30", "90"} else "30"
        await self._show()

    @guard.signed_in
    async def switch(self) -> Any:
        """Pause or resume at Meta."""
        locale, verb = locale_of(self), Verb.PAUSE if self.on else Verb.RESUME
        self.acting = True
        yield close_dialog("switch")
        viewer = await self.get_state(Viewer)
        user_id = await base.user_id(self)
        actor = changes.Actor(ActorKind.USER, user_id, viewer.name)
        try:
            await asyncio.to_thread(switching.switch, user_id, Level.CAMPAIGN, self.id, verb, actor=actor)
        finally:
            self.acting = False
        await self._show()
        yield rx.toast.success(say(locale, f"ui.campaign.{verb.value}d", name=self.name))

    async def _show(self) -> None:
        try:
            found, sight = await base.run(self, looking.detail, UUID(self.id), days=int(self.preset))
        except (ValueError, NotFound):
            self.name, self.missing, self.loaded = "", True, True
            return
        locale = locale_of(self)
        self.shared_by = sight.shared_by
        self._head(found, locale)
        self._numbers(found, locale)
        parts = await self.get_state(Parts)
        parts._show(found, mine=sight.mine)
        figures = await self.get_state(Figures)
        figures.over_time = charts.over_time(found.series["rows"], locale, unfinished=found.unfinished)
        figures.by_campaign = charts.by_campaign(
            [
                (one.campaign.name, float(one.numbers["spend"]), float(one.numbers["revenue"]))
                for one in found.siblings
            ],
            found.campaign.name,
            locale,
        )
        self.loaded, self.missing = True, False

    def _head(self, found: overview.Detail, locale: str) -> None:
        campaign, account = found.campaign, found.connected.account
        self.name, self.account, self.currency = campaign.name, account.name, account.currency
        self.status, self.tone = shown.status(campaign.effective_status, locale)
        self.on = campaign.status == "ACTIVE"
        self.switchable = campaign.status in {"ACTIVE", "PAUSED"} and not self.shared_by
        self.objective = campaign.objective.removeprefix("OUTCOME_").replace("_", " ").capitalize()
        budget = money.budget(campaign.daily_budget or campaign.lifetime_budget, account.currency)
        kind = "daily" if campaign.daily_budget else "lifetime" if campaign.lifetime_budget else "adsets"
        amount = shown.money(budget, account.currency, locale) if budget is not None else ""
        self.budget = f"{amount} {say(locale, f'ui.campaign.budget.{kind}')}".strip()
        self.spent_today = shown.money(money.spend(found.spent_today_micros), account.currency, locale)
        self.event = account.conversion_event or "omni_purchase"
        self.since, self.until = found.asked.since.isoformat(), found.asked.until.isoformat()
        self.fetched_at = found.series["fetchedAt"] or ""

    def _numbers(self, found: overview.Detail, locale: str) -> None:
        currency, totals = self.currency, found.series["totals"]
        self.tiles = [shown.tile(name, totals[name], currency, locale) for name in TILES]
        self.days = shown.days(DAYS, found.series["rows"], currency, locale, unfinished=found.unfinished)
        self.unfinished = found.unfinished
        self.hours = [
            [f"{row['value']}:00", *shown.metrics(HOURS, row, currency, locale)]
            for row in found.hours["rows"]
        ]
        self.done = [
            Done(
                one.created_at.isoformat(),
                one.actor_name,
                say(locale, f"ui.action.{one.action}"),
                say(locale, f"ui.outcome.{one.outcome.value}"),
            )
            for one in found.changes
        ]
