"""The money an edit puts at stake: how daily and lifetime budgets move, and what the object spent of late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, text
from sqlmodel import Session, col, select

from vibekanban.core import db
from vibekanban.domains.editing import fields
from vibekanban.domains.meta import metrics, money
from vibekanban.domains.meta.models import AdSet, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing

DAYS = 30


@dataclass(frozen=True)
class Stake:
    """In major units of `currency`; a delta is None when the edit moves no such budget."""

    currency: str
    daily_budget_delta: Decimal | None
    lifetime_budget_delta: Decimal | None
    spend_30d: Decimal


def stake(
    session: Session,
    account: MetaAccount,
    level: Level,
    thing: Thing,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
) -> Stake:
    """What changes when `values` are set on what Meta says in `row`."""
    deltas = {name: delta(session, level, thing, row, values, name) for name in fields.BUDGETS}
    currency = account.currency
    return Stake(
        currency,
        money.budget(deltas["daily_budget"], currency),
        money.budget(deltas["lifetime_budget"], currency),
        spent(account, level, thing.meta_id),
    )


def delta(
    session: Session,
    level: Level,
    thing: Thing,
    row: Mapping[str, Any],
    values: Mapping[str, Any],
    name: str,
) -> int | None:
    """In minor units: an edit of the budget, or the whole budget when the object starts or stops."""
    field = fields.EDITABLE[level].get(name)
    if field is None:
        return None
    held = fields.read(field, row)
    if held is None and level is Level.CAMPAIGN:
        held = _of_ad_sets(session, thing, name)
    then = values.get(name, held)
    was_on = row.get("status") == "ACTIVE"
    on = values.get("status", row.get("status")) == "ACTIVE"
    if was_on != on:
        amount = then if on else held
        return None if amount is None else amount if on else -amount
    return None if values.get(name) is None else then - (held or 0)


def _of_ad_sets(session: Session, campaign: Thing, name: str) -> int | None:
    """What the running ad sets of a campaign without a budget may spend."""
    column: Any = getattr(AdSet, name)
    return session.exec(
        select(func.sum(column)).where(AdSet.campaign_id == campaign.id, col(AdSet.status) == "ACTIVE")
    ).one()


def spent(account: MetaAccount, level: Level, meta_id: str) -> Decimal:
    """What the object spent in the last thirty days, as far as it was read."""
    with db.metrics_transaction() as session:
        micros = session.execute(
            text(
                "SELECT coalesce(sum(spend_micros), 0)::bigint FROM metric_facts WHERE account_id = :account"
                " AND level = :level AND object_id = :object AND breakdown = '' AND day >= :since"
            ),
            {
                "account": account.id,
                "level": level.value,
                "object": meta_id,
                "since": metrics.local_today(account) - timedelta(days=DAYS - 1),
            },
        ).scalar_one()
    return money.spend(micros)
