"""The session check of events and hot API paths: `sessions.authenticate` as one asynchronous statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from vibekanban.core import security
from vibekanban.core.pools import POOLS
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import Role

_STATEMENT = """
WITH found AS (
    SELECT s.id AS session_id, s.kind, s.last_seen_at, s.created_at,
           u.id AS user_id, u.name, u.email, u.role, u.locale, u.is_verified
    FROM user_sessions s JOIN users u ON u.id = s.user_id
    WHERE {which} AND s.ended_at IS NULL AND s.expires_at > now() AND u.is_active
), visited AS (
    UPDATE user_sessions s
    SET last_seen_at = now(),
        expires_at = CASE WHEN found.kind = 'browser'
            THEN least(now() + %(idle)s::interval, found.created_at + %(longest)s::interval)
            ELSE s.expires_at END
    FROM found
    WHERE s.id = found.session_id AND found.last_seen_at <= now() - %(every)s::interval
)
SELECT session_id, user_id, name, email, role, locale, is_verified FROM found
"""
_BY_COOKIE = _STATEMENT.format(which="s.token_hash = %(token_hash)s AND s.kind = 'browser'")
_BY_CLAIMS = _STATEMENT.format(which="s.id = %(session_id)s AND s.user_id = %(user_id)s AND s.kind = 'api'")


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
    return await _one(_BY_COOKIE, {"token_hash": security.token_hash(cookie)})


async def authenticate(*, bearer: str | None, cookie: str | None) -> Seen | None:
    """Who is behind the `Authorization` header (it wins) or the cookie; None when nobody is."""
    if bearer is None:
        return await seen(cookie)
    claims = security.read(sessions.bearer_token(bearer) or "")
    if claims is None:
        return None
    return await _one(_BY_CLAIMS, {"session_id": claims.session_id, "user_id": claims.user_id})


async def _one(statement: str, values: dict[str, Any]) -> Seen | None:
    values |= {"idle": sessions.idle(), "longest": sessions.LONGEST, "every": sessions.SEEN_EVERY}
    async with (
        POOLS.main.connection() as connection,
        connection.cursor(row_factory=class_row(Seen)) as cursor,
    ):
        await cursor.execute(statement, values)  # pyright: ignore[reportArgumentType]
        return await cursor.fetchone()
