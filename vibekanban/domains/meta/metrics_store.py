"""The metrics store's own upkeep: partitions ahead of time, weeks after an ingest, forgetting.

Two shapes stand behind the same names: a TimescaleDB hypertable with `metric_weeks` as its continuous
aggregate, or native monthly partitions with `metric_weeks` as a table that the ingest keeps.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import columns, db
from vibekanban.domains.meta.models import Level

AHEAD = 3  # months of partitions to have ready
CHANGES_KEPT = timedelta(days=60)
FILLED = 70  # percent of a page: a restated row stays on its page, and the index is left alone
EPOCH = date(2000, 1, 3)  # a Monday: where TimescaleDB's seven-day buckets start, and ours


def has_timescale(session: Session) -> bool:
    """Whether the store is a TimescaleDB."""
    found = session.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'"))
    return found.first() is not None


def unpack_without_limit(session: Session) -> None:
    """Let this transaction change compressed days of an account of any size; on TimescaleDB only.

    A statement unpacks all it may change before it knows what does change, and TimescaleDB refuses it
    beyond 100000 rows: a month of a large account.
    """
    session.execute(text("SET LOCAL timescaledb.max_tuples_decompressed_per_dml_transaction = 0"))


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def ensure_partitions(session: Session, since: date, until: date) -> None:
    """Native partitions for every month of a range; rows that waited in the rest move in."""
    month = since.replace(day=1)
    while month <= until:
        following = (month + timedelta(days=32)).replace(day=1)
        _partition(session, month, following)
        month = following


def _partition(session: Session, month: date, following: date) -> None:
    name = f"metric_facts_{month:%Y_%m}"
    if session.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is not None:
        return
    session.execute(text("SELECT pg_advisory_xact_lock(7204010)"))  # two workers may want the same month
    if session.execute(text("SELECT to_regclass(:name)"), {"name": name}).scalar() is not None:
        return
    bounds = {"since": month, "until": following}
    session.execute(
        text(f"CREATE TABLE {name} (LIKE metric_facts INCLUDING DEFAULTS) WITH (fillfactor = {FILLED})")
    )
    session.execute(
        text(
            f"WITH moved AS (DELETE FROM metric_facts_rest WHERE day >= :since AND day < :until RETURNING *)"
            f" INSERT INTO {name} SELECT * FROM moved"
        ),
        bounds,
    )
    session.execute(
        text(
            f"ALTER TABLE metric_facts ATTACH PARTITION {name}"
            f" FOR VALUES FROM ('{month.isoformat()}') TO ('{following.isoformat()}')"
        )
    )


def prepare_months(session: Session, today: date) -> None:
    """Partitions for the months to come."""
    if not has_timescale(session):
        ensure_partitions(session, today, today + timedelta(days=31 * AHEAD))


def refresh_weeks(since: date, until: date) -> None:
    """Bring TimescaleDB's aggregate up to a restated range; the native table is kept by the ingest itself.

    The week under way is left out: what is not in the aggregate yet is added up from the days.
    """
    this_week = week_of(columns.now().date() - timedelta(days=1))  # under way somewhere in the world
    start, end = week_of(since), min(week_of(until) + timedelta(days=7), this_week)
    with db.metrics_transaction() as session:
        if end <= start or not has_timescale(session):
            return
    with db.metrics_engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(
            text(
                "CALL refresh_continuous_aggregate('metric_weeks', CAST(:since AS date), CAST(:until AS date))"
            ),
            {"since": start, "until": end},
        )


def read_at(
    session: Session, account_id: UUID, level: Level, day: date, *, breakdown: str = ""
) -> datetime | None:
    """When Meta was last read for a day."""
    return session.execute(
        text(
            "SELECT fetched_at FROM metric_coverage WHERE account_id = :account AND level = :level"
            " AND breakdown = :breakdown AND day = :day"
        ),
        {"account": account_id, "level": level.value, "breakdown": breakdown, "day": day},
    ).scalar()


def change(session: Session, account_id: UUID) -> None:
    """Say that an account's numbers change with this transaction: to be called before they do, by all that change them.

    Answers made of the numbers as they were are given no more once it is committed.
    """
    session.execute(
        text(
            "INSERT INTO metric_written (account_id) VALUES (:account)"
            " ON CONFLICT (account_id) DO UPDATE SET version = excluded.version"
        ),
        {"account": account_id},
    )


def forget(session: Session, account_id: UUID) -> None:
    """Delete every number of an account; TimescaleDB's aggregate forgets with the next `refresh_weeks`."""
    change(session, account_id)
    tables = ["metric_facts", "metric_changes", "metric_coverage", "metric_reach", "metric_written"]
    if has_timescale(session):
        unpack_without_limit(session)
    else:
        tables.append("metric_weeks")
    for table in tables:
        session.execute(text(f"DELETE FROM {table} WHERE account_id = :account"), {"account": account_id})


def forget_old_changes(session: Session) -> int:
    """Delete what numbers said before, once nobody asks any more; says how many."""
    gone = session.execute(
        text("DELETE FROM metric_changes WHERE replaced_at < now() - CAST(:kept AS interval) RETURNING 1"),
        {"kept": CHANGES_KEPT},
    )
    return len(gone.all())
