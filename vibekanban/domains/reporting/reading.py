"""Reading what a report adds up: objects, categories and days of one account out of the metrics store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.domains.meta.metrics import Range
from vibekanban.domains.meta.models import Level
from vibekanban.domains.reporting.figures import Figures

COUNTS = ("impressions", "clicks", "link_clicks", "spend_micros", "conversions_micros", "revenue_micros")
TOGETHER = timedelta(minutes=2)  # levels of one sync are read one after the other
_NO_DAY = date(1970, 1, 2)
_NOW = "day BETWEEN :since AND :until"
_BEFORE = "day BETWEEN :before_since AND :before_until"
_OF = f"account_id = :account AND level = :level AND breakdown = :breakdown AND ({_NOW} OR {_BEFORE})"
_DELIVERED = f"({' OR '.join(f'{name} <> 0' for name in COUNTS)})"


def _sums(condition: str, prefix: str = "") -> str:
    return ", ".join(
        f"coalesce(sum({name}) FILTER (WHERE {condition}), 0)::bigint AS {prefix}{name}" for name in COUNTS
    )


_OBJECTS = f"""
SELECT object_id, breakdown_value, {_sums(_NOW)}, {_sums(_BEFORE, "was_")},
    array_agg(DISTINCT attribution) FILTER (WHERE {_DELIVERED}) AS windows,
    array_agg(DISTINCT conversion_event) FILTER (WHERE {_DELIVERED}) AS events
FROM metric_facts WHERE {_OF} GROUP BY object_id, breakdown_value
"""
_DAYS = f"""
SELECT day, {", ".join(f"sum({name})::bigint AS {name}" for name in COUNTS)}
FROM metric_facts WHERE {_OF} AND (
    CAST(:ids AS text[]) IS NULL
    OR (object_id, breakdown_value) IN (SELECT * FROM unnest(CAST(:ids AS text[]), CAST(:categories AS text[])))
)
GROUP BY day ORDER BY day
"""
# when each day was read at the level, and when the account's numbers of the day changed for the last time
_READ = f"""
SELECT d.day, c.fetched_at AS read_at, a.changed_at
FROM (
    SELECT CAST(:since AS date) + n AS day FROM generate_series(0, :until - CAST(:since AS date)) n
    UNION SELECT CAST(:before_since AS date) + n FROM generate_series(0, :before_until - CAST(:before_since AS date)) n
) d
LEFT JOIN metric_coverage c
    ON c.account_id = :account AND c.level = :level AND c.breakdown = :breakdown AND c.day = d.day
LEFT JOIN (
    SELECT day, max(fetched_at) AS changed_at FROM metric_facts
    WHERE account_id = :account AND level = 'account' AND breakdown = '' AND ({_NOW} OR {_BEFORE}) GROUP BY day
) a ON a.day = d.day
"""
_PEOPLE = """
SELECT object_id, since, until, reach, fetched_at FROM metric_reach
WHERE account_id = :account AND level = :level AND (since, until) IN
    ((CAST(:since AS date), CAST(:until AS date)), (CAST(:before_since AS date), CAST(:before_until AS date)))
"""


@dataclass(frozen=True)
class Question:
    """What is read: an account's level, perhaps cut by a breakdown, over days and the days to compare with."""

    account_id: UUID
    level: Level
    breakdown: str
    asked: Range
    before: Range | None

    def values(self, **more: Any) -> dict[str, Any]:
        before = self.before or Range(_NO_DAY, _NO_DAY - timedelta(days=1))
        return {
            "account": self.account_id,
            "level": self.level.value,
            "breakdown": self.breakdown,
            "since": self.asked.since,
            "until": self.asked.until,
            "before_since": before.since,
            "before_until": before.until,
            **more,
        }


@dataclass(frozen=True)
class Summed:
    """An object (or a category of it) over the days, with what its conversions are counted by."""

    object_id: str
    category: str
    now: Figures
    before: Figures
    windows: frozenset[str]
    events: frozenset[str]


@dataclass(frozen=True)
class ReadDay:
    """A day of the question: when it was read of Meta, and whether the account has moved on since."""

    day: date
    read_at: datetime | None
    late: bool


@dataclass(frozen=True)
class People:
    """Reach of exactly the days, and of the days before; never of a sum of them."""

    now: dict[str, int]
    before: dict[str, int]
    read_at: datetime | None
    before_read_at: datetime | None


NOBODY = People({}, {}, None, None)


def objects(session: Session, question: Question) -> list[Summed]:
    """Every object with delivery; `session` is on the metrics store."""
    rows = session.execute(text(_OBJECTS), question.values())
    found = [
        Summed(
            row.object_id,
            row.breakdown_value,
            _figures(row),
            _figures(row, "was_"),
            frozenset(row.windows or ()),
            frozenset(row.events or ()),
        )
        for row in rows
    ]
    return [one for one in found if one.now or one.before]


def days(
    session: Session, question: Question, only: Sequence[tuple[str, str]] | None = None
) -> dict[date, Figures]:
    """Sums by day, of everything or of some objects with their categories."""
    ids = None if only is None else [object_id for object_id, _ in only]
    categories = None if only is None else [category for _, category in only]
    rows = session.execute(text(_DAYS), question.values(ids=ids, categories=categories))
    return {row.day: _figures(row) for row in rows}


def read(session: Session, question: Question) -> list[ReadDay]:
    """What the answer rests on, day by day."""
    apart = timedelta() if question.breakdown else TOGETHER
    return [
        ReadDay(day, read_at, bool(read_at and changed_at and changed_at - read_at > apart))
        for day, read_at, changed_at in session.execute(text(_READ), question.values())
    ]


def people(session: Session, question: Question) -> People:
    """What Meta said of the people reached."""
    now: dict[str, int] = {}
    before: dict[str, int] = {}
    ages: dict[bool, list[datetime]] = {True: [], False: []}
    for row in session.execute(text(_PEOPLE), question.values()):
        current = (row.since, row.until) == (question.asked.since, question.asked.until)
        (now if current else before)[row.object_id] = row.reach
        ages[current].append(row.fetched_at)
    return People(now, before, max(ages[True], default=None), max(ages[False], default=None))


def _figures(row: Any, prefix: str = "") -> Figures:
    return Figures(**{name: getattr(row, prefix + name) for name in COUNTS})
