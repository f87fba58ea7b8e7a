"""The daily look at every token: is it alive, until when, has its owner been warned; and then at its accounts."""

from __future__ import annotations

import math
from datetime import datetime
from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import oauth as meta_oauth
from vibekanban.core import columns, db, events
from vibekanban.domains.meta import connections
from vibekanban.domains.meta.models import ConnectionMode, ConnectionStatus, MetaAccount, MetaConnection
from vibekanban.domains.notifications import channels

WATCHED = (ConnectionStatus.ACTIVE, ConnectionStatus.NEEDS_USER_ACTION)
WARN_DAYS = (14, 7, 3, 1)
RENEW_BELOW = 10  # days; a system user's token can be exchanged for sixty more


def due(session: Session) -> list[UUID]:
    """Connections whose token may be good, each to be looked at by a job of its own."""
    return list(session.exec(select(MetaConnection.id).where(col(MetaConnection.status).in_(WATCHED))))


def check(connection_id: UUID) -> None:
    """Look at one token; safe to repeat. Opens its own transactions, none during a call."""
    with db.transaction() as session:
        connection = session.get(MetaConnection, connection_id)
    if connection is None or connection.status not in WATCHED:
        return
    token = connections.token(connection)
    info = meta_oauth.inspect(token)
    if not info.is_valid:
        asks = info.error_code == 190 and info.error_subcode == 459
        connections.lose(
            connection, ConnectionStatus.NEEDS_USER_ACTION if asks else ConnectionStatus.NEEDS_REAUTH
        )
        return
    if connection.status is ConnectionStatus.NEEDS_USER_ACTION and not _answers(connection, token):
        return
    renewed = _renewed(connection, token, info)
    if renewed is not None:
        info = meta_oauth.inspect(renewed)
    with db.transaction() as session:
        row = session.get(MetaConnection, connection_id, with_for_update=True)
        if row is None or row.sealed_token != connection.sealed_token:
            return  # somebody signed in again meanwhile
        if renewed is not None:
            row.sealed_token = connections.sealed(row.id, renewed)
            row.warned_days = None
        row.expires_at = info.expires_at
        row.data_access_expires_at = info.data_access_expires_at
        row.scopes = sorted(info.scopes)
        row.checked_at = columns.now()
        if row.status in WATCHED:  # whom Meta lets through again gets back the syncs that were cancelled
            connections.order_discovery(session, row.id, daily=row.status is ConnectionStatus.ACTIVE)
            row.status = ConnectionStatus.ACTIVE
        _mark_missing_scopes(session, row)
        _warn(session, row)
        events.publish(session, row.user_id, events.Topic.CONNECTIONS)


def _answers(connection: MetaConnection, token: str) -> bool:
    """Whether Meta lets the person through again: one call a day, since asking more often looks like abuse."""
    try:
        meta_oauth.person(token)
    except meta_errors.NeedsUserAction:
        return False
    except meta_errors.NeedsReauth:
        connections.lose(connection, ConnectionStatus.NEEDS_REAUTH)
        return False
    return True


def _mark_missing_scopes(session: Session, connection: MetaConnection) -> None:
    """A scope taken back at Meta is missing on every account; what one account refuses is marked there."""
    missing = connections.missing_scopes(connection.permission, connection.scopes)
    if missing:
        session.execute(
            update(MetaAccount)
            .where(col(MetaAccount.connection_id) == connection.id)
            .values(missing_scopes=missing, updated_at=columns.now())
        )


def _renewed(connection: MetaConnection, token: str, info: meta_oauth.TokenInfo) -> str | None:
    """A system user's token for sixty more days, when this one has few left."""
    if connection.mode is not ConnectionMode.SYSTEM_USER or info.expires_at is None:
        return None
    if (info.expires_at - columns.now()).days >= RENEW_BELOW:
        return None
    try:
        return meta_oauth.renewed_system_user(token)
    except (meta_errors.Refused, meta_errors.NeedsReauth, meta_errors.NeedsPermission):
        return None  # Meta does not renew this one: the owner is warned as for any other


def _ends(connection: MetaConnection) -> datetime | None:
    """When the token, or Meta's leave to read data with it, ends; None: it does not end."""
    ends = [at for at in (connection.expires_at, connection.data_access_expires_at) if at is not None]
    return min(ends, default=None)


def days_left(connection: MetaConnection) -> int | None:
    """Days until it ends, counting a part of one as one; None: it does not end."""
    ends = _ends(connection)
    if ends is None:
        return None
    return max(0, math.ceil((ends - columns.now()).total_seconds() / 86400))


def _warn(session: Session, connection: MetaConnection) -> None:
    """Warn at 14, 7, 3 and 1 days, each once; a missed day is made up with the nearest warning."""
    ends, left = _ends(connection), days_left(connection)
    reached = [days for days in WARN_DAYS if left is not None and left <= days]
    if ends is None or not reached:
        connection.warned_days = None  # it was extended: the next end is warned of from the start
        return
    step = min(reached)
    if connection.warned_days is not None and connection.warned_days <= step:
        return
    connection.warned_days = step
    channels.tell(
        session,
        connection.user_id,
        "connection_expires",
        dedupe_key=f"connection:{connection.id}:expires:{step}:{ends:%Y%m%d}",
        href=connections.ACCOUNTS_PAGE,
        name=connection.meta_user_name,
        days=left,
    )
