"""Connecting: the trip to Meta's consent page and back, or a system user's token that is pasted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import oauth as meta_oauth
from vibekanban.core import columns, db, events, security
from vibekanban.core.errors import AppError
from vibekanban.core.settings import settings
from vibekanban.domains.meta import accounts, connections
from vibekanban.domains.meta.errors import ConsentDenied, ForeignToken, ScopesMissing, StateExpired
from vibekanban.domains.meta.models import (
    ConnectionMode,
    ConnectionStatus,
    MetaConnection,
    MetaOauthState,
    Permission,
)

LIVES = timedelta(minutes=10)
SCOPES = {
    Permission.READ: ["ads_read"],
    Permission.MANAGE: ["ads_read", "ads_management", "business_management"],
}


@dataclass(frozen=True)
class Returned:
    """What the browser brought back from the dialog."""

    state: str
    code: str
    error: str


@dataclass(frozen=True)
class Ended:
    """How a trip ended: the language it began in, if we know it, and the code of what went wrong, if anything."""

    locale: str | None
    error_code: str | None


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


def begin(session: Session, user_id: UUID, permission: Permission, *, locale: str) -> str:
    """The dialog's address; its `state` is good once, for ten minutes, for this user."""
    state, hashed = security.new_token("vko")
    session.execute(delete(MetaOauthState).where(col(MetaOauthState.expires_at) < columns.now()))
    session.add(
        MetaOauthState(
            user_id=user_id,
            state_hash=hashed,
            permission=permission,
            return_locale=locale,
            expires_at=columns.now() + LIVES,
        )
    )
    return meta_oauth.dialog_url(state=state, scopes=SCOPES[permission], locale=locale)


def spend(session: Session, user_id: UUID, state: str) -> MetaOauthState:
    """The sign-in a `state` belongs to, spent by this look; StateExpired when it is not this user's."""
    row = session.execute(
        delete(MetaOauthState)
        .where(
            col(MetaOauthState.state_hash) == security.token_hash(state),
            col(MetaOauthState.user_id) == user_id,
            col(MetaOauthState.expires_at) > columns.now(),
        )
        .returning(MetaOauthState)
    ).scalar()
    if row is None:
        raise StateExpired()
    return row


def finish(user_id: UUID, returned: Returned) -> Ended:
    """Turn what came back into a connection; opens its own transactions, none during a call.

    The accounts are found by a job: the browser waits for Meta long enough as it is.
    """
    started: MetaOauthState | None = None
    try:
        with db.transaction() as session:
            started = spend(session, user_id, returned.state)
        connection_id = _completed(user_id, returned, started.permission)
        with db.transaction() as session:
            connections.order_discovery(session, connection_id)
    except AppError as refused:
        return Ended(started.return_locale if started else None, refused.code)
    return Ended(started.return_locale, None)


def _completed(user_id: UUID, returned: Returned, permission: Permission) -> UUID:
    if returned.error or not returned.code:
        raise ConsentDenied()
    try:
        token = meta_oauth.long_lived(meta_oauth.token_of_code(returned.code))
    except (meta_errors.Refused, meta_errors.NeedsReauth):
        raise StateExpired() from None  # a code that was used, or waited too long
    return _connect(user_id, token, ConnectionMode.OAUTH, permission)


def paste(user_id: UUID, token: str, permission: Permission) -> UUID:
    """Connect a system user's token and find its accounts; opens its own transactions.

    When Meta stumbles over the accounts the connection stands, and a job finds them.
    """
    connection_id = _connect(user_id, token.strip(), ConnectionMode.SYSTEM_USER, permission)
    try:
        accounts.discover(connection_id)
    except meta_errors.MetaError:
        with db.transaction() as session:
            connections.order_discovery(session, connection_id)
    return connection_id


def _connect(user_id: UUID, token: str, mode: ConnectionMode, permission: Permission) -> UUID:
    grant = _examined(token, mode, permission)
    with db.transaction() as session:
        return store(session, user_id, grant).id


def store(session: Session, user_id: UUID, grant: Grant) -> MetaConnection:
    """Keep a grant; the same Meta person again renews the connection there is."""
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
        "sealed_token": connections.sealed(connection_id, grant.token),
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
    events.publish(session, user_id, events.Topic.CONNECTIONS)
    return session.get_one(MetaConnection, kept, populate_existing=True)


def _examined(token: str, mode: ConnectionMode, permission: Permission) -> Grant:
    """Ask Meta whose token it is, that it is ours, until when it lives and what was left ticked."""
    try:
        info = meta_oauth.inspect(token)
    except meta_errors.Refused:
        raise ForeignToken({"accessToken": "errors.meta_foreign_token"}) from None
    if not info.is_valid or info.app_id != settings().meta_app_id:
        raise ForeignToken({"accessToken": "errors.meta_foreign_token"})
    scopes = meta_oauth.granted(token) if mode is ConnectionMode.OAUTH else info.scopes
    if connections.missing_scopes(Permission.READ, scopes):
        raise ScopesMissing({"accessToken": "errors.oauth_scopes_missing"})
    meta_user_id, name = meta_oauth.person(token)
    manages = permission is Permission.MANAGE and "ads_management" in scopes
    return Grant(
        token=token,
        mode=mode,
        permission=Permission.MANAGE if manages else Permission.READ,
        meta_user_id=meta_user_id,
        meta_user_name=name,
        scopes=sorted(scopes),
        expires_at=info.expires_at,
        data_access_expires_at=info.data_access_expires_at,
    )
