"""The insights edge: from a call's parameters to its page of rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from vibekanban.sandbox.graph import actions, filters, insights, paging, params, shown
from vibekanban.sandbox.graph.catalogue import GONE, Catalogue
from vibekanban.sandbox.graph.delivery import Delivery
from vibekanban.sandbox.graph.filters import Condition
from vibekanban.sandbox.graph.insights import LEVELS, Asked, Row, Tables
from vibekanban.sandbox.graph.numbers import Numbers
from vibekanban.sandbox.graph.paging import Switches
from vibekanban.sandbox.graph.periods import periods
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.shown import Shape
from vibekanban.sandbox.graph.world import Account

SYNC_AD_DAYS = 400_000  # what a synchronous call may look at
SORTABLE = {
    "spend": "spend", "impressions": "impressions", "clicks": "clicks", "reach": "impressions",
    "inline_link_clicks": "link_clicks",
}  # fmt: skip


class InsightEdge:
    """Answers `…/insights`."""

    def __init__(self, catalogue: Catalogue, delivery: Delivery) -> None:
        self._catalogue = catalogue
        self._delivery = delivery
        self.tables = Tables(delivery)

    def page(
        self,
        account: Account,
        parents: dict[str, str],
        asked: dict[str, Any],
        url: str,
        how: Switches,
        *,
        sync: bool = True,
    ) -> dict[str, Any]:
        """A page of rows; too much for a synchronous call is refused as Meta refuses it."""
        queries, conditions, shape = self.read(account, parents, asked)
        if sync:
            self._check_size(account, queries)
        queries = [self._narrowed(query, conditions) for query in queries]
        rows = [row for query in queries for row in self._kept(query, conditions)]
        _sort(rows, params.words(asked.get("sort")))
        page = paging.page(rows, asked, url, how)
        page["data"] = [shown.shown(row, queries[0], shape, self._catalogue.find) for row in page["data"]]
        page.pop("summary", None)
        summed = params.words(asked.get("summary")) if not params.truth(asked.get("summary")) else []
        if summed or params.truth(asked.get("default_summary")):
            fields = summed if summed and "total_count" not in summed else shape.fields
            page["summary"] = self._summary(queries[0], rows, replace(shape, fields=fields))
        return page

    def read(
        self, account: Account, parents: dict[str, str], asked: dict[str, Any]
    ) -> tuple[list[Asked], list[Condition], Shape]:
        """What a call wants, or the refusal of it."""
        today = self._delivery.today(account)
        increment: int | str = str(asked.get("time_increment") or "all_days")
        if increment not in {"all_days", "monthly"}:
            if not str(increment).isdigit() or not 1 <= int(increment) <= 90:
                raise GraphError(100, "(#100) time_increment must be 1 to 90, monthly or all_days")
            increment = int(increment)
        level = str(asked.get("level") or next(iter(parents), "account"))
        if level not in {"account", *LEVELS}:
            raise GraphError(
                100, "(#100) level must be one of the following values: ad, adset, campaign, account"
            )
        breakdowns = tuple(params.words(asked.get("breakdowns")))
        queries = [
            Asked(account, level, since, until, increment, breakdowns, **_inside(parents))
            for since, until in periods(asked, today)
        ]
        for query in queries:
            insights.check(query, today)
        fields = [one.name for one in params.fields(asked.get("fields") or ",".join(shown.DEFAULT))]
        shown.check(fields)
        windows = params.words(asked.get("action_attribution_windows"))
        actions.check(windows)
        by_action = "action_breakdowns" not in asked or bool(params.words(asked["action_breakdowns"]))
        conditions = filters.read(params.value(asked.get("filtering")))
        return queries, conditions, Shape(fields, windows, by_action)

    def _check_size(self, account: Account, queries: list[Asked]) -> None:
        ads = account.campaigns * account.adsets * account.ads // account.live
        days = sum(min((query.until - query.since).days + 1, 400) for query in queries)
        narrow = any((query.campaign, query.adset, query.ad) != (None, None, None) for query in queries)
        if not narrow and ads * days > SYNC_AD_DAYS:
            raise GraphError(
                100, "Please reduce the amount of data you're asking for, then retry your request",
                subcode=1487534, title="Too much data was requested",
                user_message="Ask for a shorter range, or asynchronously.",
            )  # fmt: skip

    # -- which rows

    def _narrowed(self, query: Asked, conditions: list[Condition]) -> Asked:
        """Conditions on objects below the rows' level pick the ads that are added up."""
        depth = LEVELS.index(query.level) if query.level in LEVELS else -1
        below = [
            one for one in conditions if one.level and not one.metric and LEVELS.index(one.level) > depth
        ]
        if not below:
            return query
        find = self._catalogue.find
        units = self._delivery.units.of(
            query.account, campaign=query.campaign, adset=query.adset, ad=query.ad
        )
        picked: frozenset[str] = frozenset(
            unit.ids[2]
            for unit in units
            if all(
                filters.holds([one], one.level, find(unit.ids[LEVELS.index(one.level)]) or {}, find)
                for one in below
            )
        )
        return replace(query, only=picked)

    def _kept(self, query: Asked, conditions: list[Condition]) -> list[Row]:
        """Lists leave archived and deleted objects out; totals of parents keep what they delivered."""
        named = any(one.name == "effective_status" for one in conditions)
        metrics = [one for one in conditions if one.metric]
        depth = LEVELS.index(query.level) if query.level in LEVELS else -1
        upward = [
            one
            for one in conditions
            if not one.metric and (LEVELS.index(one.level) <= depth if one.level else depth >= 0)
        ]
        alive: dict[str, bool] = {}
        found = []
        for row in self.tables.rows(query):
            if depth >= 0:
                if row.object_id not in alive:
                    fields = self._catalogue.find(row.object_id) or {}
                    visible = named or fields.get("effective_status") not in GONE
                    alive[row.object_id] = visible and filters.holds(
                        upward, query.level, fields, self._catalogue.find
                    )
                if not alive[row.object_id]:
                    continue
            if all(one.holds(_metric(one, row, query)) for one in metrics):
                found.append(row)
        return found

    def _summary(self, query: Asked, rows: list[Row], shape: Shape) -> dict[str, Any]:
        total = Row(query.account.id, query.since, query.until, (), sum((r.numbers for r in rows), Numbers()))
        whole = replace(query, level="account", breakdowns=())
        return shown.shown(total, whole, shape, self._catalogue.find)


def _metric(condition: Condition, row: Row, query: Asked) -> float:
    count: int = getattr(row.numbers, filters.METRICS[condition.name])
    return count / query.account.offset if condition.name == "spend" else float(count)


def _sort(rows: list[Row], order: list[str]) -> None:
    for word in reversed(order):
        name, _, direction = word.rpartition("_")
        if name in {"date_start", "date_stop"}:
            rows.sort(key=_start, reverse=direction == "descending")
        elif name in SORTABLE:
            rows.sort(
                key=lambda row, counted=SORTABLE[name]: getattr(row.numbers, counted),
                reverse=direction == "descending",
            )
        else:
            raise GraphError(100, f"(#100) Sorting on {name or word} is not supported")


def _start(row: Row) -> date:
    return row.start


def _inside(parents: dict[str, str]) -> dict[str, Any]:
    """What the rows are under; of a creative there are none."""
    return {level: object_id for level, object_id in parents.items() if level in LEVELS}
