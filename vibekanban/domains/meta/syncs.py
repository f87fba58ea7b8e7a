"""Syncs as rows: asking for one, claiming its next piece, telling how far it is, ending it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, exists, func, update
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlmodel import Session, col, select

from vibekanban.core import columns, events, i18n, queue
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.meta.errors import AccountUnreachable, ConnectionNeedsSignIn
from vibekanban.domains.meta.models import (
    ConnectionStatus,
    Level,
    MetaAccount,
    MetaConnection,
    Sync,
    SyncKind,
    SyncStatus,
)

OPEN = (SyncStatus.QUEUED, SyncStatus.RUNNING, SyncStatus.WAITING)
LANES = {
    SyncKind.ACCOUNT: Lane.HUMAN,
    SyncKind.TODAY: Lane.TODAY,
    SyncKind.TRAILING: Lane.HISTORY,
    SyncKind.HISTORY: Lane.HISTORY,
    SyncKind.BREAKDOWN: Lane.HUMAN,
}
LEASE = timedelta(minutes=2)  # longer than one call to Meta with its retries and the write after it
LATE = timedelta(seconds=15)  # what is so much overdue lost its worker
TRIES = 6  # of one piece, whether Meta failed or the worker died
PAUSE = timedelta(hours=1)  # before a sync that failed is asked for again by itself
KEPT = timedelta(days=14)


def request(
    session: Session,
    user_id: UUID,
    account_id: UUID,
    kind: SyncKind,
    *,
    since: date | None = None,
    until: date | None = None,
    level: Level = Level.ACCOUNT,
    breakdown: str = "",
) -> Sync:
    """Ask for a sync; one of the same kind that is under way is answered instead.

    `level` and `breakdown` belong to a BREAKDOWN, of which each range is one of its own.
    """
    if (kind is SyncKind.BREAKDOWN) != bool(breakdown):
        raise Invalid({"kind": "syncs.field.kind"})
    account = session.exec(
        select(MetaAccount)
        .where(MetaAccount.id == account_id, MetaAccount.user_id == user_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if account is None:
        raise NotFound()
    connection = session.get_one(MetaConnection, account.connection_id)
    if connection.status is not ConnectionStatus.ACTIVE:
        raise ConnectionNeedsSignIn()
    if account.unreachable_at is not None:
        raise AccountUnreachable()
    same = select(Sync).where(Sync.account_id == account_id, Sync.kind == kind, col(Sync.status).in_(OPEN))
    if breakdown:
        same = same.where(
            Sync.level == level, Sync.breakdown == breakdown, Sync.since == since, Sync.until == until
        )
    under_way = session.exec(same).first()
    if under_way is not None:
        return under_way
    sync = Sync(
        user_id=user_id,
        account_id=account_id,
        kind=kind,
        since=since,
        until=until,
        level=level,
        breakdown=breakdown,
    )
    session.add(sync)
    session.flush()
    order(session, sync)
    tell(session, sync)
    return sync


def order(session: Session, sync: Sync, *, delay: timedelta | None = None) -> None:
    """Queue the next piece; its id names the hop, so that ordering it twice is ordering it once."""
    queue.enqueue(
        session,
        Job.RUN_SYNC,
        str(sync.id),
        sync.hop,
        lane=LANES[sync.kind],
        job_id=f"sync-{sync.id}-{sync.hop}",
        delay=delay,
        retry=(),
        timeout=600,
    )


def claim(session: Session, sync_id: UUID, hop: int) -> Sync | None:
    """The sync, if this hop is still the one to run; the hop moves on, so a twin finds nothing to do."""
    claimed = session.execute(
        update(Sync)
        .where(_held(sync_id, hop))
        .values(
            hop=hop + 1,
            status=SyncStatus.RUNNING,
            started_at=func.coalesce(col(Sync.started_at), columns.now()),
            due_at=columns.now() + LEASE,
        )
        .returning(col(Sync.id))
    ).first()
    if claimed is None:
        return None
    return session.get_one(Sync, sync_id, populate_existing=True)


def beat(session: Session, sync: Sync, cursor: dict[str, Any]) -> bool:
    """In the middle of a piece: keep the place reached and the lease; False when another has it, or nobody."""
    kept = session.execute(
        update(Sync)
        .where(_held(sync.id, sync.hop))
        .values(
            cursor=cursor,
            due_at=columns.now() + LEASE,
            tries=case((col(Sync.cursor) == bindparam(None, cursor, JSONB), col(Sync.tries)), else_=0),
        )
        .returning(col(Sync.id))
    ).first()
    return kept is not None


def proceed(session: Session, sync: Sync, *, step: str, progress: int) -> bool:
    """A piece is over and the same job goes on with the next one, `step`; False when another has it, or nobody."""
    sync.step, sync.progress, sync.tries = step, max(sync.progress, min(progress, 99)), 0
    kept = session.execute(
        update(Sync)
        .where(_held(sync.id, sync.hop))
        .values(cursor=sync.cursor, step=step, progress=sync.progress, due_at=columns.now() + LEASE, tries=0)
        .returning(col(Sync.id))
    ).first()
    if kept is not None:
        tell(session, sync)
    return kept is not None


def advance(
    session: Session,
    sync: Sync,
    *,
    hop: int,
    cursor: dict[str, Any],
    step: str,
    progress: int,
    delay: timedelta | None = None,
    tries: int = 0,
) -> bool:
    """Note how far it is and order the next piece; False when `hop` no longer has it."""
    moved = session.execute(
        update(Sync)
        .where(_held(sync.id, hop))
        .values(
            cursor=cursor,
            step=step,
            progress=max(sync.progress, min(progress, 99)),
            status=SyncStatus.WAITING if delay else SyncStatus.RUNNING,
            due_at=columns.now() + (delay or timedelta()),
            tries=tries,
        )
        .returning(col(Sync.id))
    ).first()
    if moved is None:
        return False
    session.refresh(sync)
    order(session, sync, delay=delay)
    tell(session, sync)
    return True


def end(session: Session, sync: Sync, status: SyncStatus, *, hop: int, error_code: str | None = None) -> bool:
    """It is over; False when `hop` no longer has it."""
    ended = session.execute(
        update(Sync)
        .where(_held(sync.id, hop))
        .values(
            status=status,
            error_code=error_code,
            progress=100 if status is SyncStatus.DONE else col(Sync.progress),
            finished_at=columns.now(),
        )
        .returning(col(Sync.id))
    ).first()
    if ended is None:
        return False
    session.refresh(sync)
    tell(session, sync)
    return True


def cancel(session: Session, account_ids: Collection[UUID], error_code: str) -> None:
    """End what is open of these accounts; a job that runs notices at its next step."""
    ended = session.execute(
        update(Sync)
        .where(col(Sync.account_id).in_(account_ids), col(Sync.status).in_(OPEN))
        .values(status=SyncStatus.CANCELLED, error_code=error_code, finished_at=columns.now())
        .returning(Sync)
    )
    for sync in ended.scalars().all():
        tell(session, sync)


def _held(sync_id: UUID, hop: int) -> ColumnElement[bool]:
    """Whether a piece still has the sync: nobody took it up since, and it was not cancelled."""
    return and_(col(Sync.id) == sync_id, col(Sync.hop) == hop, col(Sync.status).in_(OPEN))


def tell(session: Session, sync: Sync) -> None:
    """Show it on the owner's open pages."""
    events.publish(
        session,
        sync.user_id,
        events.Topic.SYNC,
        account_id=sync.account_id,
        id=str(sync.id),
        kind=sync.kind.value,
        status=sync.status.value,
        step=sync.step,
        progress=sync.progress,
        error=sync.error_code,
    )


def said(sync: Sync, locale: i18n.Locale) -> str:
    """The step it is at, or how it ended."""
    open_ = sync.status in OPEN
    return i18n.say(locale, f"syncs.step.{sync.step}" if open_ else f"syncs.status.{sync.status.value}")


def one(session: Session, user_id: UUID, sync_id: UUID) -> Sync:
    sync = session.exec(select(Sync).where(Sync.id == sync_id, Sync.user_id == user_id)).first()
    if sync is None:
        raise NotFound()
    return sync


def latest(session: Session, user_id: UUID) -> list[Sync]:
    """The newest sync of each of the user's accounts; a breakdown is one report's business."""
    query = (
        select(Sync)
        .where(Sync.user_id == user_id, Sync.kind != SyncKind.BREAKDOWN)
        .ext(distinct_on(col(Sync.account_id)))
        .order_by(col(Sync.account_id), col(Sync.id).desc())
    )
    return list(session.exec(query))


def stranded(session: Session) -> list[Sync]:
    """Open syncs whose next piece is overdue: their worker died, or Redis forgot it."""
    query = (
        select(Sync)
        .where(col(Sync.status).in_(OPEN), Sync.due_at < columns.now() - LATE)
        .order_by(col(Sync.id))
        .limit(500)
        .with_for_update(skip_locked=True)
    )
    return list(session.exec(query))


def revive(session: Session) -> int:
    """Order the overdue pieces again under a new hop, so that a late twin of theirs finds nothing to do.

    A piece that lost its worker again and again is the reason for it: its sync has failed.
    """
    found = stranded(session)
    for sync in found:
        if sync.tries + 1 >= TRIES:
            end(session, sync, SyncStatus.FAILED, hop=sync.hop, error_code="sync_stuck")
            continue
        sync.hop += 1
        sync.tries += 1
        sync.due_at = columns.now()
        session.flush()
        order(session, sync)
    return len(found)


def forget_old(session: Session) -> None:
    """Delete what ended long ago, with its insights runs."""
    session.execute(delete(Sync).where(col(Sync.finished_at) < columns.now() - KEPT))


def due_today(session: Session, *, older_than: datetime) -> list[MetaAccount]:
    """Accounts whose numbers of today were read before that."""
    return _due(session, SyncKind.TODAY, col(MetaAccount.today_synced_at), older_than, limit=None)


def due_trailing(session: Session, *, older_than: datetime, limit: int) -> list[MetaAccount]:
    """Accounts whose last 28 days were read before that, the longest waiting first."""
    return _due(session, SyncKind.TRAILING, col(MetaAccount.trailing_synced_at), older_than, limit=limit)


def _due(
    session: Session, kind: SyncKind, read_at: Any, older_than: datetime, *, limit: int | None
) -> list[MetaAccount]:
    """With a live connection and a known structure, without one under way or one that failed lately."""
    hindered = exists().where(
        col(Sync.account_id) == MetaAccount.id,
        col(Sync.kind) == kind,
        col(Sync.status).in_(OPEN)
        | ((col(Sync.status) == SyncStatus.FAILED) & (col(Sync.finished_at) > columns.now() - PAUSE)),
    )
    query = (
        select(MetaAccount)
        .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
        .where(
            MetaConnection.status == ConnectionStatus.ACTIVE,
            col(MetaAccount.unreachable_at).is_(None),
            col(MetaAccount.structure_synced_at).is_not(None),
            read_at.is_(None) | (read_at < older_than),
            ~hindered,
        )
        .order_by(read_at.nulls_first())
        .limit(limit)
    )
    return list(session.exec(query))
