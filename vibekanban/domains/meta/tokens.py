"""The daily look at every token: is it alive, until when, has its owner been warned; and then at its accounts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text, update
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

_UNCHANGED = text("""
UPDATE meta_connections c
SET expires_at = seen.expires_at, data_access_expires_at = seen.data_access_expires_at, checked_at = :now
FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS text[]), CAST(:ends AS timestamptz[]), CAST(:data_ends AS timestamptz[]))
    AS seen(id, sealed_token, expires_at, data_access_expires_at)
WHERE c.id = seen.id AND c.sealed_token = seen.sealed_token AND c.status = :active
RETURNING c.id, c.user_id""")


def due(session: Session) -> list[UUID]:
    """Connections whose token may be good."""
    return list(session.exec(select(MetaConnection.id).where(col(MetaConnection.status).in_(WATCHED))))


def check(connection_id: UUID) -> None:
    """Look at one token; safe to repeat. Opens its own transactions, none during a call."""
    with db.transaction() as session:
        connection = session.get(MetaConnection, connection_id)
    if connection is None or connection.status not in WATCHED:
        return
    token = connections.token(connection)
    _settle(connection, token, meta_oauth.inspect(token))


def check_all(connection_ids: Sequence[UUID]) -> dict[UUID, Exception]:
    """Look at many tokens side by side; what kept which of them from being looked at.

    Almost always nothing happened to a token: those are noted by one statement, and their accounts
    looked for by one job.
    """
    with db.transaction() as session:
        rows = session.exec(
            select(MetaConnection).where(
                col(MetaConnection.id).in_(connection_ids), col(MetaConnection.status).in_(WATCHED)
            )
        ).all()
    failed: dict[UUID, Exception] = {}
    tokens: dict[UUID, str] = {}
    for row in rows:
        try:
            tokens[row.id] = connections.token(row)
        except Exception as error:  # whatever one has, the others are looked at
            failed[row.id] = error
    found = dict(zip(tokens, meta_oauth.inspect_all(tokens.values()), strict=True))
    unchanged: list[tuple[MetaConnection, meta_oauth.TokenInfo]] = []
    for row in rows:
        info = found.get(row.id)
        if isinstance(info, meta_errors.MetaError):
            failed[row.id] = info
        elif info is not None and _unchanged(row, info):
            unchanged.append((row, info))
        elif info is not None:
            try:
                _settle(row, tokens[row.id], info)
            except Exception as error:  # as above
                failed[row.id] = error
    _note(unchanged)
    return failed


def _unchanged(connection: MetaConnection, info: meta_oauth.TokenInfo) -> bool:
    """Whether there is nothing to do and nobody to tell."""
    left = days_left(info)
    return (
        connection.status is ConnectionStatus.ACTIVE
        and info.is_valid
        and sorted(info.scopes) == connection.scopes
        and not connections.missing_scopes(connection.permission, info.scopes)
        and connection.warned_days is None
        and (left is None or left > max(WARN_DAYS))
    )


def _note(looked: Iterable[tuple[MetaConnection, meta_oauth.TokenInfo]]) -> None:
    """Note the look at those that nothing happened to; who signed in again meanwhile is left alone."""
    pairs = list(looked)
    with db.transaction() as session:
        noted = session.execute(
            _UNCHANGED,
            {
                "ids": [row.id for row, _ in pairs],
                "tokens": [row.sealed_token for row, _ in pairs],
                "ends": [info.expires_at for _, info in pairs],
                "data_ends": [info.data_access_expires_at for _, info in pairs],
                "now": columns.now(),
                "active": ConnectionStatus.ACTIVE,
            },
        ).all()
        connections.order_daily_discoveries(session, [connection_id for connection_id, _ in noted])
        for _, user_id in noted:
            events.publish(session, user_id, events.Topic.CONNECTIONS)


def _settle(connection: MetaConnection, token: str, info: meta_oauth.TokenInfo) -> None:
    """Do what follows from what Meta says of a token."""
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
        row = session.get(MetaConnection, connection.id, with_for_update=True)
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


def _ends(token: MetaConnection | meta_oauth.TokenInfo) -> datetime | None:
    """When the token, or Meta's leave to read data with it, ends; None: it does not end."""
    ends = [at for at in (token.expires_at, token.data_access_expires_at) if at is not None]
    return min(ends, default=None)


def days_left(token: MetaConnection | meta_oauth.TokenInfo) -> int | None:
    """Days until it ends, counting a part of one as one; None: it does not end."""
    ends = _ends(token)
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
