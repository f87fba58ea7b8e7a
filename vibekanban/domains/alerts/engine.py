"""A pass: every alert of the accounts that were read anew is judged, and what fires is written, in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import columns, db, queue
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.alerts import statements

# accounts with alerts, read since they were last judged; a pass that is under way keeps its accounts to itself
_BEGIN = """
INSERT INTO alert_passes (account_id) SELECT DISTINCT a.account_id FROM alerts a
WHERE a.is_active AND (CAST(:accounts AS uuid[]) IS NULL OR a.account_id = ANY(:accounts)) ON CONFLICT DO NOTHING
"""
_DUE = """
INSERT INTO moments
SELECT p.account_id, 0, k.today_synced_at, l.clock::date, floor(extract(epoch FROM l.clock) / 60)::int, false
FROM (
    SELECT p.account_id, p.as_of FROM alert_passes p
    WHERE CAST(:accounts AS uuid[]) IS NULL OR p.account_id = ANY(:accounts) FOR UPDATE SKIP LOCKED
) p
JOIN meta_accounts k ON k.id = p.account_id
CROSS JOIN LATERAL (SELECT k.today_synced_at AT TIME ZONE k.timezone AS clock) l
WHERE k.today_synced_at IS NOT NULL AND (:again OR p.as_of IS NULL OR p.as_of < k.today_synced_at)
    AND EXISTS (SELECT FROM alerts a WHERE a.account_id = p.account_id AND a.is_active)
"""


def judge(account_ids: Sequence[UUID] | None = None, *, again: bool = False) -> int:
    """Judge the alerts of some accounts, or of all, as of when they were last read; says how many fired.

    An account is judged once for each read of its numbers; `again` judges it anew, which an alert that was just
    written needs. Opens its own transaction.
    """
    accounts = None if account_ids is None else list(account_ids)
    with db.transaction() as session:
        session.execute(text(_BEGIN), {"accounts": accounts})
        fresh(session, statements.MOMENTS, "moments")
        if _rows(session.execute(text(_DUE), {"accounts": accounts, "again": again})) == 0:
            return 0
        add_up(session, statements.SPANS_OF_ALERTS)
        fired = session.execute(text(statements.FIRE)).all()
        if fired:
            batch = columns.new_id()
            queue.enqueue(session, Job.TELL_ALERTS, lane=Lane.ALERT, job_id=f"tell-alerts-{batch}")
    return len(fired)


def add_up(session: Session, spans: str, values: dict[str, Any] | None = None) -> None:
    """Fill `summed` beside `moments`: the spans go to the metrics store, the sums come back, both as they are."""
    fresh(session, f"CREATE TEMPORARY TABLE summed ({statements.SUMS_COLUMNS}) ON COMMIT DROP", "summed")
    with db.metrics_transaction() as store:
        fresh(store, f"CREATE TEMPORARY TABLE probed ({statements.SPANS_COLUMNS}) ON COMMIT DROP", "probed")
        carry(session, spans, values, store, "probed")
        store.execute(text("ANALYZE probed"))
        carry(store, statements.SUMS, None, session, "summed")
    session.execute(text("ANALYZE summed"))


def fresh(session: Session, statement: str, table: str) -> None:
    """A temporary table; a test's one transaction has it already when it comes again."""
    session.execute(text(f"DROP TABLE IF EXISTS {table}"))
    session.execute(text(statement))


def carry(source: Session, query: str, values: dict[str, Any] | None, target: Session, table: str) -> None:
    """The rows of a query into a table, maybe of another database, without a look at them on the way."""
    reading: Any = source.connection().connection.driver_connection
    writing: Any = target.connection().connection.driver_connection
    with (
        reading.cursor() as out,
        writing.cursor() as into,
        out.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", values) as rows,
        into.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy,
    ):
        for piece in rows:
            copy.write(piece)


def _rows(result: Any) -> int:
    return result.rowcount
