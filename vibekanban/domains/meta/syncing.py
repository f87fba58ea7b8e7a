"""Running a sync: piece by piece, each resumable, none waiting inside a worker."""

from __future__ import annotations

import random
import time
from datetime import timedelta
from typing import Any
from uuid import UUID

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import columns, db, logging
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import connections, conversions, insight_runs, metrics_store, steps, syncs
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import MetaAccount, Sync, SyncStatus
from vibekanban.domains.meta.steps import Reached, Work

SOONEST = timedelta(seconds=1)
SPELL = (
    15.0  # seconds after which the next piece is left to another job, so that other accounts get their turn
)
# trying these again changes nothing, and calls that fail cost the app its tier
PERMANENT = (
    meta_errors.NeedsPermission,
    meta_errors.AppMisconfigured,
    meta_errors.Refused,
    meta_errors.CursorExpired,  # it was begun anew often enough
    meta_errors.Missing,
    meta_errors.Blocked,
    meta_errors.VersionRetired,
)

log = logging.logger(__name__)


def run(sync_id: UUID, hop: int) -> None:
    """Pieces of a sync while they are short. A twin that comes late, or one that was cancelled, does nothing."""
    with db.transaction() as session:
        sync = syncs.claim(session, sync_id, hop)
        account = session.get(MetaAccount, sync.account_id) if sync else None
    if sync is None or account is None:
        return
    order = steps.STEPS[sync.kind]
    names = list(order)
    name = str(sync.cursor.get("at") or names[0])
    ends = time.monotonic() + SPELL
    try:
        with connections.opened(account.id, syncs.LANES[sync.kind]) as meta:
            reached = order[name](Work(account, sync, meta))
            while reached.over and name != names[-1] and time.monotonic() < ends:
                name = names[names.index(name) + 1]
                account = _proceeded(sync, names, name)
                if account is None:
                    return
                reached = order[name](Work(account, sync, meta))
        conversions.catch_up(account)
    except NotFound:
        return  # disconnected meanwhile
    except ConnectionNeedsSignIn as error:
        _end(sync, SyncStatus.CANCELLED, error.code)
        return
    except meta_errors.Throttled as error:
        left = max(SOONEST, error.until - columns.now())
        _again(sync, name, delay=left + timedelta(seconds=random.uniform(1, 20)))  # noqa: S311 - jitter
        return
    except PERMANENT as error:
        _end(sync, SyncStatus.FAILED, error.code)
        return
    except meta_errors.MetaError as error:
        if sync.tries + 1 >= syncs.TRIES:
            _end(sync, SyncStatus.FAILED, error.code)
            return
        _again(sync, name, delay=timedelta(seconds=min(300, 5 * 2**sync.tries)), tries=sync.tries + 1)
        return
    _onward(sync, names, name, reached)


def _proceeded(sync: Sync, names: list[str], name: str) -> MetaAccount | None:
    """Note that the next piece has begun in the same job; the account as it is now, None when the sync is lost."""
    sync.cursor = {"at": name}
    with db.transaction() as session:
        account = session.get(MetaAccount, sync.account_id)
        if account is not None:
            share = names.index(name) / len(names)
            held = syncs.proceed(session, sync, step=name, progress=int(share * 100))
            return account if held else None
    _forget(sync)
    return None


def _onward(sync: Sync, names: list[str], name: str, reached: Reached) -> None:
    position = names.index(name)
    following = name if not reached.over else names[position + 1] if position + 1 < len(names) else None
    if following is None:
        _end(sync, SyncStatus.DONE, None)
        return
    done = position + (1.0 if reached.over else reached.share)
    cursor: dict[str, Any] = {"at": following}
    if not reached.over:
        cursor = {**(reached.cursor or {}), **cursor}
    _advance(sync, following, cursor=cursor, share=done / len(names), delay=reached.delay)


def _again(sync: Sync, name: str, *, delay: timedelta, tries: int = 0) -> None:
    _advance(sync, name, cursor=None, share=0, delay=delay, tries=tries)


def _advance(
    sync: Sync,
    step: str,
    *,
    cursor: dict[str, Any] | None,
    share: float,
    delay: timedelta | None,
    tries: int = 0,
) -> None:
    with db.transaction() as session:
        row = session.get(Sync, sync.id)
        if row is not None:
            syncs.advance(
                session,
                row,
                hop=sync.hop,
                cursor={**row.cursor, "at": step} if cursor is None else cursor,
                step=step,
                progress=int(share * 100),
                delay=delay,
                tries=tries,
            )
            return
    _forget(sync)


def _end(sync: Sync, status: SyncStatus, error_code: str | None) -> None:
    with db.transaction() as session:
        row = session.get(Sync, sync.id)
        if row is not None:
            if status is SyncStatus.DONE and insight_runs.given_up(session, sync.id):
                error_code = "sync_incomplete"
            syncs.end(session, row, status, hop=sync.hop, error_code=error_code)
    if row is None:
        _forget(sync)
        return
    log.info("sync_ended", sync=str(sync.id), kind=sync.kind.value, status=status.value, error=error_code)


def _forget(sync: Sync) -> None:
    """The account was disconnected during the piece: what the piece has written since goes too."""
    with db.metrics_transaction() as session:
        metrics_store.forget(session, sync.account_id)
