"""Connections to Meta: their sealed tokens, calling in their name, losing and leaving them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, true, update
from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db, events, queue, vault
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import (
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    Permission,
    Sync,
    SyncStatus,
)
from vibekanban.domains.notifications import channels

ACCOUNTS_PAGE = "/app/accounts"
OPEN_SYNCS = (SyncStatus.QUEUED, SyncStatus.RUNNING, SyncStatus.WAITING)
# from which states a connection can be lost into another
LOSABLE = {
    ConnectionStatus.NEEDS_REAUTH: (ConnectionStatus.ACTIVE, ConnectionStatus.NEEDS_USER_ACTION),
    ConnectionStatus.NEEDS_USER_ACTION: (ConnectionStatus.ACTIVE,),
}


def sealed(connection_id: UUID, plain: str) -> str:
    """A token as its row keeps it; bound to the row's id."""
    return vault.encrypt(plain, context=_context(connection_id))


def token(connection: MetaConnection) -> str:
    """The plain token, for the length of a call."""
    return vault.decrypt(connection.sealed_token, context=_context(connection.id))


@contextmanager
def opened(account_id: UUID, lane: Lane) -> Iterator[Gateway]:
    """Call Meta for an account: the token is read in a transaction that is closed before any call.

    When Meta says that the token is dead the connection is flipped and its owner told, once, before
    the error goes on.
    """
    with db.transaction() as session:
        found = session.exec(
            select(MetaConnection, MetaAccount.meta_account_id)
            .join(MetaAccount, col(MetaAccount.connection_id) == MetaConnection.id)
            .where(MetaAccount.id == account_id)
        ).first()
    if found is None:
        raise NotFound()
    connection, meta_account_id = found
    with calling(connection, lane, account_id=account_id, meta_account_id=meta_account_id) as gateway:
        yield gateway


@contextmanager
def calling(
    connection: MetaConnection,
    lane: Lane,
    *,
    account_id: UUID | None = None,
    meta_account_id: str | None = None,
) -> Iterator[Gateway]:
    """Call Meta for a connection, watching for what ends it."""
    if connection.status is not ConnectionStatus.ACTIVE:
        raise ConnectionNeedsSignIn()
    gateway = Gateway(token(connection), key=str(connection.id), lane=lane, account=meta_account_id)
    try:
        yield gateway
    except meta_errors.NeedsReauth:
        lose(connection, ConnectionStatus.NEEDS_REAUTH)
        raise ConnectionNeedsSignIn() from None
    except meta_errors.NeedsUserAction:
        lose(connection, ConnectionStatus.NEEDS_USER_ACTION)
        raise ConnectionNeedsSignIn() from None
    except meta_errors.NeedsPermission as refused:
        if account_id is not None:
            _degrade(account_id, connection, refused.scopes)
        raise


def lose(connection: MetaConnection, status: ConnectionStatus) -> bool:
    """Flip a live connection whose token Meta refused, unless it has got another token meanwhile."""
    with db.transaction() as session:
        return lost(session, connection.id, status, sealed_token=connection.sealed_token)


def lost(
    session: Session, connection_id: UUID, status: ConnectionStatus, *, sealed_token: str | None = None
) -> bool:
    """Flip a connection, once: only who flips it cancels its syncs and tells the owner; others get False."""
    same = col(MetaConnection.sealed_token) == sealed_token if sealed_token else true()
    flipped = session.execute(
        update(MetaConnection)
        .where(
            col(MetaConnection.id) == connection_id,
            col(MetaConnection.status).in_(LOSABLE[status]),
            same,
        )
        .values(status=status, updated_at=columns.now())
        .returning(col(MetaConnection.user_id), col(MetaConnection.meta_user_name))
    ).first()
    if flipped is None:
        return False
    user_id, name = flipped
    cancel_syncs(session, connection_id)
    channels.tell(
        session,
        user_id,
        f"connection_{status.value}",
        dedupe_key=f"connection:{connection_id}:{status.value}:{columns.new_id()}",
        href=ACCOUNTS_PAGE,
        name=name,
    )
    events.publish(session, user_id, events.Topic.CONNECTIONS)
    return True


def cancel_syncs(session: Session, connection_id: UUID) -> None:
    """End what is queued or runs for the connection's accounts; running jobs notice at their next step."""
    accounts = select(MetaAccount.id).where(MetaAccount.connection_id == connection_id)
    session.execute(
        update(Sync)
        .where(col(Sync.account_id).in_(accounts), col(Sync.status).in_(OPEN_SYNCS))
        .values(status=SyncStatus.CANCELLED, error_code="connection_needs_sign_in", finished_at=columns.now())
    )


def missing_scopes(permission: Permission, scopes: Collection[str]) -> list[str]:
    """What a connection lacks for what its owner asked for; who may manage may read."""
    if permission is Permission.MANAGE:
        return [] if "ads_management" in scopes else ["ads_management"]
    return [] if {"ads_read", "ads_management"} & set(scopes) else ["ads_read"]


def _degrade(account_id: UUID, connection: MetaConnection, named: list[str]) -> None:
    """Remember which scopes the account lacks, so that the page can name them.

    Meta refuses an account for a scope it granted when the person has no such role in that account.
    """
    managing = connection.permission is Permission.MANAGE
    missing = missing_scopes(connection.permission, connection.scopes) or named
    with db.transaction() as session:
        session.execute(
            update(MetaAccount)
            .where(col(MetaAccount.id) == account_id)
            .values(
                missing_scopes=missing or ["ads_management" if managing else "ads_read"],
                updated_at=columns.now(),
            )
        )
        events.publish(session, connection.user_id, events.Topic.CONNECTIONS, account_id=account_id)


# -- leaving


def disconnect(session: Session, user_id: UUID, account_id: UUID) -> None:
    """Take an account out, with its structure; the last one of a connection takes that with it.

    The connection stays as REVOKED, with its sealed token, until a job has told Meta.
    """
    account = session.exec(
        select(MetaAccount).where(MetaAccount.id == account_id, MetaAccount.user_id == user_id)
    ).first()
    if account is None:
        raise NotFound()
    connection_id = account.connection_id
    # two at once would each see the other's account and leave the connection behind
    session.execute(select(MetaConnection.id).where(MetaConnection.id == connection_id).with_for_update())
    session.execute(delete(MetaAccount).where(col(MetaAccount.id) == account_id))
    left = session.execute(
        select(func.count()).select_from(MetaAccount).where(MetaAccount.connection_id == connection_id)
    ).scalar_one()
    if left == 0:
        session.execute(
            update(MetaConnection)
            .where(col(MetaConnection.id) == connection_id)
            .values(status=ConnectionStatus.REVOKED, updated_at=columns.now())
        )
        order_revocation(session, connection_id)
    queue.enqueue(session, Job.FORGET_METRICS, str(account_id), lane=Lane.HISTORY)
    events.publish(session, user_id, events.Topic.CONNECTIONS)


def order_discovery(
    session: Session, connection_id: UUID, *, daily: bool = False, after: datetime | None = None
) -> None:
    """Have the connection's accounts found, and their syncs asked for; `after` a pause that Meta wants.

    `daily` is the look of a machine, which leaves alone what is known and read.
    """
    name = f"discover-{connection_id}{'-daily' if daily else ''}"
    queue.enqueue(
        session,
        Job.DISCOVER_ACCOUNTS,
        str(connection_id),
        *([True] if daily else []),
        lane=Lane.TODAY if daily else Lane.HUMAN,
        # the job that was told to pause still has the plain name
        job_id=f"{name}-{after:%Y%m%d%H%M%S}" if after else name,
        delay=max(timedelta(seconds=1), after - columns.now()) if after else None,
        retry=(5, 30, 120, 600, 3600),
    )


def order_daily_discoveries(session: Session, connection_ids: Sequence[UUID]) -> None:
    """The look of a machine at the accounts of many connections, by one job: each would cost as much as its calls."""
    if connection_ids:
        queue.enqueue(
            session,
            Job.DISCOVER_DAILY,
            [str(one) for one in connection_ids],
            lane=Lane.TODAY,
            job_id=f"discoveries-{connection_ids[0]}",
            timeout=1200,
        )


def order_revocation(session: Session, connection_id: UUID) -> None:
    """Have Meta told in a job, which holds nothing but the id."""
    queue.enqueue(
        session,
        Job.REVOKE_CONNECTION,
        str(connection_id),
        job_id=f"revoke-{connection_id}",
        retry=(30, 300, 1800, 7200, 21600),
    )


# -- keys


def reencrypt(session: Session, *, batch: int = 100) -> int:
    """Seal with today's key what an earlier one sealed; says how many of this batch it was."""
    current = f"v1.{vault.current_key_id()}.%"
    rows = session.exec(
        select(MetaConnection)
        .where(col(MetaConnection.sealed_token).not_like(current))
        .order_by(col(MetaConnection.id))
        .limit(batch)
        .with_for_update(skip_locked=True)
    ).all()
    for row in rows:
        row.sealed_token = sealed(row.id, token(row))
    session.flush()
    return len(rows)


def _context(connection_id: UUID) -> str:
    return f"meta_connection:{connection_id}"
