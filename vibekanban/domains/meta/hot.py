"""The hot reads on the asynchronous pools: one statement each, the twins of what a session reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from vibekanban.core.errors import NotFound
from vibekanban.core.pools import POOLS, fetched
from vibekanban.domains.meta import metrics_sql

_TARGET = """
SELECT c.id, c.meta_id, c.name, a.id AS account_id, a.currency, a.timezone, a.conversion_event, a.today_synced_at
FROM campaigns c JOIN meta_accounts a ON a.id = c.account_id
WHERE c.id = %(id)s AND c.user_id = %(user)s
"""
_ACCOUNT = """
SELECT id, currency, timezone, conversion_event FROM meta_accounts WHERE id = %(id)s AND user_id = %(user)s
"""


@dataclass(frozen=True)
class Target:
    """A campaign as far as a metric read needs it."""

    id: UUID
    meta_id: str
    name: str
    account_id: UUID
    currency: str
    timezone: str
    conversion_event: str | None
    today_synced_at: datetime | None


async def campaign(user_id: UUID, campaign_id: UUID) -> Target:
    """The user's campaign; NotFound for another's."""
    rows = await POOLS.reads.rows(_TARGET, {"id": campaign_id, "user": user_id})
    if not rows:
        raise NotFound()
    return Target(*rows[0])


@dataclass(frozen=True)
class Account:
    """An ad account as far as a summary needs it."""

    id: UUID
    currency: str
    timezone: str
    conversion_event: str | None


async def account(user_id: UUID, account_id: UUID) -> Account:
    """The user's account; NotFound for another's."""
    rows = await POOLS.reads.rows(_ACCOUNT, {"id": account_id, "user": user_id})
    if not rows:
        raise NotFound()
    return Account(*rows[0])


async def campaign_names(account_id: UUID) -> dict[str, tuple[UUID, str]]:
    """Our id and the name of every campaign, by Meta's id."""
    found = await fetched(
        POOLS.main, "SELECT meta_id, id, name FROM campaigns WHERE account_id = %(id)s", {"id": account_id}
    )
    return {meta_id: (campaign_id, name) for meta_id, campaign_id, name in found}


async def series(values: Mapping[str, Any]) -> str:
    return await _json(metrics_sql.SERIES, values)


async def cuts(values: Mapping[str, Any]) -> str:
    return await _json(metrics_sql.CUTS, values)


async def summary(values: Mapping[str, Any]) -> str:
    return await _json(metrics_sql.SUMMARY, values)


async def _json(statement: str, values: Mapping[str, Any]) -> str:
    # prepared: planning over the partitions costs more than reading them
    ((text,),) = await fetched(POOLS.metrics, statement, values)
    return text
