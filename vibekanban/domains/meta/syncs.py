"""Syncs as rows: asking for one, claiming its next piece, telling how far it is, ending it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, update
from sqlmodel import Session, col, select

from vibekanban.core import columns, events, queue
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import (
    ConnectionStatus,
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
}
LEASE = timedelta(minutes=2)  # longer than one call to Meta with its retries and the write after it
LATE = timedelta(seconds=15)  # what is so much overdue lost its worker


def request(
    session: Session,
    user_id: UUID,
    account_id: UUID,
    kind: SyncKind,
    *,
    since: date | None = None,
    until: date | None = None,
) -> Sync:
    """Ask for a sync; one of the same kind that is under way is answered instead."""
    account = session.exec(
        select(MetaAccount)
        .where(MetaAccount.id == account_id, MetaAccount.user_id == user_id)
        .with_for_update()
    ).first()
    if account is None:
        raise NotFound()
    connection = session.get_one(MetaConnection, account.connection_id)
    if connection.status is not ConnectionStatus.ACTIVE:
        raise ConnectionNeedsSignIn()
    under_way = session.exec(
        select(Sync).where(Sync.account_id == account_id, Sync.kind == kind, col(Sync.status).in_(OPEN))
    ).first()
    if under_way is not None:
        return under_way
    sync = Sync(user_id=user_id, account_id=account_id, kind=kind, since=since, until=until)
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
        .where(col(Sync.id) == sync_id, col(Sync.hop) == hop, col(Sync.status).in_(OPEN))
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
    """In the middle of a piece: keep the place reached and the lease; False when it was cancelled."""
    kept = session.execute(
        update(Sync)
        .where(col(Sync.id) == sync.id, col(Sync.hop) == sync.hop, col(Sync.status).in_(OPEN))
        .values(cursor=cursor, due_at=columns.now() + LEASE)
        .returning(col(Sync.id))
    ).first()
    return kept is not None


def advance(
    session: Session,
    sync: Sync,
    *,
    cursor: dict[str, Any],
    step: str,
    progress: int,
    delay: timedelta | None = None,
    tries: int = 0,
) -> bool:
    """Note how far it is and order the next piece; False when it was cancelled meanwhile."""
    moved = session.execute(
        update(Sync)
        .where(col(Sync.id) == sync.id, col(Sync.hop) == sync.hop, col(Sync.status).in_(OPEN))
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


def end(session: Session, sync: Sync, status: SyncStatus, *, error_code: str | None = None) -> None:
    """It is over."""
    session.execute(
        update(Sync)
        .where(col(Sync.id) == sync.id, col(Sync.status).in_(OPEN))
        .values(
            status=status,
            error_code=error_code,
            progress=100 if status is SyncStatus.DONE else col(Sync.progress),
            finished_at=columns.now(),
        )
    )
    session.refresh(sync)
    tell(session, sync)


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


def one(session: Session, user_id: UUID, sync_id: UUID) -> Sync:
    sync = session.exec(select(Sync).where(Sync.id == sync_id, Sync.user_id == user_id)).first()
    if sync is None:
        raise NotFound()
    return sync


def latest(session: Session, user_id: UUID) -> list[Sync]:
    """The newest sync of each of the user's accounts."""
    query = (
        select(Sync)
        .where(Sync.user_id == user_id)
        .distinct(col(Sync.account_id))
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
    """Order the overdue pieces again under a new hop, so that a late twin of theirs finds nothing to do."""
    found = stranded(session)
    for sync in found:
        sync.hop += 1
        sync.due_at = columns.now()
        session.flush()
        order(session, sync)
    return len(found)


def due_today(session: Session, *, older_than: datetime) -> list[MetaAccount]:
    """Accounts whose numbers of today are older than that, with a live connection and a known structure."""
    query = (
        select(MetaAccount)
        .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
        .where(
            MetaConnection.status == ConnectionStatus.ACTIVE,
            col(MetaAccount.structure_synced_at).is_not(None),
            (col(MetaAccount.today_synced_at).is_(None)) | (col(MetaAccount.today_synced_at) < older_than),
        )
        .order_by(col(MetaAccount.today_synced_at).nulls_first())
    )
    return list(session.exec(query))


def due_trailing(session: Session, *, older_than: datetime, limit: int) -> list[MetaAccount]:
    """Accounts whose last 28 days were read before that, the longest waiting first."""
    query = (
        select(MetaAccount)
        .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
        .where(
            MetaConnection.status == ConnectionStatus.ACTIVE,
            col(MetaAccount.structure_synced_at).is_not(None),
            (col(MetaAccount.trailing_synced_at).is_(None))
            | (col(MetaAccount.trailing_synced_at) < older_than),
        )
        .order_by(col(MetaAccount.trailing_synced_at).nulls_first())
        .limit(limit)
    )
    return list(session.exec(query))
