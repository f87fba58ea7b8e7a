"""What Meta restated since somebody last looked: days that were over then and say something else now.

Meta changes a day's numbers for 28 days. A day that was still running, or that we had not read yet, is no
restatement; neither is counting another event, which is our choice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.core import columns, db
from vibekanban.domains.meta import accounts, metrics_store
from vibekanban.domains.meta.models import Level, MetaAccount
from vibekanban.domains.reporting import names
from vibekanban.domains.reporting.figures import Figures
from vibekanban.domains.reporting.models import Look

REACH_BACK = timedelta(days=7)  # what somebody who never looked is told about
OLDEST = timedelta(days=60)  # days before the look that may still have moved
SHOWN = ("spend_micros", "conversions_micros", "revenue_micros")
_CHANGED = f"""
WITH known AS MATERIALIZED (
    SELECT level, day FROM metric_coverage
    WHERE account_id = :account AND breakdown = '' AND level IN ('account', 'campaign')
      AND day >= :oldest AND day < :over AND first_read_at <= :since
), was AS MATERIALIZED (
    SELECT DISTINCT ON (level, object_id, day, attribution) level, object_id, day, attribution, conversion_event,
        {", ".join(SHOWN)}
    FROM metric_changes JOIN known USING (level, day)
    WHERE account_id = :account AND breakdown = '' AND noted_at > :since AND replaced_at > :since - interval '1 day'
    ORDER BY level, object_id, day, attribution, version
), pairs AS (
    SELECT w.level, w.object_id, w.day, w.conversion_event IN (f.conversion_event, '') AS alike,
        {", ".join(f"w.{name} AS was_{name}, f.{name}" for name in SHOWN)}
    FROM was w JOIN metric_facts f ON f.account_id = :account AND f.level = w.level AND f.breakdown = ''
        AND f.object_id = w.object_id AND f.day = w.day AND f.attribution = w.attribution
    WHERE f.day >= :oldest AND f.day < :over
    UNION ALL
    SELECT f.level, f.object_id, f.day, true, {", ".join(f"0, f.{name}" for name in SHOWN)}
    FROM metric_facts f JOIN known USING (level, day)
    WHERE f.account_id = :account AND f.breakdown = '' AND f.day >= :oldest AND f.day < :over
      AND f.version = 1 AND f.fetched_at > :since
)
SELECT level, object_id, day, sum(was_spend_micros)::bigint AS was_spend_micros,
    sum(spend_micros)::bigint AS spend_micros,
    coalesce(sum(was_conversions_micros) FILTER (WHERE alike), 0)::bigint AS was_conversions_micros,
    coalesce(sum(conversions_micros) FILTER (WHERE alike), 0)::bigint AS conversions_micros,
    coalesce(sum(was_revenue_micros) FILTER (WHERE alike), 0)::bigint AS was_revenue_micros,
    coalesce(sum(revenue_micros) FILTER (WHERE alike), 0)::bigint AS revenue_micros
FROM pairs GROUP BY level, object_id, day
"""


@dataclass(frozen=True)
class Moved:
    """Spend, conversions and revenue as they were and as they are; only what moved is counted in."""

    was: Figures
    now: Figures

    def __bool__(self) -> bool:
        return self.was != self.now

    def __add__(self, other: Moved) -> Moved:
        return Moved(self.was + other.was, self.now + other.now)


NOTHING = Moved(Figures(), Figures())


@dataclass(frozen=True)
class MovedDay:
    day: date
    moved: Moved


@dataclass(frozen=True)
class MovedCampaign:
    """A campaign whose days moved. One that is `gone` was archived or deleted: its numbers left the lists."""

    id: UUID | None
    meta_id: str
    name: str
    gone: bool
    days: list[MovedDay]
    moved: Moved


@dataclass(frozen=True)
class Restatements:
    """What moved since a moment; the largest movements of revenue and spend first, days newest first."""

    account: MetaAccount
    since: datetime
    looked: bool
    total: Moved
    days: list[MovedDay]
    campaigns: list[MovedCampaign]

    def __bool__(self) -> bool:
        return bool(self.days or self.campaigns)


def restatements(
    session: Session, user_id: UUID, account_id: UUID, *, since: datetime | None = None
) -> Restatements:
    """What Meta restated in an account since a moment, or since the person last looked."""
    account = accounts.account(session, user_id, account_id)
    look = session.exec(select(Look).where(Look.user_id == user_id, Look.account_id == account.id)).first()
    moment = since or (look.looked_at if look else columns.now() - REACH_BACK)
    moment = max(moment, columns.now() - metrics_store.CHANGES_KEPT)
    by_level = _read(account, moment)
    known = names.named(session, account, Level.CAMPAIGN)
    campaigns = [
        _campaign(object_id, days, known) for object_id, days in _grouped(by_level[Level.CAMPAIGN.value])
    ]
    days = [MovedDay(day, moved) for _, day, moved in by_level[Level.ACCOUNT.value]]
    return Restatements(
        account,
        moment,
        look is not None,
        _sum(day.moved for day in days),
        sorted(days, key=lambda one: one.day, reverse=True),
        sorted(campaigns, key=lambda one: _size(one.moved), reverse=True),
    )


def seen(session: Session, user_id: UUID, account_id: UUID, *, at: datetime | None = None) -> datetime:
    """Mark an account as looked at, now or as of what was shown; the mark never moves back."""
    account = accounts.account(session, user_id, account_id)
    moment = min(at or columns.now(), columns.now())
    statement = insert(Look).values(
        id=columns.new_id(), user_id=user_id, account_id=account.id, looked_at=moment
    )
    return session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "account_id"],
            set_={"looked_at": func.greatest(col(Look.looked_at), statement.excluded.looked_at)},
        ).returning(col(Look.looked_at))
    ).scalar_one()


def _read(account: MetaAccount, since: datetime) -> dict[str, list[tuple[str, date, Moved]]]:
    """Days that moved, by level, with the object they are of."""
    over = since.astimezone(ZoneInfo(account.timezone)).date()  # days before it were over at that moment
    values = {"account": account.id, "since": since, "over": over, "oldest": over - OLDEST}
    found: dict[str, list[tuple[str, date, Moved]]] = defaultdict(list)
    with db.metrics_transaction() as store:
        for row in store.execute(text(_CHANGED), values):
            was = Figures(**{name: getattr(row, f"was_{name}") for name in SHOWN})
            now = Figures(**{name: getattr(row, name) for name in SHOWN})
            if was != now:
                found[row.level].append((row.object_id, row.day, Moved(was, now)))
    return found


def _grouped(rows: Iterable[tuple[str, date, Moved]]) -> Iterable[tuple[str, list[MovedDay]]]:
    by_object: dict[str, list[MovedDay]] = defaultdict(list)
    for object_id, day, moved in rows:
        by_object[object_id].append(MovedDay(day, moved))
    return by_object.items()


def _campaign(object_id: str, days: list[MovedDay], known: dict[str, names.Named]) -> MovedCampaign:
    named = known.get(object_id)
    return MovedCampaign(
        named.id if named else None,
        object_id,
        named.name if named else object_id,
        named is not None and named.status in names.GONE,
        sorted(days, key=lambda one: one.day, reverse=True),
        _sum(day.moved for day in days),
    )


def _sum(moved: Iterable[Moved]) -> Moved:
    return sum(moved, NOTHING)


def _size(moved: Moved) -> int:
    return abs(moved.now.revenue_micros - moved.was.revenue_micros) + abs(
        moved.now.spend_micros - moved.was.spend_micros
    )
