"""Exchange rates: keeping what the source published, and turning amounts of several currencies into one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, func, select

from vibekanban.clients import exchange_rates
from vibekanban.core import columns, db
from vibekanban.domains.currencies.models import ExchangeRate

EURO = "EUR"
KEPT = timedelta(days=400)


@dataclass(frozen=True)
class Rates:
    """The rates of a day; empty before any were read."""

    day: date | None
    per_euro: Mapping[str, Decimal]

    def knows(self, currency: str) -> bool:
        return currency in self.per_euro

    def of(self, amount: Decimal, currency: str, target: str) -> Decimal | None:
        """The amount in another currency; None where a rate is missing."""
        if currency == target:
            return amount
        if not (self.knows(currency) and self.knows(target)):
            return None
        return amount / self.per_euro[currency] * self.per_euro[target]

    def rate(self, currency: str, target: str) -> Decimal | None:
        """How much of `target` one unit of the currency is."""
        return self.of(Decimal(1), currency, target)


@dataclass(frozen=True)
class Total:
    """A sum in one currency. `rates` are those it was made with, of `day`; `left_out` has no rate and is not in it."""

    amount: Decimal
    currency: str
    day: date | None
    rates: Mapping[str, Decimal]
    left_out: Mapping[str, Decimal]


def total(amounts: Mapping[str, Decimal], target: str, rates: Rates) -> Total:
    """Amounts by currency as one; what is in the target currency already needs no rate."""
    found, used, left_out = Decimal(0), {}, {}
    for currency, amount in sorted(amounts.items()):
        turned = rates.of(amount, currency, target)
        if turned is None:
            left_out[currency] = amount
            continue
        found += turned
        if currency != target:
            used[currency] = rates.of(Decimal(1), target, currency) or Decimal(0)
    return Total(found, target, rates.day if used else None, used, left_out)


def latest(session: Session, on: date | None = None) -> Rates:
    """The newest rates, those of a day or of the last one before it when asked: weekends have none."""
    newest = select(func.max(ExchangeRate.day))
    if on is not None:
        newest = newest.where(ExchangeRate.day <= on)
    day = session.exec(newest).one()
    if day is None:
        return Rates(None, {})
    rows = session.exec(select(ExchangeRate).where(ExchangeRate.day == day)).all()
    return Rates(day, {row.currency: row.per_euro for row in rows})


def read() -> int:
    """Fetch what is published now and keep it; says how many rates are new. The network is asked first."""
    published = exchange_rates.published()
    rows = [
        {"day": published.day, "currency": currency, "per_euro": rate, "read_at": columns.now()}
        for currency, rate in {**published.per_euro, EURO: Decimal(1)}.items()
    ]
    with db.transaction() as session:
        kept = session.execute(
            insert(ExchangeRate)
            .values(rows)
            .on_conflict_do_nothing(index_elements=["day", "currency"])
            .returning(col(ExchangeRate.currency))
        ).all()
        session.execute(delete(ExchangeRate).where(col(ExchangeRate.day) < columns.now().date() - KEPT))
    return len(kept)
