"""What a board spends today as one amount: across currencies by the rates of a day, which it names."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session

from vibekanban.domains.board import cards
from vibekanban.domains.board.cards import Column, Sum
from vibekanban.domains.currencies import rates
from vibekanban.domains.currencies.rates import EURO, Rates, Total
from vibekanban.domains.meta import money


@dataclass(frozen=True)
class Head:
    """Today so far, in one currency; `budget` is what may be spent a day by what runs."""

    spend: Total
    revenue: Total
    budget: Total

    @property
    def roas(self) -> Decimal | None:
        """Of what could be turned into one currency."""
        return self.revenue.amount / self.spend.amount if self.spend.amount else None


def usual(session: Session, me: UUID) -> str:
    """The currency that most of one's accounts have; the euro before there are any."""
    counted = Counter(one.currency for one in cards.accounts(session, me))
    return min(counted, key=lambda name: (-counted[name], name != EURO, name), default=EURO)


def head(columns: Sequence[Column], currency: str, known: Rates) -> Head:
    """The totals of a whole board."""
    return summed((one for column in columns for one in column.sums), currency, known)


def summed(sums: Iterable[Sum], currency: str, known: Rates) -> Head:
    """The totals of these sums by currency."""
    spend, revenue, budget = defaultdict(Decimal), defaultdict(Decimal), defaultdict(Decimal)
    for one in sums:
        spend[one.currency] += money.spend(one.spend_micros)
        revenue[one.currency] += money.spend(one.revenue_micros)
        budget[one.currency] += money.budget(one.daily_budget, one.currency) or 0
    return Head(
        rates.total(spend, currency, known),
        rates.total(revenue, currency, known),
        rates.total(budget, currency, known),
    )
