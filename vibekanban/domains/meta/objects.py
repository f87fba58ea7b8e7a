"""Campaigns, ad sets and ads alike: finding one, and what our rows say after Meta changed one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import case, update
from sqlmodel import Session, col, select

from vibekanban.core import columns, events
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import structure
from vibekanban.domains.meta.models import Ad, AdSet, Campaign, Level, MetaAccount

Thing = Campaign | AdSet | Ad

TABLES: dict[Level, type[Campaign] | type[AdSet] | type[Ad]] = {
    Level.CAMPAIGN: Campaign,
    Level.AD_SET: AdSet,
    Level.AD: Ad,
}
GONE = frozenset({"ARCHIVED", "DELETED"})


@dataclass(frozen=True)
class Live:
    """What Meta says about an object at this moment."""

    status: str
    effective_status: str
    updated_time: datetime | None

    @classmethod
    def of(cls, answer: Mapping[str, Any]) -> Live:
        """Meta's times look like 2026-11-24T09:00:00+0000."""
        updated = answer.get("updated_time")
        return cls(
            status=str(answer["status"]),
            effective_status=str(answer.get("effective_status") or answer["status"]),
            updated_time=datetime.strptime(updated, "%Y-%m-%dT%H:%M:%S%z") if updated else None,
        )

    @property
    def shown(self) -> dict[str, Any]:
        return {"status": self.status, "effectiveStatus": self.effective_status}


def found(
    session: Session,
    user_id: UUID,
    level: Level,
    reference: UUID | str,
    *,
    account_ids: Sequence[UUID] | None = None,
) -> Thing:
    """The user's object by our id or by Meta's; NotFound outside the given accounts too."""
    table = TABLES.get(level)
    if table is None:
        raise NotFound()
    query = select(table).where(table.user_id == user_id)
    if account_ids is not None:
        query = query.where(col(table.account_id).in_(account_ids))
    ours = _uuid(reference)
    if ours is not None:
        query = query.where(table.id == ours)
    elif isinstance(reference, str) and reference.isascii() and reference.isdigit() and len(reference) <= 32:
        query = query.where(table.meta_id == reference)
    else:
        raise NotFound()
    row = session.exec(query).first()
    if row is None:
        raise NotFound()
    return row


def owns_accounts(session: Session, user_id: UUID, account_ids: Sequence[UUID]) -> bool:
    """Whether every one of these accounts is the user's."""
    wanted = set(account_ids)
    query = select(MetaAccount.id).where(MetaAccount.user_id == user_id, col(MetaAccount.id).in_(wanted))
    return set(session.exec(query)) == wanted


def _uuid(reference: UUID | str) -> UUID | None:
    if isinstance(reference, UUID):
        return reference
    try:
        return UUID(reference) if len(reference) == 36 else None
    except ValueError:
        return None


def refresh(session: Session, level: Level, object_id: UUID, answer: Mapping[str, Any]) -> Thing:
    """Write what Meta said into our row and its children's, and show it on the owner's open pages.

    `answer` was asked for with the fields of `structure.FIELDS`: what it does not name is empty at Meta.
    """
    row = session.get(TABLES[level], object_id, with_for_update=True, populate_existing=True)
    if row is None:  # its account was disconnected meanwhile
        raise NotFound()
    for column in (*structure.SHARED, *structure.OWN[level]):
        setattr(row, column.name, column.read(answer))
    row.missing_at = None
    row.synced_at = columns.now()
    session.flush()
    if level is not Level.AD and row.status in {"ACTIVE", "PAUSED"}:
        _spread(session, level, object_id)
    if level is not Level.AD and row.status in GONE:
        _bury(session, level, object_id, row.status)
    announce(session, level, row)
    return row


def announce(session: Session, level: Level, row: Thing) -> None:
    """Show an object on its owner's open pages."""
    events.publish(
        session,
        row.user_id,
        events.Topic.CAMPAIGNS,
        account_id=row.account_id,
        level=level.value,
        id=str(row.id),
        status=row.status,
        effectiveStatus=row.effective_status,
    )


# What a child shows because of itself or its parents; other words (PENDING_REVIEW …) are Meta's to say
DERIVED = ("ACTIVE", "CAMPAIGN_PAUSED", "ADSET_PAUSED")


def _spread(session: Session, level: Level, object_id: UUID) -> None:
    """Children that would run do not run under a paused parent, as Meta derives it."""
    paused = col(Campaign.status) == "PAUSED"
    if level is Level.CAMPAIGN:
        session.exec(
            update(AdSet)
            .where(
                col(AdSet.campaign_id) == object_id,
                col(AdSet.campaign_id) == Campaign.id,
                col(AdSet.status) == "ACTIVE",
                col(AdSet.effective_status).in_(DERIVED),
            )
            .values(effective_status=case((paused, "CAMPAIGN_PAUSED"), else_="ACTIVE"))
            .execution_options(synchronize_session=False)
        )
    parent = col(Ad.campaign_id) if level is Level.CAMPAIGN else col(Ad.ad_set_id)
    session.exec(
        update(Ad)
        .where(
            parent == object_id,
            col(Ad.campaign_id) == Campaign.id,
            col(Ad.ad_set_id) == AdSet.id,
            col(Ad.status) == "ACTIVE",
            col(Ad.effective_status).in_(DERIVED),
        )
        .values(
            effective_status=case(
                (paused, "CAMPAIGN_PAUSED"),
                (col(AdSet.status) == "PAUSED", "ADSET_PAUSED"),
                else_="ACTIVE",
            )
        )
        .execution_options(synchronize_session=False)
    )


def _bury(session: Session, level: Level, object_id: UUID, status: str) -> None:
    """What is under an archived or deleted parent is so too; what was deleted before stays deleted."""
    for table, parent in (
        *(((AdSet, col(AdSet.campaign_id)),) if level is Level.CAMPAIGN else ()),
        (Ad, col(Ad.campaign_id) if level is Level.CAMPAIGN else col(Ad.ad_set_id)),
    ):
        session.exec(
            update(table)
            .where(parent == object_id, col(table.effective_status) != "DELETED")
            .values(effective_status=status)
            .execution_options(synchronize_session=False)
        )


def children(
    session: Session,
    user_id: UUID,
    level: Level,
    *,
    account_ids: Sequence[UUID] | None = None,
    campaign_id: UUID | None = None,
    ad_set_id: UUID | None = None,
    statuses: Sequence[str] = (),
    q: str = "",
    after: UUID | None = None,
    limit: int = 25,
) -> list[Any]:
    """Ad sets or ads of the user in the order of their ids, continuing after one.

    `q` is a part of the name or Meta's whole id.
    """
    table: Any = TABLES[level]
    query = select(table).where(table.user_id == user_id)
    if account_ids is not None:
        query = query.where(col(table.account_id).in_(account_ids))
    if campaign_id is not None:
        query = query.where(table.campaign_id == campaign_id)
    if ad_set_id is not None and level is Level.AD:
        query = query.where(table.ad_set_id == ad_set_id)
    if statuses:
        query = query.where(col(table.effective_status).in_(statuses))
    if q := q.replace("\x00", "").strip():
        query = query.where(col(table.name).icontains(q, autoescape=True) | (col(table.meta_id) == q))
    if after is not None:
        query = query.where(table.id > after)
    return list(session.exec(query.order_by(col(table.id)).limit(limit)))
