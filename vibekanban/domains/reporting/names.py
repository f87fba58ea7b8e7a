"""What the objects of an account are called, where they stand in it, and whether they are alive."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from vibekanban.domains.meta.models import Ad, AdSet, Campaign, Level, MetaAccount

GONE = frozenset({"ARCHIVED", "DELETED"})  # Meta's lists and their numbers leave these out


@dataclass(frozen=True)
class Named:
    """An object: our id, its name, its parents' names from above, and its effective status."""

    id: UUID
    name: str
    parents: tuple[str, ...]
    status: str


def named(session: Session, account: MetaAccount, level: Level) -> dict[str, Named]:
    """Every object of a level that we know, by Meta's id."""
    if level is Level.ACCOUNT:
        return {account.meta_account_id: Named(account.id, account.name, (), "")}
    return {row[0]: _named(row) for row in session.execute(_QUERIES[level](account.id))}


def _named(row: Any) -> Named:
    _meta_id, own_id, name, status, *parents = row
    return Named(own_id, name, tuple(parents), status)


def _shared(kind: Any) -> tuple[Any, ...]:
    return kind.meta_id, kind.id, kind.name, kind.effective_status


_QUERIES: dict[Level, Any] = {
    Level.CAMPAIGN: lambda account_id: select(*_shared(Campaign)).where(
        col(Campaign.account_id) == account_id
    ),
    Level.AD_SET: lambda account_id: (
        select(*_shared(AdSet), col(Campaign.name))
        .join(Campaign, col(Campaign.id) == col(AdSet.campaign_id))
        .where(col(AdSet.account_id) == account_id)
    ),
    Level.AD: lambda account_id: (
        select(*_shared(Ad), col(Campaign.name), col(AdSet.name))
        .join(Campaign, col(Campaign.id) == col(Ad.campaign_id))
        .join(AdSet, col(AdSet.id) == col(Ad.ad_set_id))
        .where(col(Ad.account_id) == account_id)
    ),
}
