"""Life of an MCP token: create, change, rotate, revoke; the secret is shown once and stored hashed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, func, or_, select

from vibekanban.core import columns, events, security
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.access.errors import TokenRevoked, TooManyTokens
from vibekanban.domains.access.models import McpToken, Scope
from vibekanban.domains.access.policy import Policy

PREFIX = "vkm"
MOST = 100  # live tokens of one user
HINT = 12


@dataclass(frozen=True)
class Issued:
    """A token with its secret, which exists nowhere else from here on."""

    token: McpToken
    secret: str


def create(
    session: Session,
    user_id: UUID,
    *,
    name: str,
    account_ids: Sequence[UUID],
    scopes: Sequence[Scope],
    policy: dict[str, Any] | None = None,
    expires_at: datetime | None = None,
) -> Issued:
    """A token for the given accounts and verbs; the caller has checked that the accounts are the user's."""
    clean = _name(name)
    wrong: dict[str, str] = {}
    about: Mapping[str, Mapping[str, Any]] = {}
    if not account_ids:
        wrong["accountIds"] = "mcp.fields.accounts_missing"
    if not scopes:
        wrong["scopes"] = "mcp.fields.scopes_missing"
    if expires_at is not None and expires_at <= columns.now():
        wrong["expiresAt"] = "mcp.fields.expiry_past"
    rules = Policy.read({})
    try:
        rules = Policy.read(policy or {})
    except Invalid as error:
        wrong |= error.fields
        about = error.about
    if wrong:
        raise Invalid(wrong, about=about)
    live = (
        select(func.count())
        .select_from(McpToken)
        .where(
            McpToken.user_id == user_id,
            col(McpToken.revoked_at).is_(None),
            or_(col(McpToken.expires_at).is_(None), col(McpToken.expires_at) > columns.now()),
        )
    )
    if session.exec(live).one() >= MOST:
        raise TooManyTokens(most=MOST)
    secret, hashed = security.new_token(PREFIX)
    token = McpToken(
        user_id=user_id,
        name=clean,
        token_hash=hashed,
        hint=secret[:HINT],
        account_ids=list(dict.fromkeys(account_ids)),
        scopes=[scope.value for scope in Scope if scope in scopes],
        policy=rules.written,
        expires_at=expires_at,
    )
    session.add(token)
    _show(session, token)
    return Issued(token, secret)


def tokens(session: Session, user_id: UUID, *, before: UUID | None = None, limit: int = 25) -> list[McpToken]:
    """The user's tokens that were not revoked, newest first."""
    query = select(McpToken).where(McpToken.user_id == user_id, col(McpToken.revoked_at).is_(None))
    if before is not None:
        query = query.where(McpToken.id < before)
    return list(session.exec(query.order_by(col(McpToken.id).desc()).limit(limit)))


def token(session: Session, user_id: UUID, token_id: UUID) -> McpToken:
    """One of the user's tokens, revoked ones too."""
    query = select(McpToken).where(McpToken.id == token_id, McpToken.user_id == user_id)
    found = session.exec(query.with_for_update()).first()
    if found is None:
        raise NotFound()
    return found


def change(
    session: Session,
    user_id: UUID,
    token_id: UUID,
    *,
    name: str | None = None,
    policy: dict[str, Any] | None = None,
    stopped: bool | None = None,
) -> McpToken:
    """Another name, other limits, or stopped and let go again; the token's next call sees it."""
    found = _live(session, user_id, token_id)
    if name is not None:
        found.name = _name(name)
    if policy is not None:
        found.policy = Policy.read(policy).written
    if stopped is not None:
        found.stopped_at = (found.stopped_at or columns.now()) if stopped else None
    _show(session, found)
    return found


def rotate(session: Session, user_id: UUID, token_id: UUID) -> Issued:
    """A new secret under the same rights; the old one is dead when this commits."""
    found = _live(session, user_id, token_id)
    secret, found.token_hash = security.new_token(PREFIX)
    found.hint = secret[:HINT]
    found.rotated_at = columns.now()
    _show(session, found)
    return Issued(found, secret)


def revoke(session: Session, user_id: UUID, token_id: UUID) -> None:
    """Dead when this commits; revoking again changes nothing."""
    found = token(session, user_id, token_id)
    if found.revoked_at is None:
        found.revoked_at = columns.now()
        _show(session, found)


def _show(session: Session, token: McpToken) -> None:
    """Write it, and tell the owner's open pages."""
    session.flush()
    events.publish(session, token.user_id, events.Topic.TOKENS, id=str(token.id))


def _live(session: Session, user_id: UUID, token_id: UUID) -> McpToken:
    found = token(session, user_id, token_id)
    if found.revoked_at is not None:
        raise TokenRevoked()
    return found


def _name(name: str) -> str:
    clean = " ".join(name.replace("\x00", "").split())
    if not 1 <= len(clean) <= 120:
        raise Invalid({"name": "mcp.fields.name_length"})
    return clean
