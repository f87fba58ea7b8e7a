"""The truth to compare with: totals as integers and exact decimals, as visible now on the sandbox's clock."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.delivery import Delivery
from vibekanban.sandbox.graph.insights import LEVELS, Asked, Row, Tables
from vibekanban.sandbox.graph.numbers import Numbers
from vibekanban.sandbox.graph.shown import money
from vibekanban.sandbox.graph.world import ACCOUNTS, Account

MICRO = 1_000_000
COUNTS = ("impressions", "clicks", "link_clicks", "purchases", "carts", "leads")


class Unclear(Exception):
    """The question can not be answered; its text says why."""


class Oracle:
    """Adds up what the ads delivered, gone ones too."""

    def __init__(self, catalogue: Catalogue, delivery: Delivery, tables: Tables) -> None:
        self._catalogue = catalogue
        self._delivery = delivery
        self._tables = tables

    def answer(self, query: Mapping[str, str]) -> dict[str, Any]:
        """?account=&level=&ids=&since=&until=&breakdown=&increment= (1, 2…, monthly or all_days)."""
        ids = [one for one in query.get("ids", "").split(",") if one]
        account = self._account(query.get("account", ""), ids)
        today = self._delivery.today(account)
        try:
            since = date.fromisoformat(query.get("since", str(today)))
            until = date.fromisoformat(query.get("until", str(today)))
        except ValueError:
            raise Unclear("since and until are days as YYYY-MM-DD") from None
        increment = query.get("increment", "1")
        asked = Asked(
            account,
            query.get("level") or self._level(ids),
            since,
            until,
            int(increment) if increment.isdigit() else increment,
            tuple(one for one in query.get("breakdown", "").split(",") if one),
        )
        if asked.level not in {"account", *LEVELS}:
            raise Unclear("level is account, campaign, adset or ad")
        wanted = {one.removeprefix("act_") for one in ids}
        rows = [row for row in self._tables.rows(asked) if not wanted or row.object_id in wanted]
        items = [
            {
                "id": row.object_id,
                "date": row.start.isoformat(),
                "cut": list(row.cut),
                **_true(row.numbers, account),
            }
            for row in rows
        ]
        total = sum((row.numbers for row in rows), Numbers())
        return {
            "currency": account.currency,
            "timezone": account.timezone,
            "today": str(today),
            "items": items,
            "totals": _true(total, account),
            "by_id": {one: _true(numbers, account) for one, numbers in _by_id(rows).items()},
        }

    def _account(self, named: str, ids: list[str]) -> Account:
        found = ACCOUNTS.get(named.removeprefix("act_")) or (
            ACCOUNTS.get(ids[0].removeprefix("act_")) if ids else None
        )
        found = found or (self._catalogue.account_of(ids[0]) if ids else None)
        if found is None:
            raise Unclear("name an account, or ids of one account")
        return found

    def _level(self, ids: list[str]) -> str:
        fields = self._catalogue.find(ids[0]) if ids else None
        return str(fields["level"]) if fields else "account"


def _by_id(rows: list[Row]) -> dict[str, Numbers]:
    found: dict[str, Numbers] = {}
    for row in rows:
        found[row.object_id] = found.get(row.object_id, Numbers()) + row.numbers
    return found


def _true(numbers: Numbers, account: Account) -> dict[str, Any]:
    counts: dict[str, Any] = {name: getattr(numbers, name) for name in COUNTS}
    return counts | {
        "spend": money(numbers.spend, account),
        "spend_micros": numbers.spend * MICRO // account.offset,
        "value": money(numbers.value, account),
        "value_micros": numbers.value * MICRO // account.offset,
    }
