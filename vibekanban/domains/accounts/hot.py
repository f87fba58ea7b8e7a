"""The session check of events and hot API paths: `sessions.authenticate` as one asynchronous statement."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from vibekanban.core import security
from vibekanban.core.pools import POOLS, fetched
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import Role

_STATEMENT = """
SELECT s.id, u.id, u.name, u.email, u.role, u.locale, u.is_verified,
    s.last_seen_at <= now() - %(every)s::interval AS due, {beside}
FROM user_sessions s JOIN users u ON u.id = s.user_id
WHERE {which} AND s.ended_at IS NULL AND s.expires_at > now() AND u.is_active
"""
_VISITED = """
UPDATE user_sessions SET last_seen_at = now(), expires_at = CASE kind WHEN 'browser'
    THEN least(now() + %(idle)s::interval, created_at + %(longest)s::interval) ELSE expires_at END
WHERE id = %(session_id)s AND ended_at IS NULL AND last_seen_at <= now() - %(every)s::interval RETURNING id
"""
_COOKIE = "s.token_hash = %(token_hash)s AND s.kind = 'browser'"
_CLAIMS = "s.id = %(session_id)s AND s.user_id = %(user_id)s AND s.kind = 'api'"
_BY_COOKIE = _STATEMENT.format(which=_COOKIE, beside="NULL")
_BY_CLAIMS = _STATEMENT.format(which=_CLAIMS, beside="NULL")


@dataclass(frozen=True)
class Seen:
    """The person behind a request, as far as a page or a rule needs them."""

    session_id: UUID
    user_id: UUID
    name: str
    email: str
    role: Role
    locale: str
    is_verified: bool

    def __post_init__(self) -> None:
        object.__setattr__(self, "role", Role(self.role))  # the row brings it as text


async def seen(cookie: str | None) -> Seen | None:
    """Who is behind the browser's cookie; None when nobody is."""
    if not cookie:
        return None
    found = await _one(_BY_COOKIE, {"token_hash": security.token_hash(cookie)})
    return None if found is None else found[0]


async def authenticate(*, bearer: str | None, cookie: str | None) -> Seen | None:
    """Who is behind the `Authorization` header (it wins) or the cookie; None when nobody is."""
    if bearer is None:
        return await seen(cookie)
    claims = security.read(sessions.bearer_token(bearer) or "")
    return None if claims is None else await signed_in(claims)


async def signed_in(claims: security.Claims) -> Seen | None:
    """Who is behind a token that was read; None when the session has ended."""
    found = await _one(_BY_CLAIMS, _claimed(claims))
    return None if found is None else found[0]


async def signed_in_with(claims: security.Claims, beside: str) -> tuple[Seen, Any] | None:
    """The same, and what an SQL expression about `u.id` says in the same look."""
    return await _one(_with(beside), _claimed(claims))


@lru_cache
def _with(beside: str) -> str:
    return _STATEMENT.format(which=_CLAIMS, beside=beside)


def _claimed(claims: security.Claims) -> dict[str, Any]:
    return {"session_id": claims.session_id, "user_id": claims.user_id}


async def _one(statement: str, values: dict[str, Any]) -> tuple[Seen, Any] | None:
    rows = await POOLS.reads.rows(statement, {**values, "every": sessions.SEEN_EVERY})
    if not rows:
        return None
    *found, due, beside = rows[0]
    seen = Seen(*found)
    if due:
        lasting = {"idle": sessions.idle(), "longest": sessions.LONGEST, "every": sessions.SEEN_EVERY}
        await fetched(POOLS.main, _VISITED, {"session_id": seen.session_id, **lasting})
    return seen, beside
