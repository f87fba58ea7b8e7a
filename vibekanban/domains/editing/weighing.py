"""The money a bulk edit puts at stake: daily budgets moved, and the share of the last thirty days' spend."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import db
from vibekanban.domains.editing import fields, stakes
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.meta import metrics, money
from vibekanban.domains.meta.models import Ad, AdSet, Level, MetaAccount
from vibekanban.domains.meta.objects import Thing

_SPENT = text(
    "SELECT object_id, sum(spend_micros)::bigint FROM metric_facts WHERE account_id = :account"
    " AND level = :level AND object_id = ANY(:objects) AND breakdown = '' AND day >= :since GROUP BY object_id"
)


@dataclass(frozen=True)
class Weight:
    """Of one currency, in its major units; `spend_total` is what the accounts that are touched spent."""

    currency: str
    daily_moved: Decimal
    lifetime_moved: Decimal
    spend_touched: Decimal
    spend_total: Decimal

    @property
    def share(self) -> Decimal | None:
        """Percent of the spend that is touched; None when there was none."""
        if not self.spend_total:
            return None
        return (self.spend_touched * 100 / self.spend_total).quantize(Decimal("0.1"))


@dataclass(frozen=True)
class Weighed:
    """By currency, and what each object spent in thirty days."""

    by_currency: tuple[Weight, ...]
    spent: Mapping[UUID, Decimal]


def weighed(session: Session, plans: Sequence[Planned]) -> Weighed:
    """What would really change counts; what is inside of another object that changes is not counted twice."""
    acting = [one for one in plans if one.acts]
    spent = _spent(plans)
    tops = _tops(acting)
    moved: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    touched: dict[str, Decimal] = defaultdict(Decimal)
    accounts: dict[UUID, MetaAccount] = {}
    for one in acting:
        if one.thing is None or one.account is None:
            continue
        accounts[one.account.id] = one.account
        currency = one.account.currency
        if one.object_id in tops:
            touched[currency] += spent.get(one.object_id, Decimal(0))
        if one.object_id in tops or "status" not in one.values:
            for place, name in enumerate(fields.BUDGETS):
                moved[currency][place] += _moved(session, one, one.thing, name)
    total: dict[str, Decimal] = defaultdict(Decimal)
    for account in accounts.values():
        whole = _read(account, Level.ACCOUNT, [account.meta_account_id])
        total[account.currency] += sum(whole.values(), Decimal(0))
    return Weighed(
        tuple(
            Weight(
                currency,
                money.budget(moved[currency][0], currency) or Decimal(0),
                money.budget(moved[currency][1], currency) or Decimal(0),
                touched[currency],
                max(total[currency], touched[currency]),
            )
            for currency in sorted({account.currency for account in accounts.values()})
        ),
        spent,
    )


def _moved(session: Session, one: Planned, thing: Thing, name: str) -> int:
    if one.handing is not None:
        return one.handing.moved(name)
    return stakes.delta(session, one.level, thing, one.row, one.values, name) or 0


def _tops(acting: Sequence[Planned]) -> set[UUID]:
    """The objects that have no parent among the others."""
    every = {one.object_id for one in acting}

    def inside(one: Planned) -> bool:
        if isinstance(one.thing, Ad):
            return one.thing.campaign_id in every or one.thing.ad_set_id in every
        return isinstance(one.thing, AdSet) and one.thing.campaign_id in every

    return {one.object_id for one in acting if not inside(one)}


def _spent(plans: Sequence[Planned]) -> dict[UUID, Decimal]:
    groups: dict[tuple[UUID, Level], list[Planned]] = defaultdict(list)
    for one in plans:
        if one.thing is not None and one.account is not None:
            groups[one.account.id, one.level].append(one)
    found: dict[UUID, Decimal] = {}
    for (_, level), members in groups.items():
        account = members[0].account
        if account is None:
            continue
        known = _read(account, level, [one.thing.meta_id for one in members if one.thing])
        found |= {one.object_id: known.get(one.thing.meta_id, Decimal(0)) for one in members if one.thing}
    return found


def _read(account: MetaAccount, level: Level, meta_ids: Sequence[str]) -> dict[str, Decimal]:
    values = {
        "account": account.id,
        "level": level.value,
        "objects": list(meta_ids),
        "since": metrics.local_today(account) - timedelta(days=stakes.DAYS - 1),
    }
    with db.metrics_transaction() as session:
        return {str(object_id): money.spend(micros) for object_id, micros in session.execute(_SPENT, values)}
