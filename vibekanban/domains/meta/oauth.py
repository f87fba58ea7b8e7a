"""Connecting: the trip to Meta's consent page and back, or a system user's token that is pasted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import oauth as meta_oauth
from vibekanban.core import columns, db, security
from vibekanban.core.settings import settings
from vibekanban.domains.meta import connections
from vibekanban.domains.meta.connections import Grant
from vibekanban.domains.meta.errors import ConsentDenied, ForeignToken, ScopesMissing, StateExpired
from vibekanban.domains.meta.models import ConnectionMode, MetaOauthState, Permission

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


def complete(user_id: UUID, returned: Returned) -> UUID:
    """Turn what came back into a connection; opens its own transactions, none during a call."""
    with db.transaction() as session:
        started = spend(session, user_id, returned.state)
    if returned.error or not returned.code:
        raise ConsentDenied()
    try:
        token = meta_oauth.long_lived(meta_oauth.token_of_code(returned.code))
    except (meta_errors.Refused, meta_errors.NeedsReauth):
        raise StateExpired() from None  # a code that was used, or waited too long
    return _connect(user_id, token, ConnectionMode.OAUTH, started.permission)


def paste(user_id: UUID, token: str, permission: Permission) -> UUID:
    """Connect a system user's token; opens its own transactions."""
    return _connect(user_id, token.strip(), ConnectionMode.SYSTEM_USER, permission)


def _connect(user_id: UUID, token: str, mode: ConnectionMode, permission: Permission) -> UUID:
    grant = _examined(token, mode, permission)
    with db.transaction() as session:
        return connections.store(session, user_id, grant).id


def _examined(token: str, mode: ConnectionMode, permission: Permission) -> Grant:
    """Ask Meta whose token it is, that it is ours, until when it lives and what was left ticked."""
    try:
        info = meta_oauth.inspect(token)
    except meta_errors.Refused:
        raise ForeignToken({"accessToken": "errors.meta_foreign_token"}) from None
    if not info.is_valid or info.app_id != settings().meta_app_id:
        raise ForeignToken({"accessToken": "errors.meta_foreign_token"})
    scopes = meta_oauth.granted(token) if mode is ConnectionMode.OAUTH else info.scopes
    if "ads_read" not in scopes and "ads_management" not in scopes:
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
