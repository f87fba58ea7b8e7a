"""People reached: they do not add up, so Meta is asked for exactly the ranges somebody looks at, and kept a while."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.clients.meta import paging
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import broker, columns, db, logging
from vibekanban.core.errors import AppError
from vibekanban.core.queue import Lane
from vibekanban.domains.meta import connections, insights
from vibekanban.domains.meta.models import Level, MetaAccount

FRESH = timedelta(minutes=15)
FRESH_WHEN_OVER = timedelta(days=1)
PAUSE = timedelta(minutes=1)  # between two questions for the same range, whatever the first one brought
LONGEST = 93  # days; Meta answers longer ranges late or not at all

# people and impressions of an object over a range of days
People = dict[tuple[str, date, date], tuple[int, int]]

log = logging.logger(__name__)


def stale(read_at: datetime | None, until: date, today: date) -> bool:
    """Whether a range is worth asking for again: what is long over changes little."""
    if read_at is None:
        return True
    kept = FRESH if until >= today - timedelta(days=2) else FRESH_WHEN_OVER
    return columns.now() - read_at > kept


def bring(account_id: UUID, level: Level, since: date, until: date) -> bool:
    """Ask Meta for everybody of a level, over the range and day by day; True when there is something new.

    One asks at a time. A failure is no reason not to show the other numbers: it is noted, and False.
    """
    if (until - since).days >= LONGEST:
        return False
    key = f"meta:reach:{account_id}:{level.value}:{since}:{until}"
    if not broker.connection().set(key, "1", nx=True, ex=PAUSE):
        return False
    with db.transaction() as session:
        account = session.get(MetaAccount, account_id)
    if account is None:
        return False
    act = f"act_{account.meta_account_id}"
    try:
        with connections.opened(account_id, Lane.HUMAN) as meta:
            found = paging.whole(lambda: _read(meta, act, level, since, until))
    except AppError as error:
        log.info("reach.not_read", account=str(account_id), reason=error.code)
        return False
    with db.metrics_transaction() as session:
        _keep(session, account_id, level, found)
    return True


def _read(meta: Gateway, act: str, level: Level, since: date, until: date) -> People:
    return {
        _range(row, level): _people(row)
        for increment in ("all_days", "1")
        for page in meta.pages(
            f"{act}/insights",
            level=level.value,
            fields=f"{insights.IDS[level]},reach,impressions",
            time_range={"since": since.isoformat(), "until": until.isoformat()},
            time_increment=increment,
        )
        for row in page
    }


def _range(row: dict[str, Any], level: Level) -> tuple[str, date, date]:
    return (
        str(row[insights.IDS[level]]),
        date.fromisoformat(row["date_start"]),
        date.fromisoformat(row["date_stop"]),
    )


def _people(row: dict[str, Any]) -> tuple[int, int]:
    return int(row.get("reach") or 0), int(row.get("impressions") or 0)


def _keep(
    session: Session, account_id: UUID, level: Level, found: dict[tuple[str, date, date], tuple[int, int]]
) -> None:
    session.execute(
        text(
            "INSERT INTO metric_reach (account_id, level, object_id, since, until, reach, impressions, fetched_at)"
            " SELECT :account, :level, object_id, since, until, reach, impressions, :now"
            " FROM unnest(CAST(:ids AS text[]), CAST(:since AS date[]), CAST(:until AS date[]),"
            " CAST(:reach AS bigint[]), CAST(:impressions AS bigint[]))"
            " AS u(object_id, since, until, reach, impressions)"
            " ON CONFLICT (account_id, level, object_id, since, until) DO UPDATE SET reach = excluded.reach,"
            " impressions = excluded.impressions, fetched_at = excluded.fetched_at"
        ),
        {
            "account": account_id,
            "level": level.value,
            "now": columns.now(),
            "ids": [object_id for object_id, _, _ in found],
            "since": [since for _, since, _ in found],
            "until": [until for _, _, until in found],
            "reach": [reach for reach, _ in found.values()],
            "impressions": [impressions for _, impressions in found.values()],
        },
    )


def forget_old(session: Session) -> None:
    """Delete what nobody asked for in a week."""
    session.execute(text("DELETE FROM metric_reach WHERE fetched_at < now() - interval '7 days'"))
