"""Ad accounts: which ones a connection sees, and how the owner reads their state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.core import columns, db, events
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Lane
from vibekanban.domains.meta import connections, syncs, tokens
from vibekanban.domains.meta.models import Campaign, ConnectionStatus, MetaAccount, MetaConnection, SyncKind

FIELDS = "id,account_id,name,currency,timezone_name,account_status"


@dataclass(frozen=True)
class Connected:
    """An account beside its connection, as the owner sees it."""

    account: MetaAccount
    connection: MetaConnection

    @property
    def last_synced_at(self) -> datetime | None:
        return self.account.today_synced_at or self.account.structure_synced_at

    @property
    def days_left(self) -> int | None:
        return tokens.days_left(self.connection)


def connected(
    session: Session,
    user_id: UUID,
    *,
    connection_id: UUID | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[Connected]:
    """The user's accounts in the order of their ids; of one connection when asked."""
    query = (
        select(MetaAccount, MetaConnection)
        .join(MetaConnection, col(MetaConnection.id) == MetaAccount.connection_id)
        .where(MetaAccount.user_id == user_id)
    )
    if connection_id is not None:
        query = query.where(MetaAccount.connection_id == connection_id)
    if after is not None:
        query = query.where(MetaAccount.id > after)
    return [Connected(*row) for row in session.exec(query.order_by(col(MetaAccount.id)).limit(limit))]


def account(session: Session, user_id: UUID, account_id: UUID) -> MetaAccount:
    found = session.exec(
        select(MetaAccount).where(MetaAccount.id == account_id, MetaAccount.user_id == user_id)
    ).first()
    if found is None:
        raise NotFound()
    return found


def discover(connection_id: UUID) -> int:
    """Ask Meta which accounts the connection sees, keep them, and start the first sync of new ones.

    Says how many there are; safe to repeat. Opens its own transactions, none during a call.
    """
    with db.transaction() as session:
        connection = session.get(MetaConnection, connection_id)
    if connection is None or connection.status is not ConnectionStatus.ACTIVE:
        return 0
    with connections.calling(connection, Lane.HUMAN) as meta:
        pages = meta.pages("me/adaccounts", fields=FIELDS, limit=200)
        # a list that grows while it is read shows an account twice
        seen = {str(row["account_id"]): row for page in pages for row in page}
    with db.transaction() as session:
        for account_id in _keep(session, connection, seen):
            syncs.request(session, connection.user_id, account_id, SyncKind.ACCOUNT)
        events.publish(session, connection.user_id, events.Topic.CONNECTIONS)
    return len(seen)


def _keep(session: Session, connection: MetaConnection, seen: Mapping[str, dict[str, Any]]) -> list[UUID]:
    """One statement for all; an account that another connection of the user saw first moves to this one."""
    if not seen:
        return []
    missing = connections.missing_scopes(connection.permission, connection.scopes)
    rows = [
        {
            "id": columns.new_id(),
            "user_id": connection.user_id,
            "connection_id": connection.id,
            "meta_account_id": meta_account_id,
            "name": str(row.get("name") or meta_account_id)[:200],
            "currency": str(row["currency"]),
            "timezone": str(row["timezone_name"]),
            "account_status": int(row.get("account_status") or 1),
            "missing_scopes": missing,
            "created_at": columns.now(),
            "updated_at": columns.now(),
        }
        for meta_account_id, row in seen.items()
    ]
    statement = insert(MetaAccount)
    changing = ("connection_id", "name", "currency", "timezone")
    changing += ("account_status", "missing_scopes", "updated_at")
    kept = session.execute(
        statement.on_conflict_do_update(
            index_elements=["user_id", "meta_account_id"],
            set_={name: statement.excluded[name] for name in changing},
        ).returning(col(MetaAccount.id)),
        rows,
    )
    return list(kept.scalars())


def campaign_names(session: Session, account_id: UUID) -> dict[str, tuple[UUID, str]]:
    """Our id and the name of every campaign, by Meta's id."""
    rows = session.exec(
        select(Campaign.meta_id, Campaign.id, Campaign.name).where(Campaign.account_id == account_id)
    )
    return {meta_id: (campaign_id, name) for meta_id, campaign_id, name in rows}
