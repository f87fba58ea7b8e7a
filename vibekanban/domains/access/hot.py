"""The token check of every MCP call: one statement on the asynchronous pool."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self
from uuid import UUID

from psycopg.rows import class_row

from vibekanban.core import security
from vibekanban.core.pools import POOLS
from vibekanban.domains.access.errors import BadToken, ScopeMissing, TokenStopped
from vibekanban.domains.access.models import Scope
from vibekanban.domains.access.tokens import PREFIX

# `touched` writes at most once a minute per token: a busy token must not rewrite its row on every call
FOUND = """
WITH found AS (
    SELECT t.id, t.user_id, t.name, t.account_ids, t.scopes, t.policy, t.last_used_at,
        (t.stopped_at IS NOT NULL OR u.agents_stopped_at IS NOT NULL) AS stopped
    FROM mcp_tokens t JOIN users u ON u.id = t.user_id
    WHERE t.token_hash = %(token_hash)s AND t.revoked_at IS NULL AND u.is_active
      AND (t.expires_at IS NULL OR t.expires_at > now())
), touched AS (
    UPDATE mcp_tokens t SET last_used_at = now() FROM found
    WHERE t.id = found.id AND (found.last_used_at IS NULL OR found.last_used_at < now() - interval '1 minute')
)
"""
CHECK = f"{FOUND} SELECT id AS token_id, user_id, name, account_ids, scopes, policy, stopped FROM found"


@dataclass(frozen=True)
class Caller:
    """Who calls with a token, and what the token may do."""

    token_id: UUID
    user_id: UUID
    name: str
    account_ids: list[UUID]
    scopes: list[str]
    policy: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False

    def admitted(self) -> Self:
        """Itself; TokenStopped while its owner has stopped it, or all programs."""
        if self.stopped:
            raise TokenStopped()
        return self

    def may(self, scope: Scope) -> bool:
        return scope.value in self.scopes

    def must(self, scope: Scope) -> None:
        if not self.may(scope):
            raise ScopeMissing(scope=scope.value)


def hashed(authorization: str | None) -> bytes:
    """What is stored of the token in an `Authorization` header; BadToken when there is none."""
    scheme, _, secret = (authorization or "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != "bearer" or not secret.startswith(f"{PREFIX}_") or len(secret) > 200:
        raise BadToken()
    return security.token_hash(secret)


async def caller(authorization: str | None) -> Caller:
    """The caller behind an `Authorization` header; BadToken, always the same, when there is none."""
    token_hash = hashed(authorization)
    async with (
        POOLS.main.connection() as connection,
        connection.cursor(row_factory=class_row(Caller)) as cursor,
    ):
        await cursor.execute(CHECK, {"token_hash": token_hash})
        found = await cursor.fetchone()
    if found is None:
        raise BadToken()
    return found.admitted()
