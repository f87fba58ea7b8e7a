"""Who sees whose accounts, on the asynchronous pool: what streams and hot reads need to know."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from vibekanban.core.errors import NotFound
from vibekanban.core.pools import POOLS, fetched

# the twin of `members.shared_with`, which tests hold to the same answer
_SHARED = """
SELECT m.user_id, m.account_id FROM account_members m
JOIN meta_accounts a ON a.id = m.account_id AND a.user_id = m.user_id
JOIN users o ON o.id = m.user_id AND o.is_active
WHERE m.member_id = %s
"""


# the twins of `sights.of_account` and `of_object` for what is not one's own
_OWNER = """
SELECT m.user_id FROM account_members m
JOIN meta_accounts a ON a.id = m.account_id AND a.user_id = m.user_id
JOIN users o ON o.id = m.user_id AND o.is_active
WHERE m.member_id = %(me)s AND a.id = """
_ACCOUNT_OWNER = f"{_OWNER} %(thing)s"
_CAMPAIGN_OWNER = f"{_OWNER} (SELECT c.account_id FROM campaigns c WHERE c.id = %(thing)s)"


async def owner_of_account(me: UUID, account_id: UUID) -> UUID:
    """Who shares an account with one; NotFound when nobody does."""
    return await _owner(_ACCOUNT_OWNER, me, account_id)


async def owner_of_campaign(me: UUID, campaign_id: UUID) -> UUID:
    """Who shares the account of a campaign with one; NotFound when nobody does."""
    return await _owner(_CAMPAIGN_OWNER, me, campaign_id)


async def _owner(statement: str, me: UUID, thing: UUID) -> UUID:
    rows = await fetched(POOLS.main, statement, {"me": me, "thing": thing})
    if not rows:
        raise NotFound()
    return rows[0][0]


async def shared_with(user_id: UUID) -> dict[str, frozenset[str]]:
    """The accounts of others that somebody looks at, by whose they are."""
    async with POOLS.main.connection() as connection:
        cursor = await connection.execute(_SHARED, (user_id,))
        rows = await cursor.fetchall()
    found: dict[str, set[str]] = defaultdict(set)
    for owner, account in rows:
        found[str(owner)].add(str(account))
    return {owner: frozenset(accounts) for owner, accounts in found.items()}
