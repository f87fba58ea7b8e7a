"""What the explorer shows and what its controls do; what it asks for is in the address, so a view can be shared."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import reflex as rx

from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.meta.models import SyncKind
from vibekanban.domains.reporting import cuts, explorer, saved, sheets, wording
from vibekanban.domains.reporting.definitions import MOST_CONDITIONS
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.figures import OF_PEOPLE, Metric
from vibekanban.domains.sharing import sights
from vibekanban.domains.sharing.sights import Sight
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.shared import account_name
from vibekanban.ui.reporting import explorer_address as address
from vibekanban.ui.reporting import explorer_rows
from vibekanban.ui.reporting.explorer_chart import Chart
from vibekanban.ui.reporting.explorer_rows import Bound, Choice, Head, Row
from vibekanban.ui.reporting.restated import Restated

PAGE = 50
CHOICES = frozenset({"level", "breakdown", "preset", "compare", "chart", "shape"})


class Explorer(rx.State):
    loaded: bool = False
    accounts: list[Choice] = []
    account_id: str = ""
    report_id: str = ""
    report_name: str = ""
    altered: bool = False
    _kept: dict[str, Any] = {}
    level: str = address.DEFAULTS["level"]
    breakdown: str = address.DEFAULTS["breakdown"]
    preset: str = address.DEFAULTS["preset"]
    since: str = ""
    until: str = ""
    compare: str = address.DEFAULTS["compare"]
    metrics: list[str] = address.DEFAULTS["metrics"]
    search: str = ""
    statuses: list[str] = []
    where: list[str] = []
    sort: str = address.DEFAULTS["sort"]
    chart: str = address.DEFAULTS["chart"]
    shape: str = address.DEFAULTS["shape"]
    page: int = 1
    pages: int = 1
    count: int = 0
    heads: list[Head] = []
    rows: list[Row] = []
    below: list[Row] = []
    bounds: list[Bound] = []
    spans: str = ""
    counted: str = ""
    attribution: str = ""
    notes: list[str] = []
    warnings: list[str] = []
    unread: bool = False
    fetching: bool = False
    progress: int = 0
    fetch_failed: str = ""
    fetched_at: str = ""
    shared_by: str = ""
    exports: bool = True

    @guard.signed_in
    async def load(self) -> Any:
        """On arrival: what the address asks for; without any, what was shown last."""
        query = self.router.url.query_parameters
        if query:
            self._forget()
            if "report" in query:
                await self._open(query["report"])
            self._take(address.parsed(query, self._kept or address.DEFAULTS))
            self.account_id = query.get("account", "") or self.account_id
        async for step in self._again():
            yield step
        await self._look()

    @guard.signed_in
    async def changed(self, topic: str, account: str, data: str) -> Any:
        """New numbers, or a breakdown came further: show them if they are of this account.

        When it is shared no longer, that is said, and what else there is takes its place.
        """
        if topic not in {"poll", "sharing"} and self.account_id and account != self.account_id:
            return
        if topic == "sync":
            told = json.loads(data)
            if not self.fetching or told.get("kind") != SyncKind.BREAKDOWN.value:
                return
            self.progress = max(self.progress, int(told.get("progress") or 0))
            if told.get("status") in {"queued", "running", "waiting"}:
                return
        try:
            await self._show()
        except NotFound:
            if not self.shared_by:
                raise
            yield rx.toast.warning(
                say(locale_of(self), "sharing.over", owner=self.shared_by), duration=20_000
            )
            self.account_id = ""
            self._forget()
            async for step in self._again():
                yield step
        await self._look()

    @guard.signed_in
    async def choose(self, account_id: str) -> Any:
        self.account_id = account_id
        self._forget()
        async for step in self._again():
            yield step
        await self._look()

    @guard.signed_in
    async def pick(self, name: str, value: str) -> Any:
        """One of the choices above the table."""
        if name in CHOICES:
            setattr(self, name, value)
        if name == "statuses":
            self.statuses = [value] if value else []
        if name == "breakdown" and value:
            self.shape = "rows"
        if name == "preset" and value == "custom":
            return  # the form asks for the days
        async for step in self._again():
            yield step

    @guard.signed_in
    async def between(self, form: dict[str, Any]) -> Any:
        self.since, self.until = str(form.get("since") or ""), str(form.get("until") or "")
        self.preset = "custom"
        async for step in self._again():
            yield step

    @guard.signed_in
    async def find(self, text: str) -> Any:
        self.search = text[:100]
        async for step in self._again():
            yield step

    @guard.signed_in
    async def order(self, column: str) -> Any:
        first, other = (column, f"-{column}") if column == "name" else (f"-{column}", column)
        self.sort = other if self.sort == first else first
        async for step in self._again():
            yield step

    @guard.signed_in
    async def toggle(self, column: str) -> Any:
        chosen = set(self.metrics) ^ {column}
        self.metrics = [metric.value for metric in Metric if metric.value in chosen] or ["spend"]
        async for step in self._again():
            yield step

    @guard.signed_in
    async def bound(self, form: dict[str, Any]) -> Any:
        """Add a filter on a metric."""
        if len(self.where) >= MOST_CONDITIONS:
            raise Invalid({"where": "reports.filter.many"})
        text = address.condition(form, locale_of(self))
        self.where = [*dict.fromkeys([*self.where, text])]
        async for step in self._again():
            yield step

    @guard.signed_in
    async def unbound(self, text: str) -> Any:
        self.where = [one for one in self.where if one != text]
        async for step in self._again():
            yield step

    @guard.signed_in
    async def turn(self, by: int) -> None:
        self.page = min(max(1, self.page + int(by)), self.pages)
        await self._show()

    @guard.signed_in
    async def export(self) -> rx.event.EventSpec | None:
        """The whole table as it is filtered and sorted, as CSV."""
        answer = await self._read()
        if answer is None:
            return None
        (await self._sight()).exporting()
        locale = locale_of(self)
        text = sheets.csv_text(answer, locale)
        name = f"{answer.definition.level.value}-{answer.asked.since}-{answer.asked.until}.csv"
        return rx.download(data=text, filename=name)

    # -- behind them

    def _take(self, values: dict[str, Any]) -> None:
        for name, value in values.items():
            setattr(self, name, value)

    def _forget(self) -> None:
        """No report is open."""
        self.report_id, self.report_name, self._kept = "", "", {}

    async def _open(self, report_id: str) -> None:
        """Show a saved report; NotFound when it is none of the viewer's."""
        known = base.uuid_of(report_id)
        if known is None:
            raise NotFound()
        self._opened(await base.run(self, saved.report, known))
        self._take(self._kept)

    def _opened(self, kept: saved.Kept) -> None:
        self.report_id, self.report_name = str(kept.report.id), kept.report.name
        self._kept = address.shown(kept.definition)
        self.account_id = str(kept.report.account_id)

    def _values(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in address.DEFAULTS}

    async def _again(self) -> Any:
        """Show from the first page, keep the address, then ask for the people reached if they are shown."""
        self.page = 1
        try:
            answer = await self._show()
        except Invalid:
            self._take(
                {name: value for name, value in address.DEFAULTS.items() if name not in {"since", "until"}}
            )
            await self._show()
            raise
        if answer is None:
            return
        values, kept = self._values(), self._kept or address.DEFAULTS
        self.altered = bool(self.report_id) and bool(address.changed(values, kept))
        query = json.dumps(address.written(self.account_id, values, report_id=self.report_id, kept=kept))
        yield rx.call_script(f"history.replaceState(history.state,'',location.pathname+{query})")
        if (
            not self.shared_by
            and OF_PEOPLE & set(self.metrics)
            and await asyncio.to_thread(explorer.ask_people, answer)
        ):
            await self._show()

    async def _look(self) -> None:
        """What Meta corrected in this account since the last visit."""
        restated = await self.get_state(Restated)
        await restated._look("" if self.shared_by else self.account_id)

    async def _read(self) -> Answer | None:
        """The answer; None without any account."""
        known = await base.run(self, sights.seen)
        self.accounts = [
            Choice(str(one.account.id), account_name(one.account, one.shared_by, locale_of(self)))
            for one in known
        ]
        if not self.accounts:
            self.account_id = ""
            return None
        if not self.account_id:
            self.account_id = self.accounts[0].id
        sight = await self._sight()
        self.shared_by, self.exports = sight.shared_by, sight.may_export
        asked = address.definition(self.account_id, self._values())
        return await db.run(explorer.explore, sight.owner_id, asked)

    async def _sight(self) -> Sight:
        """As whom the chosen account is read; NotFound for what one may not look at."""
        account_id = base.uuid_of(self.account_id)
        if account_id is None:
            raise NotFound()
        return await base.run(self, sights.of_account, account_id)

    async def _fetch(self, answer: Answer, *, again: bool = False) -> None:
        """Of an account of somebody else is shown what was read: who only looks asks nothing of Meta."""
        ordered = not self.shared_by
        found = await base.run(self, cuts.fetch, answer, again=again) if ordered else None
        locale = locale_of(self)
        self.fetching = found is not None and found.under_way
        self.progress = found.progress if found else 0
        self.fetch_failed = say(locale, f"errors.{found.error}") if found and found.error else ""

    async def _show(self) -> Answer | None:
        try:
            answer = await self._read()
        finally:
            self.loaded = True
        if answer is None:
            return None
        await self._fetch(answer)
        locale = locale_of(self)
        definition = answer.definition
        self.since, self.until = answer.asked.since.isoformat(), answer.asked.until.isoformat()
        self.heads = explorer_rows.heads(answer, locale)
        self.count = len(answer.lines)
        self.pages = max(1, -(-self.count // PAGE))
        self.page = min(self.page, self.pages)
        start = (self.page - 1) * PAGE
        self.rows = [explorer_rows.row(line, answer, locale) for line in answer.lines[start : start + PAGE]]
        self.below = explorer_rows.below(answer, locale)
        self.bounds = [
            Bound(text, wording.condition(condition, answer.account.currency, locale))
            for text, condition in zip(definition.where, definition.conditions, strict=True)
        ]
        self.spans = wording.spans(answer, locale)
        self.counted = ", ".join(answer.events) or (answer.account.conversion_event or "omni_purchase")
        unknown = say(locale, "reports.attribution.unknown") if answer.lines else ""
        self.attribution = ", ".join(answer.windows) or unknown
        self.warnings = explorer_rows.warnings(answer, locale)
        self.notes = explorer_rows.notes(answer, locale)
        lacks = answer.missing_days or (answer.compared and not answer.complete_before)
        self.unread = not definition.breakdown and not self.shared_by and bool(lacks)
        self.fetched_at = answer.fetched_at.isoformat() if answer.fetched_at else ""
        chart = await self.get_state(Chart)
        chart._take(answer, locale)
        return answer
