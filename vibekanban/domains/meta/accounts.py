"""Ad accounts: which ones a connection sees, and how the owner reads their state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session, col, select

from vibekanban.clients.meta import paging
from vibekanban.core import columns, db, events
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Lane
from vibekanban.domains.meta import connections, syncs, tokens
from vibekanban.domains.meta.errors import AccountUnreachable
from vibekanban.domains.meta.models import Campaign, ConnectionStatus, MetaAccount, MetaConnection, SyncKind
from vibekanban.domains.notifications import channels

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


def one(session: Session, user_id: UUID, account_id: UUID) -> Connected:
    """One of the user's accounts beside its connection."""
    found = account(session, user_id, account_id)
    return Connected(found, session.get_one(MetaConnection, found.connection_id))


def account(session: Session, user_id: UUID, account_id: UUID) -> MetaAccount:
    found = session.exec(
        select(MetaAccount).where(MetaAccount.id == account_id, MetaAccount.user_id == user_id)
    ).first()
    if found is None:
        raise NotFound()
    return found


def discover(connection_id: UUID, *, daily: bool = False) -> int:
    """Ask Meta which accounts the connection sees, keep them, and have syncs started.

    Somebody who signs in gets a sync of every account; the daily look one of those that are new, came back or
    were never read. Says how many there are; safe to repeat. Opens its own transactions, none during a call.
    """
    with db.transaction() as session:
        connection = session.get(MetaConnection, connection_id)
    if connection is None or connection.status is not ConnectionStatus.ACTIVE:
        return 0
    with connections.calling(connection, Lane.TODAY if daily else Lane.HUMAN) as meta:
        pages = paging.whole(lambda: list(meta.pages("me/adaccounts", fields=FIELDS, limit=200)))
    # a list that grows while it is read shows an account twice
    seen = {str(row["account_id"]): row for page in pages for row in page}
    with db.transaction() as session:
        kept = _keep(session, connection, seen, anew=not daily)
        gone = [row for row in kept if row.fate is Fate.GONE]
        syncs.cancel(session, [row.id for row in gone], AccountUnreachable.code)
        for row in kept:
            if row.fate is Fate.FRESH or (row.fate is Fate.KNOWN and not daily):
                syncs.request(session, connection.user_id, row.id, SyncKind.ACCOUNT)
        if daily and gone:
            _tell(session, connection, [row.name for row in gone])
        events.publish(session, connection.user_id, events.Topic.CONNECTIONS)
    return len(seen)


class Fate(StrEnum):
    """What a look found of an account: FRESH ones are new, came back, or were never read."""

    FRESH = "fresh"
    KNOWN = "known"
    GONE = "gone"


@dataclass(frozen=True)
class Kept:
    """An account after a look."""

    id: UUID
    name: str
    fate: Fate


# an account that two living connections see stays with the one it has, unless its owner signs in anew with the
# other; what Meta refuses one account for stays marked until then too
_KEEP = """
WITH seen AS (
    SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS text[]), CAST(:names AS text[]),
        CAST(:currencies AS text[]), CAST(:timezones AS text[]), CAST(:statuses AS int[]))
        AS s(id, meta_account_id, name, currency, timezone, account_status)
), known AS MATERIALIZED (
    SELECT a.id, a.meta_account_id, a.structure_synced_at IS NULL OR a.unreachable_at IS NOT NULL AS fresh,
        CAST(:anew AS boolean) OR a.unreachable_at IS NOT NULL OR c.status <> 'active' AS moves,
        a.connection_id = :connection AS ours
    FROM meta_accounts a JOIN meta_connections c ON c.id = a.connection_id
    WHERE a.user_id = :user
), refreshed AS (
    UPDATE meta_accounts a SET
        connection_id = CASE WHEN k.moves THEN :connection ELSE a.connection_id END,
        missing_scopes = CASE WHEN k.moves THEN CAST(:missing AS text[]) ELSE a.missing_scopes END,
        name = s.name, currency = s.currency, timezone = s.timezone, account_status = s.account_status,
        unreachable_at = NULL, updated_at = now()
    FROM seen s JOIN known k USING (meta_account_id)
    WHERE a.id = k.id AND (k.moves OR k.ours)
    RETURNING a.id, a.name, CASE WHEN k.fresh THEN 'fresh' ELSE 'known' END AS fate
), added AS (
    INSERT INTO meta_accounts (id, user_id, connection_id, meta_account_id, name, currency, timezone,
        account_status, missing_scopes)
    SELECT s.id, :user, :connection, s.meta_account_id, s.name, s.currency, s.timezone, s.account_status,
        CAST(:missing AS text[])
    FROM seen s WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.meta_account_id = s.meta_account_id)
    ON CONFLICT (user_id, meta_account_id) DO NOTHING -- another connection of theirs finds it at the same time
    RETURNING id, name, 'fresh' AS fate
), gone AS (
    UPDATE meta_accounts a SET unreachable_at = now(), updated_at = now()
    WHERE a.connection_id = :connection AND a.unreachable_at IS NULL
      AND NOT EXISTS (SELECT 1 FROM seen s WHERE s.meta_account_id = a.meta_account_id)
    RETURNING a.id, a.name, 'gone' AS fate
)
SELECT id, name, fate FROM refreshed UNION ALL SELECT id, name, fate FROM added
UNION ALL SELECT id, name, fate FROM gone ORDER BY name, id
"""


def _keep(
    session: Session, connection: MetaConnection, seen: Mapping[str, dict[str, Any]], *, anew: bool
) -> list[Kept]:
    """One statement for all: new ones are added, known ones follow Meta, vanished ones are marked."""
    rows = session.execute(
        text(_KEEP),
        {
            "user": connection.user_id,
            "connection": connection.id,
            "anew": anew,
            "missing": connections.missing_scopes(connection.permission, connection.scopes),
            "ids": [columns.new_id() for _ in seen],
            "numbers": list(seen),
            "names": [str(row.get("name") or number)[:200] for number, row in seen.items()],
            "currencies": [str(row["currency"]) for row in seen.values()],
            "timezones": [str(row["timezone_name"]) for row in seen.values()],
            "statuses": [int(row.get("account_status") or 1) for row in seen.values()],
        },
    )
    return [Kept(row.id, row.name, Fate(row.fate)) for row in rows]


def _tell(session: Session, connection: MetaConnection, names: list[str]) -> None:
    """Its numbers stand still from now on: the owner hears of it once for each look that finds some gone."""
    channels.tell(
        session,
        connection.user_id,
        "accounts_unreachable",
        dedupe_key=f"connection:{connection.id}:unreachable:{columns.new_id()}",
        href=connections.ACCOUNTS_PAGE,
        name=connection.meta_user_name,
        accounts=", ".join(names)[:400],
    )


def look_again(session: Session, user_id: UUID, account_id: UUID) -> None:
    """Have the accounts of its connection looked for now, for somebody who got their access back."""
    found = account(session, user_id, account_id)
    connections.order_discovery(session, found.connection_id, daily=True)


def campaign_names(session: Session, account_id: UUID) -> dict[str, tuple[UUID, str]]:
    """Our id and the name of every campaign, by Meta's id."""
    rows = session.exec(
        select(Campaign.meta_id, Campaign.id, Campaign.name).where(Campaign.account_id == account_id)
    )
    return {meta_id: (campaign_id, name) for meta_id, campaign_id, name in rows}
