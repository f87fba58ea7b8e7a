"""A pass: every alert of the accounts that were read anew is judged, and what fires is written, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import columns, db, queue
from vibekanban.core.queue import Job, Lane
from vibekanban.core.settings import settings
from vibekanban.domains.alerts import judging, statements
from vibekanban.domains.alerts.measures import PEOPLE

# accounts with alerts, read since they were last judged; a pass that is under way keeps its accounts to itself
_BEGIN = """
INSERT INTO alert_passes (account_id) SELECT DISTINCT account_id FROM alert_leaves
WHERE CAST(:accounts AS uuid[]) IS NULL OR account_id = ANY(:accounts) ON CONFLICT DO NOTHING
"""
_DUE = """
INSERT INTO moments
SELECT p.account_id, 0, greatest(k.today_synced_at, CAST(:at AS timestamptz)), k.today_synced_at,
    l.clock::date, floor(extract(epoch FROM l.clock) / 60)::int, false
FROM (
    SELECT account_id, as_of FROM alert_passes
    WHERE CAST(:accounts AS uuid[]) IS NULL OR account_id = ANY(:accounts) FOR UPDATE SKIP LOCKED
) p
JOIN meta_accounts k ON k.id = p.account_id
CROSS JOIN LATERAL (SELECT k.today_synced_at AT TIME ZONE k.timezone AS clock) l
WHERE k.today_synced_at IS NOT NULL AND (:again OR p.as_of IS NULL OR p.as_of < k.today_synced_at)
"""
# both would sort by a part of the key and compare the rest, where hashing does
_NO_SORTS = text("SET LOCAL enable_mergejoin = off; SET LOCAL enable_incremental_sort = off")
_PROBES = statements.PROBES.format(leaves="alert_leaves", people=PEOPLE)


def judge(
    account_ids: Sequence[UUID] | None = None, *, again: bool = False, at: datetime | None = None
) -> int:
    """Judge the alerts of some accounts, or of all, as of when they were last read; says how many fired.

    An account is judged once for each read of its numbers; `again` judges it anew, which an alert that was just
    written needs, and one whose objects were looked at since (`at`). Opens its own transaction.
    """
    accounts = None if account_ids is None else list(account_ids)
    with db.transaction() as session:
        session.execute(text(_BEGIN), {"accounts": accounts})
        empty(session, "moments", statements.MOMENTS)
        due: Any = session.execute(text(_DUE), {"accounts": accounts, "again": again, "at": at})
        if due.rowcount == 0:
            return 0
        session.execute(_NO_SORTS)
        add_up(session, _PROBES)
        fired: int = session.execute(text(judging.FIRE)).scalar_one()
        if fired:
            queue.enqueue(session, Job.TELL_ALERTS, lane=Lane.ALERT, job_id=f"tell-alerts-{columns.new_id()}")
    return fired


def add_up(
    session: Session,
    probes: str,
    values: Mapping[str, Any] | None = None,
    objects: Sequence[str] | None = None,
) -> None:
    """Fill `summed` beside `moments`, of some objects when they are named.

    The spans to add up go to the metrics store and the sums come back, copied as they are when it is a database of
    its own.
    """
    only = "" if objects is None else "AND f.object_id = ANY(%(objects)s)"
    sums = statements.SUMS.format(only=only)
    empty(session, "summed", statements.SUMMED)
    if not settings().metrics_apart:
        empty(session, "probed", statements.PROBED)
        run(session, f"INSERT INTO probed {probes}", values)
        session.execute(text("ANALYZE probed"))
        run(session, f"INSERT INTO summed {sums}", _bounds(session, objects))
        return
    with db.metrics_transaction() as store:
        empty(store, "probed", statements.PROBED)
        _carry(session, probes, values, store, "probed")
        store.execute(text("ANALYZE probed"))
        _carry(store, sums, _bounds(store, objects), session, "summed")


def _bounds(store: Session, objects: Sequence[str] | None) -> dict[str, Any]:
    """The first and the last day of all spans, and the objects; without spans any day, for there is nothing to add."""
    ((since, until),) = rows(store, statements.BOUNDS, None)
    found = {"since": since or date.min, "until": until or date.min}
    return found if objects is None else found | {"objects": list(objects)}


def empty(session: Session, table: str, columns: str) -> None:
    """A working table of this connection, with nothing in it."""
    session.execute(text(f"CREATE TEMPORARY TABLE IF NOT EXISTS {table} ({columns}) ON COMMIT DELETE ROWS"))
    session.execute(text(f"TRUNCATE {table}"))


def _carry(
    source: Session, query: str, values: Mapping[str, Any] | None, target: Session, table: str
) -> None:
    """The rows of a query into a table of another database, without a look at them on the way."""
    reading, writing = _driver(source), _driver(target)
    with (
        reading.cursor() as out,
        writing.cursor() as into,
        out.copy(f"COPY ({query}) TO STDOUT (FORMAT binary)", values) as rows,
        into.copy(f"COPY {table} FROM STDIN (FORMAT binary)") as copy,
    ):
        for piece in rows:
            copy.write(piece)


def run(session: Session, statement: str, values: Mapping[str, Any] | None) -> Any:
    """A statement of this domain with the driver's own parameters."""
    return _driver(session).execute(statement, values)


def rows(session: Session, statement: str, values: Mapping[str, Any] | None) -> list[Any]:
    return run(session, statement, values).fetchall()


def _driver(session: Session) -> Any:
    return session.connection().connection.driver_connection
