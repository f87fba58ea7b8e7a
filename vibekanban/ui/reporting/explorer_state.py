"""What the explorer shows and what its controls do; what it asks for is in the address, so a view can be shared."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import plotly.graph_objects as go
import reflex as rx
from pydantic import ValidationError

from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.meta import accounts
from vibekanban.domains.reporting import explorer, sheets, wording
from vibekanban.domains.reporting.definitions import FIRST, MOST_CONDITIONS, Definition, Operator
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.figures import OF_PEOPLE, Metric
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.reporting import explorer_chart, explorer_rows
from vibekanban.ui.reporting.explorer_rows import Row

PAGE = 50
IN_ADDRESS = (
    "level",
    "preset",
    "since",
    "until",
    "compare",
    "metrics",
    "search",
    "statuses",
    "where",
    "sort",
    "chart",
)
MANY = {"metrics", "statuses", "where"}


@dataclass
class Choice:
    id: str
    label: str


@dataclass
class Bound:
    """A filter on a metric: as it is kept, and in words."""

    text: str
    label: str


class Chart(rx.State):
    """The figure and its table, apart from the rest: they are large."""

    figure: go.Figure = go.Figure()
    days: list[list[str]] = []
    heads: list[str] = []


class Explorer(rx.State):
    loaded: bool = False
    accounts: list[Choice] = []
    account_id: str = ""
    level: str = "campaign"
    preset: str = "last_30_days"
    since: str = ""
    until: str = ""
    compare: str = "previous"
    metrics: list[str] = [metric.value for metric in FIRST]
    search: str = ""
    statuses: list[str] = []
    where: list[str] = []
    sort: str = "-spend"
    chart: str = "spend"
    page: int = 1
    pages: int = 1
    count: int = 0
    heads: list[list[str]] = []
    rows: list[Row] = []
    below: list[Row] = []
    bounds: list[Bound] = []
    spans: str = ""
    counted: str = ""
    attribution: str = ""
    notes: list[str] = []
    warnings: list[str] = []
    comparing: bool = True
    of_people: bool = False
    asking: bool = False
    fetched_at: str = ""

    @guard.signed_in
    async def load(self) -> Any:
        """On arrival: what the address asks for, or what was shown last."""
        query = self.router.url.query_parameters
        for name in IN_ADDRESS:
            if name in query:
                setattr(self, name, _words(query[name]) if name in MANY else query[name][:100])
        self.account_id = query.get("account", "") or self.account_id
        self.page = 1
        yield await self._show()
        yield await self._ask_people()

    @guard.signed_in
    async def changed(self, topic: str, account: str, _data: str) -> None:
        """New numbers: show them if they are of this account."""
        if topic == "poll" or not self.account_id or account == self.account_id:
            await self._show()

    @guard.signed_in
    async def choose(self, account_id: str) -> Any:
        self.account_id = account_id
        async for step in self._again():
            yield step

    @guard.signed_in
    async def pick(self, name: str, value: str) -> Any:
        """One of the choices above the table."""
        if name in {"level", "preset", "compare", "chart"}:
            setattr(self, name, value)
        if name == "statuses":
            self.statuses = [value] if value else []
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
        falling = f"-{column}"
        first = column if column == "name" else falling
        other = falling if column == "name" else column
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
        locale = locale_of(self)
        if len(self.where) >= MOST_CONDITIONS:
            yield rx.toast.error(say(locale, "reports.filter.many"))
            return
        operator = wording.OPERATORS.get(str(form.get("operator")), Operator.OVER)
        text = f"{form.get('metric', '')}{operator.value}{_number(str(form.get('value') or ''), locale)}"
        try:
            Definition.model_validate({"account_id": self.account_id, "where": [text]})
        except ValidationError:
            yield rx.toast.error(say(locale, "reports.filter.wrong"))
            return
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
        locale = locale_of(self)
        text = sheets.csv_text(sheets.header(answer, locale), sheets.rows(answer, locale))
        name = f"{answer.definition.level.value}-{answer.asked.since}-{answer.asked.until}.csv"
        return rx.download(data=text, filename=name)

    # -- behind them

    async def _again(self) -> Any:
        """Show from the first page, keep the address, then ask for the people reached if they are shown."""
        self.page = 1
        yield await self._show()
        yield await self._ask_people()

    async def _ask_people(self) -> None:
        answer = await self._read() if OF_PEOPLE & set(self.metrics) else None
        if answer is not None and await asyncio.to_thread(explorer.ask_people, answer):
            await self._show()
        self.asking = False

    def _definition(self) -> Definition:
        values = {name: getattr(self, name) for name in IN_ADDRESS}
        values |= {"account_id": self.account_id, "q": values.pop("search")}
        values |= {name: values[name] or None for name in ("since", "until")}
        try:
            return Definition.model_validate(values)
        except ValidationError as error:
            raise Invalid({"range": "field.date"} if "date" in str(error) else {}) from error

    async def _read(self) -> Answer | None:
        """The answer; None without any account."""
        known = await base.run(self, accounts.connected, limit=1000)
        self.accounts = [
            Choice(str(one.account.id), f"{one.account.name} · {one.account.currency}") for one in known
        ]
        if not self.accounts:
            self.account_id = ""
            return None
        if not self.account_id:
            self.account_id = self.accounts[0].id
        if base.uuid_of(self.account_id) is None:
            raise NotFound()
        return await db.run(explorer.explore, await base.user_id(self), self._definition())

    async def _show(self) -> rx.event.EventSpec | None:
        try:
            answer = await self._read()
        finally:
            self.loaded = True
        if answer is None:
            return None
        locale = locale_of(self)
        definition = answer.definition
        self.since, self.until = answer.asked.since.isoformat(), answer.asked.until.isoformat()
        self.heads = [
            [metric.value, say(locale, f"reports.metric.{metric.value}")] for metric in definition.metrics
        ]
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
        self.comparing = answer.compared is not None
        self.spans = wording.spans(answer, locale)
        self.counted = ", ".join(answer.events) or (answer.account.conversion_event or "omni_purchase")
        self.attribution = ", ".join(answer.windows) or say(locale, "reports.attribution.unknown")
        self.warnings = explorer_rows.warnings(answer, locale)
        self.notes = explorer_rows.notes(answer, locale)
        self.of_people = bool(OF_PEOPLE & set(definition.metrics))
        self.fetched_at = answer.fetched_at.isoformat() if answer.fetched_at else ""
        chart = await self.get_state(Chart)
        chart.figure = explorer_chart.over_time(answer, locale)
        chart.days = explorer_chart.day_rows(answer, locale)
        return self._address()

    def _address(self) -> rx.event.EventSpec:
        """The view in the address bar, without a step in the history for each change."""
        values = {"account": self.account_id}
        for name in IN_ADDRESS:
            value = getattr(self, name)
            if name in {"since", "until"} and self.preset != "custom":
                continue
            if value and value != Explorer.get_fields()[name].default:
                values[name] = ",".join(value) if name in MANY else value
        query = json.dumps("?" + urlencode(values))
        return rx.call_script(f"history.replaceState(history.state,'',location.pathname+{query})")


def _words(text: str) -> list[str]:
    return [word for word in text[:600].split(",") if word]


def _number(text: str, locale: str) -> str:
    """A number as people of the language write it."""
    text = text.strip().replace(" ", "")
    return text.replace(".", "").replace(",", ".") if locale == "es" and "," in text else text
