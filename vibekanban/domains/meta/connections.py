"""Connections to Meta: their sealed tokens, calling in their name, losing and ending them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db, events, queue, vault
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import (
    ConnectionMode,
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    Permission,
    Sync,
    SyncStatus,
)
from vibekanban.domains.notifications import inbox

ACCOUNTS_PAGE = "/app/accounts"
OPEN_SYNCS = (SyncStatus.QUEUED, SyncStatus.RUNNING, SyncStatus.WAITING)


@dataclass(frozen=True)
class Grant:
    """What a sign-in at Meta gave us."""

    token: str
    mode: ConnectionMode
    permission: Permission
    meta_user_id: str
    meta_user_name: str
    scopes: list[str]
    expires_at: datetime | None
    data_access_expires_at: datetime | None


def store(session: Session, user_id: UUID, grant: Grant) -> MetaConnection:
    """Keep a grant; the same Meta person again renews the connection there is, and wakes its accounts."""
    known = session.exec(
        select(MetaConnection.id).where(
            MetaConnection.user_id == user_id, MetaConnection.meta_user_id == grant.meta_user_id
        )
    ).first()
    connection_id = known or columns.new_id()
    values = {
        "mode": grant.mode,
        "permission": grant.permission,
        "meta_user_name": grant.meta_user_name[:200],
        "scopes": grant.scopes,
        "sealed_token": sealed(connection_id, grant.token),
        "status": ConnectionStatus.ACTIVE,
        "expires_at": grant.expires_at,
        "data_access_expires_at": grant.data_access_expires_at,
        "checked_at": columns.now(),
        "warned_days": None,
        "updated_at": columns.now(),
    }
    statement = insert(MetaConnection).values(
        id=connection_id,
        user_id=user_id,
        meta_user_id=grant.meta_user_id,
        created_at=columns.now(),
        **values,
    )
    # two sign-ins at once: the sealed token is bound to the row's id, so the row that won keeps its own
    kept = session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "meta_user_id"],
            set_=values,
            where=col(MetaConnection.id) == connection_id,
        ).returning(col(MetaConnection.id))
    ).scalar()
    if kept is None:
        return store(session, user_id, grant)
    queue.enqueue(session, Job.DISCOVER_ACCOUNTS, str(kept), job_id=f"discover-{kept}")
    events.publish(session, user_id, events.Topic.CONNECTIONS)
    return session.get_one(MetaConnection, kept, populate_existing=True)


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
        lose(connection.id, ConnectionStatus.NEEDS_REAUTH)
        raise ConnectionNeedsSignIn() from None
    except meta_errors.NeedsUserAction:
        lose(connection.id, ConnectionStatus.NEEDS_USER_ACTION)
        raise ConnectionNeedsSignIn() from None
    except meta_errors.NeedsPermission:
        if account_id is not None:
            _degrade(account_id, connection)
        raise


def lose(connection_id: UUID, status: ConnectionStatus) -> bool:
    """Flip an active connection, once: only who flips it cancels its syncs and tells the owner."""
    with db.transaction() as session:
        return _lose(session, connection_id, status)


def _lose(session: Session, connection_id: UUID, status: ConnectionStatus) -> bool:
    lost = session.execute(
        update(MetaConnection)
        .where(
            col(MetaConnection.id) == connection_id,
            col(MetaConnection.status) == ConnectionStatus.ACTIVE,
        )
        .values(status=status, updated_at=columns.now())
        .returning(col(MetaConnection.user_id), col(MetaConnection.meta_user_name))
    ).first()
    if lost is None:
        return False
    user_id, name = lost
    cancel_syncs(session, connection_id)
    inbox.notify(
        session,
        user_id,
        f"connection_{status.value}",
        dedupe_key=f"connection:{connection_id}:{status.value}:{columns.new_id()}",
        href=ACCOUNTS_PAGE,
        email=True,
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


def _degrade(account_id: UUID, connection: MetaConnection) -> None:
    """Remember which scopes the account lacks, so that the page can name them."""
    wanted = {"ads_read"} | ({"ads_management"} if connection.permission is Permission.MANAGE else set())
    missing = sorted(wanted - set(connection.scopes)) or ["ads_management"]
    with db.transaction() as session:
        session.execute(
            update(MetaAccount)
            .where(col(MetaAccount.id) == account_id)
            .values(missing_scopes=missing, updated_at=columns.now())
        )
        events.publish(session, connection.user_id, events.Topic.CONNECTIONS, account_id=account_id)


# -- ending


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
        queue.enqueue(
            session,
            Job.REVOKE_CONNECTION,
            str(connection_id),
            job_id=f"revoke-{connection_id}",
            retry=(30, 300, 1800, 7200, 21600),
        )
    queue.enqueue(session, Job.FORGET_METRICS, str(account_id), lane=Lane.HISTORY)
    events.publish(session, user_id, events.Topic.CONNECTIONS)


def forget(session: Session, connection_id: UUID) -> None:
    """Delete a revoked connection, token and all."""
    session.execute(
        delete(MetaConnection).where(
            col(MetaConnection.id) == connection_id,
            col(MetaConnection.status) == ConnectionStatus.REVOKED,
        )
    )


def deauthorized(session: Session, meta_user_id: str) -> None:
    """Meta says that the person removed our app: every connection of theirs is dead."""
    rows = session.exec(select(MetaConnection).where(MetaConnection.meta_user_id == meta_user_id)).all()
    for row in rows:
        _lose(session, row.id, ConnectionStatus.NEEDS_REAUTH)


def erase(session: Session, meta_user_id: str) -> None:
    """Meta says that the person wants their data gone: connections, accounts, structure and metrics."""
    rows = session.exec(select(MetaConnection).where(MetaConnection.meta_user_id == meta_user_id)).all()
    for row in rows:
        accounts = session.exec(select(MetaAccount.id).where(MetaAccount.connection_id == row.id)).all()
        for account_id in accounts:
            queue.enqueue(session, Job.FORGET_METRICS, str(account_id), lane=Lane.HISTORY)
        events.publish(session, row.user_id, events.Topic.CONNECTIONS)
        session.delete(row)


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
