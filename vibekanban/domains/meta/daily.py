"""An account's last whole day beside the day before and the mean of the seven days before, and what moved most."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.metrics import Range
from vibekanban.domains.meta.models import Campaign, MetaAccount

BASE = 7  # days of the mean
MOST_MOVERS = 3


@dataclass(frozen=True)
class Numbers:
    """Of one day, or of a mean day; a ratio with nothing below the line is None."""

    spend: Decimal
    conversions: float
    revenue: Decimal
    cpa: Decimal | None
    roas: float | None


@dataclass(frozen=True)
class Mover:
    """A campaign and its spend on both days."""

    campaign_id: UUID
    name: str
    spend: Decimal
    before: Decimal

    @property
    def moved(self) -> Decimal:
        return abs(self.spend - self.before)


@dataclass(frozen=True)
class Daily:
    """`complete` when the day was read after it had ended, in the account's timezone."""

    account: MetaAccount
    day: date
    numbers: Numbers
    before: Numbers
    mean: Numbers
    movers: list[Mover]
    fetched_at: datetime | None
    complete: bool

    @property
    def empty(self) -> bool:
        """Nothing to tell: no money and no results on any of these days."""
        return not any(one.spend or one.conversions for one in (self.numbers, self.before, self.mean))


def daily(session: Session, store: Session, account: MetaAccount) -> Daily:
    """Yesterday of an account; `store` is on the metrics store."""
    day = metrics.local_today(account) - timedelta(days=1)
    now = _summary(store, account, Range(day, day))
    before = _summary(store, account, Range(day - timedelta(days=1), day - timedelta(days=1)))
    week = _summary(store, account, Range(day - timedelta(days=BASE), day - timedelta(days=1)))
    fetched_at = datetime.fromisoformat(now["fetchedAt"]) if now["fetchedAt"] else None
    ended = datetime.combine(day + timedelta(days=1), time(), ZoneInfo(account.timezone))
    return Daily(
        account=account,
        day=day,
        numbers=_numbers(now["totals"]),
        before=_numbers(before["totals"]),
        mean=_numbers(week["totals"], days=BASE),
        movers=_movers(session, account, now["campaigns"], before["campaigns"]),
        fetched_at=fetched_at,
        complete=fetched_at is not None and fetched_at >= ended,
    )


def _summary(store: Session, account: MetaAccount, asked: Range) -> dict[str, Any]:
    return json.loads(metrics.summary(store, account, asked))


def _numbers(row: dict[str, Any], *, days: int = 1) -> Numbers:
    return Numbers(
        spend=Decimal(str(row["spend"])) / days,
        conversions=float(row["conversions"]) / days,
        revenue=Decimal(str(row["revenue"])) / days,
        cpa=None if row["cpa"] is None else Decimal(str(row["cpa"])),
        roas=None if row["roas"] is None else float(row["roas"]),
    )


def _movers(
    session: Session, account: MetaAccount, now: list[dict[str, Any]], before: list[dict[str, Any]]
) -> list[Mover]:
    """The campaigns whose spend changed most, by the money."""
    spent = {row["metaCampaignId"]: Decimal(str(row["spend"])) for row in now}
    earlier = {row["metaCampaignId"]: Decimal(str(row["spend"])) for row in before}
    ids = sorted(
        spent.keys() | earlier.keys(),
        key=lambda one: (-abs(spent.get(one, Decimal()) - earlier.get(one, Decimal())), one),
    )[:MOST_MOVERS]
    named = {
        campaign.meta_id: campaign
        for campaign in session.exec(
            select(Campaign).where(Campaign.account_id == account.id, col(Campaign.meta_id).in_(ids))
        )
    }
    found = [
        Mover(named[one].id, named[one].name, spent.get(one, Decimal()), earlier.get(one, Decimal()))
        for one in ids
        if one in named
    ]
    return [one for one in found if one.moved]
