"""Calling a sync off that somebody asked for; what keeps numbers fresh goes on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col

from vibekanban.core import columns
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.errors import SyncOfThePlatform
from vibekanban.domains.meta.models import Sync, SyncKind, SyncStatus

ASKED_FOR = (SyncKind.ACCOUNT, SyncKind.HISTORY, SyncKind.BREAKDOWN)
CALLED_OFF = "sync_called_off"


def may_be_called_off(sync: Sync) -> bool:
    return sync.kind in ASKED_FOR and sync.status in syncs.OPEN


def call_off(session: Session, user_id: UUID, sync_id: UUID) -> Sync:
    """End it where it next looks; what it has read stays. One that is over is answered as it is."""
    sync = syncs.one(session, user_id, sync_id)
    if sync.kind not in ASKED_FOR:
        raise SyncOfThePlatform()
    ended = session.execute(
        update(Sync)
        .where(col(Sync.id) == sync.id, col(Sync.status).in_(syncs.OPEN))
        .values(status=SyncStatus.CANCELLED, error_code=CALLED_OFF, finished_at=columns.now())
        .returning(col(Sync.id))
    ).first()
    session.refresh(sync)
    if ended is not None:
        syncs.tell(session, sync)
    return sync
