"""Reading numbers: totals, days, hours, cuts and summaries, each one statement whose answer is finished JSON.

The statements are in `metrics_sql.py`; they run in a session here and on the asynchronous pool in `hot.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlmodel import Session

from vibekanban.core.errors import Invalid
from vibekanban.domains.meta import metrics_sql, money
from vibekanban.domains.meta.models import Level, MetaAccount

MATURE = 28
LONGEST = 1150  # days: Meta's 37 months


@dataclass(frozen=True)
class Scope:
    """Whose numbers: an ad account, as far as a read needs it."""

    id: UUID
    currency: str
    timezone: str


@dataclass(frozen=True)
class Range:
    """Days in the account's timezone, both ends included."""

    since: date
    until: date

    @property
    def days(self) -> int:
        return (self.until - self.since).days + 1

    def all(self) -> list[date]:
        """Every day, the first one first."""
        return [self.since + timedelta(days=n) for n in range(self.days)]


def local_today(account: MetaAccount | Scope) -> date:
    return datetime.now(ZoneInfo(account.timezone)).date()


def chosen(today: date, since: date | None, until: date | None, *, default: int = 30) -> Range:
    """The range asked for, or the last so many days with today; Invalid names what is wrong."""
    end = min(until or today, today)
    start = since or end - timedelta(days=default - 1)
    if start > end:
        raise Invalid({"since": "syncs.field.range"})
    if (end - start).days >= LONGEST:
        raise Invalid({"since": "syncs.field.range_long"})
    return Range(start, end)


def series_values(
    account: MetaAccount | Scope, level: Level, object_id: str, asked: Range, *, breakdown: str = ""
) -> dict[str, Any]:
    """The parameters of SERIES and CUTS."""
    return {
        "account": account.id,
        "level": level.value,
        "object": object_id,
        "since": asked.since,
        "until": asked.until,
        "breakdown": breakdown,
        "decimals": money.decimals(account.currency),
        "mature": local_today(account) - timedelta(days=MATURE),
    }


def summary_values(account: MetaAccount | Scope, asked: Range) -> dict[str, Any]:
    """The parameters of SUMMARY: whole weeks in the middle, days at both ends, the same length before.

    The week under way is read by its days: they are written more often than it is summed up.
    """
    first = asked.since + timedelta(days=(7 - asked.since.weekday()) % 7)
    end = min(asked.until + timedelta(days=1), local_today(account))
    end -= timedelta(days=end.weekday())
    if end <= first:  # no whole week inside: one stretch of days
        first = end = asked.since
    return {
        "account": account.id,
        "since": asked.since,
        "until": asked.until,
        "before_since": asked.since - timedelta(days=asked.days),
        "first_week": first,
        "end_week": end,
        "head_until": first - timedelta(days=1),
        "tail_since": end,
        "length": asked.days,
        "decimals": money.decimals(account.currency),
    }


def _run(session: Session, statement: str, values: dict[str, Any]) -> str:
    driver: Any = session.connection().connection.driver_connection
    return driver.execute(statement, values).fetchone()[0]


def series(session: Session, account: MetaAccount | Scope, level: Level, object_id: str, asked: Range) -> str:
    """Days and totals of an object as JSON text; `session` is on the metrics store."""
    return _run(session, metrics_sql.SERIES, series_values(account, level, object_id, asked))


def cuts(
    session: Session, account: MetaAccount | Scope, level: Level, object_id: str, asked: Range, breakdown: str
) -> str:
    """Rows of a breakdown (`hour` is one) and their totals as JSON text."""
    return _run(
        session, metrics_sql.CUTS, series_values(account, level, object_id, asked, breakdown=breakdown)
    )


def categories(
    session: Session, account: MetaAccount | Scope, level: Level, object_id: str, asked: Range, breakdown: str
) -> str:
    """The range by category of a breakdown, with its totals, as JSON text."""
    return _run(
        session, metrics_sql.CATEGORIES, series_values(account, level, object_id, asked, breakdown=breakdown)
    )


def summary(session: Session, account: MetaAccount | Scope, asked: Range) -> str:
    """Totals, the period before, days, campaigns, and what no listed campaign explains, as JSON text."""
    return _run(session, metrics_sql.SUMMARY, summary_values(account, asked))
