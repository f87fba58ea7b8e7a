"""A card, whatever it shows, and what a kind of card has to say about itself to be on the board."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from vibekanban.domains.board.models import Stage
from vibekanban.domains.meta import money
from vibekanban.domains.meta.changes import Actor

# What every source selects, with the value of those that have no such thing
COLUMNS = {
    "stage": "NULL::text",
    "title": "''::text",
    "status": "''::text",
    "weight": "0::bigint",
    "spend_micros": "NULL::bigint",
    "revenue_micros": "NULL::bigint",
    "conversions_micros": "NULL::bigint",
    "impressions": "NULL::bigint",
    "clicks": "NULL::bigint",
    "daily_budget": "NULL::bigint",
    "lifetime_budget": "NULL::bigint",
    "due_on": "NULL::date",
    "at": "NULL::timestamptz",
    "detail": "'{}'::jsonb",
}


def selected(kind: str, source: str, *, id: str, owner: str, account: str, **columns: str) -> str:
    """The SELECT of a source: `source` is everything from FROM on, the rest are SQL expressions by column."""
    unknown = columns.keys() - COLUMNS.keys()
    if unknown:
        raise ValueError(f"a card has no {', '.join(sorted(unknown))}")
    values = ", ".join(f"{columns.get(name, default)} AS {name}" for name, default in COLUMNS.items())
    return f"SELECT '{kind}' AS kind, {id} AS id, {owner} AS owner_id, {account} AS account_id, {values} {source}"


@dataclass(frozen=True)
class Card:
    """A card as it stands now; money of the day is in micro-units, budgets in Meta's minor units."""

    kind: str
    id: UUID
    owner_id: UUID
    account_id: UUID | None
    account_name: str | None
    currency: str | None
    timezone: str | None
    conversion_event: str | None
    fresh_at: datetime | None
    mine: bool
    stage: Stage
    title: str
    status: str
    spend_micros: int | None
    revenue_micros: int | None
    conversions_micros: int | None
    impressions: int | None
    clicks: int | None
    daily_budget: int | None
    lifetime_budget: int | None
    due_on: date | None
    at: datetime | None
    detail: dict[str, Any]
    labels: list[str]
    snoozed_until: datetime | None
    assignee_id: UUID | None
    assignee_name: str | None
    comments: int

    @property
    def spend(self) -> Decimal | None:
        return None if self.spend_micros is None else money.spend(self.spend_micros)

    @property
    def revenue(self) -> Decimal | None:
        return None if self.revenue_micros is None else money.spend(self.revenue_micros)

    @property
    def conversions(self) -> Decimal | None:
        return None if self.conversions_micros is None else money.spend(self.conversions_micros)

    @property
    def roas(self) -> Decimal | None:
        """Today's; None before anything was spent."""
        if not self.spend_micros or self.revenue_micros is None:
            return None
        return Decimal(self.revenue_micros) / Decimal(self.spend_micros)

    @property
    def budget(self) -> Decimal | None:
        """What it may spend a day, in major units: its own or that of its running ad sets."""
        return money.budget(self.daily_budget, self.currency or "EUR")

    @property
    def pace(self) -> Decimal | None:
        """Spent today against the part of the daily budget that is due by when we last looked: 1 is even."""
        if not self.budget or self.spend is None or self.fresh_at is None or self.timezone is None:
            return None
        local = self.fresh_at.astimezone(ZoneInfo(self.timezone))
        if local.date() != datetime.now(local.tzinfo).date():
            return None
        passed = Decimal(local.hour * 3600 + local.minute * 60 + local.second) / 86400
        return self.spend / (self.budget * passed) if passed >= Decimal("0.04") else None


@dataclass(frozen=True)
class Move:
    """A card that somebody wants in another column; `owner_id` is whose board it is on."""

    card: Card
    stage: Stage
    actor: Actor


@dataclass(frozen=True)
class Source:
    """A kind of card: where it comes from and what moving it does.

    `select` is made by `selected()` and may use the CTE `reach` (the accounts the reader sees: id, owner_id, …)
    and the parameter `:me`. `targets` names the columns a person may move a card to; `move` opens its own
    transactions, none during a network call. `spends` says that a move starts or stops money, so that pages ask;
    `outward` that whoever may look at the account sees such cards too.
    """

    kind: str
    select: str
    targets: Callable[[Card], frozenset[Stage]]
    move: Callable[[Move], None]
    spends: bool = False
    outward: bool = False
