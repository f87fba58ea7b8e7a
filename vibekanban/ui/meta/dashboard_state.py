"""What the dashboard shows and what its controls do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import reflex as rx

from vibekanban.core import sheet
from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.meta import money, overview
from vibekanban.domains.meta.models import ConnectionStatus
from vibekanban.domains.sharing import looking
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import day_of, locale_of, uuid_of
from vibekanban.ui.components.shared import account_name

COLUMNS = ("budget", "spend", "impressions", "clicks", "ctr", "cpc", "conversions", "cpa", "roas", "today")
FIRST = ["budget", "spend", "clicks", "ctr", "conversions", "cpa", "roas", "today"]
TILES = ("spend", "revenue", "roas", "conversions", "cpa", "ctr")


@dataclass
class Choice:
    id: str
    label: str


@dataclass
class Line:
    """A campaign as the table shows it; `cells` are in the order of the visible columns."""

    id: str
    name: str
    status: str
    tone: str
    cells: list[str]


class Trend(rx.State):
    """The chart's data, apart from the rest so that a new point draws nothing else."""

    columns: list[list[float | None]] = [[], [], []]
    days: list[list[str]] = []
    unfinished: bool = False

    def _take(self, found: overview.Overview, currency: str, locale: str) -> None:
        days = found.numbers["days"]
        at = [
            datetime.combine(date.fromisoformat(day["date"]), datetime.min.time(), UTC).timestamp()
            for day in days
        ]
        self.columns = [at, [float(day["spend"]) for day in days], [float(day["revenue"]) for day in days]]
        self.days = shown.days(
            ("spend", "revenue", "roas"), days, currency, locale, unfinished=found.unfinished
        )
        self.unfinished = found.unfinished


class Dashboard(rx.State):
    loaded: bool = False
    accounts: list[Choice] = []
    account_id: str = ""
    currency: str = "EUR"
    event: str = ""
    timezone: str = ""
    preset: str = "30"
    since: str = ""
    until: str = ""
    tiles: list[shown.Tile] = []
    lines: list[Line] = []
    columns: list[str] = FIRST
    heads: list[list[str]] = []
    search: str = ""
    status: str = ""
    sort: str = "spend"
    down: bool = True
    total: int = 0
    fetched_at: str = ""
    synced_at: str = ""
    syncing: bool = False
    progress: int = 0
    step: str = ""
    trouble: str = ""
    unlisted: str = ""
    shared_by: str = ""
    exports: bool = True

    @guard.signed_in
    async def load(self) -> None:
        """On arrival: the account of the address, or the one shown last, or the first."""
        asked = self.router.url.query_parameters.get("account", "")
        await (self._show(asked) if asked else self._show_again())

    @guard.signed_in
    async def changed(self, topic: str, account: str, _data: str) -> None:
        """Something was written: show it if it is ours to show."""
        if topic in {"poll", "connections", "sharing"} or account == self.account_id or not self.account_id:
            await self._show_again()

    @guard.signed_in
    async def choose(self, account_id: str) -> None:
        await self._show(account_id)

    @guard.signed_in
    async def span(self, preset: str) -> None:
        self.preset = preset if preset in {"7", "30", "90", "custom"} else "30"
        await self._show(self.account_id)

    @guard.signed_in
    async def between(self, form: dict[str, Any]) -> None:
        self.since, self.until = str(form.get("since") or ""), str(form.get("until") or "")
        self.preset = "custom"
        await self._show(self.account_id)

    @guard.signed_in
    async def find(self, text: str) -> None:
        self.search = text[:100]
        await self._show(self.account_id)

    @guard.signed_in
    async def only(self, status: str) -> None:
        self.status = status[:40]
        await self._show(self.account_id)

    @guard.signed_in
    async def order(self, column: str) -> None:
        if column in {*COLUMNS, "name"}:
            self.down = not self.down if column == self.sort else column != "name"
            self.sort = column
            await self._show(self.account_id)

    @guard.signed_in
    async def toggle(self, column: str) -> None:
        if column in COLUMNS:
            kept = set(self.columns) ^ {column}
            self.columns = [name for name in COLUMNS if name in kept]
            await self._show(self.account_id)

    @guard.signed_in
    async def export(self) -> rx.event.EventSpec:
        """The table as it is filtered and sorted, all columns, as CSV."""
        locale = locale_of(self)
        look = await self._read(self.account_id)
        found = look.found
        if look.sight is not None:
            look.sight.exporting()
        currency = found.chosen.account.currency if found.chosen else "EUR"
        titles = ["name", "status", *COLUMNS]
        rows = []
        for line in self._sorted(found):
            values = _values(line, currency)
            cells = ["" if values[name] is None else values[name] for name in COLUMNS]
            rows.append([line.campaign.name, line.campaign.effective_status, *cells])
        return rx.download(
            data=sheet.text([say(locale, f"ui.column.{name}") for name in titles], rows),
            filename=f"campaigns-{self.since}-{self.until}.csv",
        )

    # -- behind them

    async def _read(self, account_id: str) -> looking.Look:
        custom = self.preset == "custom"
        return await base.run(
            self,
            looking.overview,
            uuid_of(account_id),
            since=day_of(self.since) if custom else None,
            until=day_of(self.until) if custom else None,
            days=30 if custom else int(self.preset),
        )

    async def _show_again(self) -> None:
        """What was shown last, unless it is gone or no longer shared: then the first there is."""
        try:
            await self._show(self.account_id)
        except NotFound:
            await self._show("")

    async def _show(self, account_id: str) -> None:
        locale = locale_of(self)
        look = await self._read(account_id)
        found = look.found
        self.accounts = [
            Choice(str(one.account.id), account_name(one.account, one.shared_by, locale))
            for one in look.choices
        ]
        self.shared_by = look.sight.shared_by if look.sight else ""
        self.exports = look.sight is None or look.sight.may_export
        self.loaded = True
        if found.chosen is None or found.asked is None:
            self.account_id = ""
            return
        account = found.chosen.account
        self.account_id, self.currency, self.timezone = str(account.id), account.currency, account.timezone
        self.event = account.conversion_event or "omni_purchase"
        self.since, self.until = found.asked.since.isoformat(), found.asked.until.isoformat()
        now, before = found.numbers["totals"], found.numbers["previous"]
        self.tiles = [
            shown.tile(
                name,
                now[name],
                account.currency,
                locale,
                before=before[name] if found.numbers["previousComplete"] else None,
            )
            for name in TILES
        ]
        lines = self._sorted(found)
        self.total = len(lines)
        self.heads = [[name, say(locale, f"ui.column.{name}")] for name in self.columns]
        self.lines = [_line(line, self.columns, account.currency, locale) for line in lines[:100]]
        self.fetched_at = found.numbers.get("fetchedAt") or ""
        self.synced_at = found.chosen.last_synced_at.isoformat() if found.chosen.last_synced_at else ""
        gone = found.numbers["unlisted"]["spend"]
        self.unlisted = shown.money(gone, account.currency, locale) if float(gone) > 0 else ""
        self.trouble = ""
        if found.chosen.connection.status is not ConnectionStatus.ACTIVE:
            self.trouble = say(locale, "ui.dashboard.trouble")
        elif account.unreachable_at is not None:
            self.trouble = say(locale, "ui.dashboard.unreachable")
        self._show_sync(found, locale)
        trend = await self.get_state(Trend)
        trend._take(found, account.currency, locale)

    def _show_sync(self, found: overview.Overview, locale: str) -> None:
        sync = found.sync
        self.syncing = (
            sync is not None
            and sync.status.value in {"queued", "running", "waiting"}
            and sync.kind.value != "today"
        )
        self.progress = sync.progress if sync else 0
        self.step = say(locale, f"syncs.step.{sync.step}") if sync else ""

    def _sorted(self, found: overview.Overview) -> list[overview.CampaignLine]:
        wanted = self.search.strip().lower()
        lines = [
            line
            for line in found.campaigns
            if (not wanted or wanted in line.campaign.name.lower() or wanted == line.campaign.meta_id)
            and (not self.status or line.campaign.effective_status == self.status)
        ]
        if self.sort == "name":
            return sorted(lines, key=lambda line: line.campaign.name.lower(), reverse=self.down)
        currency = found.chosen.account.currency if found.chosen else "EUR"

        def key(line: overview.CampaignLine) -> float:
            value = _values(line, currency)[self.sort]
            return float(value) if value is not None else float("-inf")

        return sorted(lines, key=key, reverse=self.down)


def _values(line: overview.CampaignLine, currency: str) -> dict[str, Any]:
    campaign, numbers = line.campaign, line.numbers
    return {
        "budget": money.budget(campaign.daily_budget or campaign.lifetime_budget, currency),
        "today": money.spend(line.spent_today_micros),
        **{
            name: numbers[name]
            for name in ("spend", "impressions", "clicks", "ctr", "cpc", "conversions", "cpa", "roas")
        },
    }


def _line(line: overview.CampaignLine, columns: list[str], currency: str, locale: str) -> Line:
    cells = shown.metrics(columns, _values(line, currency), currency, locale)
    word, tone = shown.status(line.campaign.effective_status, locale)
    return Line(str(line.campaign.id), line.campaign.name, word, tone, cells)
