"""The board with everything around it, as its page shows it at once."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.board import cards, pacing, people, totals
from vibekanban.domains.board.cards import SHOWN, Account, Column
from vibekanban.domains.board.filters import Filters
from vibekanban.domains.board.pacing import Standing
from vibekanban.domains.board.people import Person
from vibekanban.domains.board.totals import Head
from vibekanban.domains.currencies import rates
from vibekanban.domains.currencies.rates import Rates


@dataclass(frozen=True)
class Whole:
    """`currency` is what totals are in, by `rates`; `standings` are where one's own months stand."""

    filters: Filters
    columns: list[Column]
    accounts: list[Account]
    labels: list[str]
    people: list[Person]
    currency: str
    rates: Rates
    head: Head
    standings: list[Standing]


def whole(session: Session, me: UUID, filters: Filters | None, *, limit: int = SHOWN) -> Whole:
    """The board by these filters; by none when they are of an account that is no longer there."""
    asked = filters or Filters()
    try:
        columns = cards.columns(session, me, asked, limit=limit)
    except (Invalid, NotFound):
        asked = Filters()
        columns = cards.columns(session, me, asked, limit=limit)
    known = rates.latest(session)
    currency = asked.currency or totals.usual(session, me)
    return Whole(
        filters=asked,
        columns=columns,
        accounts=cards.accounts(session, me),
        labels=cards.labels(session, me),
        people=people.people(session, me),
        currency=currency,
        rates=known,
        head=totals.head(columns, currency, known),
        standings=pacing.standings(session, me, account_id=asked.account_id),
    )
