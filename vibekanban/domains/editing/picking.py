"""Choosing what a bulk edit is about: objects by account, level, status, name and what they did lately."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from vibekanban.core import db
from vibekanban.domains.meta import metrics, metrics_sql, objects
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.meta.objects import Thing

MOST = 500
MOST_LOOKED_AT = 20_000
METRICS = ("spend", "revenue", "roas", "conversions", "cpa", "impressions", "clicks", "ctr", "cpc", "cpm")
_SUMS = text(
    f"SELECT object_id, {metrics_sql.SUMS} FROM metric_facts WHERE account_id = :account"
    " AND level = :level AND breakdown = '' AND day >= :since GROUP BY object_id"
)


@dataclass(frozen=True)
class Filter:
    """Bounds are in the metric's own unit; money in each account's currency."""

    level: Level = Level.CAMPAIGN
    account_id: UUID | None = None
    status: str = ""
    q: str = ""
    metric: str = "spend"
    days: int = 30
    above: Decimal | None = None
    below: Decimal | None = None


@dataclass(frozen=True)
class Candidate:
    """An object with its number of the last days; None when there is nothing to divide by."""

    thing: Thing
    account: MetaAccount
    value: Decimal | None
    spend: Decimal


def candidates(session: Session, user_id: UUID, wanted: Filter) -> list[Candidate]:
    """What fits, the dearest first, at most five hundred."""
    accounts = _accounts(session, user_id, wanted)
    if not accounts:
        return []
    numbers = _numbers(accounts.values(), wanted)
    found = [
        Candidate(
            thing,
            accounts[thing.account_id],
            _value(numbers[thing.account_id].get(thing.meta_id, {}), wanted.metric),
            _value(numbers[thing.account_id].get(thing.meta_id, {}), "spend") or Decimal(0),
        )
        for thing in _things(session, user_id, wanted, list(accounts))
    ]
    fitting = [one for one in found if _fits(one.value, wanted)]
    return sorted(fitting, key=lambda one: (-one.spend, one.thing.name))[:MOST]


def _accounts(session: Session, user_id: UUID, wanted: Filter) -> dict[UUID, MetaAccount]:
    query = select(MetaAccount).where(MetaAccount.user_id == user_id)
    if wanted.account_id is not None:
        query = query.where(MetaAccount.id == wanted.account_id)
    return {one.id: one for one in session.exec(query)}


def _things(session: Session, user_id: UUID, wanted: Filter, account_ids: Sequence[UUID]) -> list[Thing]:
    table: Any = objects.TABLES[wanted.level]
    query = select(table).where(table.user_id == user_id, col(table.account_id).in_(account_ids))
    if wanted.status:
        query = query.where(table.effective_status == wanted.status)
    else:
        query = query.where(col(table.effective_status).not_in(objects.GONE))
    if q := wanted.q.replace("\x00", "").strip():
        query = query.where(col(table.name).icontains(q, autoescape=True))
    return list(session.exec(query.limit(MOST_LOOKED_AT)))


def _numbers(accounts: Any, wanted: Filter) -> dict[UUID, dict[str, Mapping[str, Any]]]:
    found: dict[UUID, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    with db.metrics_transaction() as store:
        for account in accounts:
            since = metrics.local_today(account) - timedelta(days=wanted.days - 1)
            values = {"account": account.id, "level": wanted.level.value, "since": since}
            for row in store.execute(_SUMS, values).mappings():
                found[account.id][row["object_id"]] = dict(row)
    return found


def _value(row: Mapping[str, Any], metric: str) -> Decimal | None:
    def of(name: str) -> Decimal:
        return Decimal(row.get(name) or 0)

    spend, revenue = of("spend_micros") / 10**6, of("revenue_micros") / 10**6
    conversions, clicks, shown = of("conversions_micros") / 10**6, of("clicks"), of("impressions")
    whole = {
        "spend": spend,
        "revenue": revenue,
        "conversions": conversions,
        "impressions": shown,
        "clicks": clicks,
    }
    if metric in whole:
        return whole[metric]
    top, bottom = {
        "roas": (revenue, spend),
        "cpa": (spend, conversions),
        "ctr": (clicks * 100, shown),
        "cpc": (spend, clicks),
        "cpm": (spend * 1000, shown),
    }[metric]
    return top / bottom if bottom else None


def _fits(value: Decimal | None, wanted: Filter) -> bool:
    """A ratio without a divisor is neither above nor below anything."""
    if wanted.above is None and wanted.below is None:
        return True
    if value is None:
        return False
    return (wanted.above is None or value > wanted.above) and (wanted.below is None or value < wanted.below)
