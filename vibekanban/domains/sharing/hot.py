"""Who sees whose accounts, on the asynchronous pool: what a stream of live changes needs to know."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from vibekanban.core.pools import POOLS

# the twin of `members.shared_with`, which tests hold to the same answer
_SHARED = """
SELECT m.user_id, m.account_id FROM account_members m
JOIN meta_accounts a ON a.id = m.account_id AND a.user_id = m.user_id
JOIN users o ON o.id = m.user_id AND o.is_active
WHERE m.member_id = %s
"""


async def shared_with(user_id: UUID) -> dict[str, frozenset[str]]:
    """The accounts of others that somebody looks at, by whose they are."""
    async with POOLS.main.connection() as connection:
        cursor = await connection.execute(_SHARED, (user_id,))
        rows = await cursor.fetchall()
    found: dict[str, set[str]] = defaultdict(set)
    for owner, account in rows:
        found[str(owner)].add(str(account))
    return {owner: frozenset(accounts) for owner, accounts in found.items()}
