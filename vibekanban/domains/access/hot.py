"""The token check of every MCP call: one small read."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self
from uuid import UUID

from vibekanban.core import security
from vibekanban.core.gathering import Gathered
from vibekanban.core.pools import POOLS, fetched
from vibekanban.domains.access.errors import BadToken, ScopeMissing, TokenStopped
from vibekanban.domains.access.models import Scope
from vibekanban.domains.access.tokens import PREFIX

_RUN = re.compile(r"[0-9A-Za-z_-]{1,20}")

FOUND = """
WITH found AS (
    SELECT t.id, t.user_id, t.name, t.account_ids, t.scopes, t.policy,
        (t.stopped_at IS NOT NULL OR u.agents_stopped_at IS NOT NULL) AS stopped,
        coalesce(t.last_used_at < now() - interval '1 minute', true) AS due
    FROM mcp_tokens t JOIN users u ON u.id = t.user_id
    WHERE t.token_hash = %(token_hash)s AND t.revoked_at IS NULL AND u.is_active
      AND (t.expires_at IS NULL OR t.expires_at > now())
)
"""
CHECK = f"{FOUND} SELECT id AS token_id, user_id, name, account_ids, scopes, policy, stopped, due FROM found"
# a row that another process is writing right now is in good hands: waiting in turn for several could end in a deadlock
_TOUCH = """
UPDATE mcp_tokens SET last_used_at = now() WHERE id IN (
    SELECT id FROM mcp_tokens WHERE id = ANY (%(ids)s) AND coalesce(last_used_at < now() - interval '1 minute', true)
    FOR NO KEY UPDATE SKIP LOCKED
) RETURNING id
"""


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
    run: str | None = None  # what it says itself of its run: a label in the audit, good for no right

    def during(self, run: str | None) -> Self:
        """Itself, in the run that it names; a name that is none is not kept."""
        named = run if run is not None and _RUN.fullmatch(run) else None
        return self if named is None else replace(self, run=named)

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
    rows = await POOLS.reads.rows(CHECK, {"token_hash": token_hash})
    if not rows:
        raise BadToken()
    *values, due = rows[0]
    found = Caller(*values)
    if due:
        await touch(found.token_id)
    return found.admitted()


async def touch(token_id: UUID) -> None:
    """Note that the token is in use; to be called when `due`: a busy token must not rewrite its row on every call."""
    await _TOUCHES.ask(token_id)


async def _touch(token_ids: Sequence[UUID]) -> Sequence[None]:
    await fetched(POOLS.main, _TOUCH, {"ids": list(token_ids)})
    return [None] * len(token_ids)


_TOUCHES = Gathered(_touch, most=200)
