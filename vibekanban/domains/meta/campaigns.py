"""The list of campaigns as people and programs read it, and one of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, tuple_
from sqlalchemy import select as sql_select
from sqlmodel import Session, col

from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import cursors, objects
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount


class Sort(StrEnum):
    """A minus in front turns the order round; without one names and ids rise."""

    NEWEST = "-created"
    OLDEST = "created"
    NAME = "name"
    NAME_DOWN = "-name"
    SPEND = "spend"
    SPEND_DOWN = "-spend"


@dataclass(frozen=True)
class Listed:
    """A campaign beside its account; `today` counts are zero once the account's day has turned."""

    campaign: Campaign
    account: MetaAccount
    spend_micros: int
    impressions: int
    clicks: int


@dataclass(frozen=True)
class Slice:
    items: list[Listed]
    next_cursor: str | None


_local_day = func.date(func.timezone(col(MetaAccount.timezone), func.now()))


def _today(count: Any) -> ColumnElement[int]:
    return case((col(Campaign.today) == _local_day, count), else_=0)


spend_today = _today(col(Campaign.today_spend_micros))


def _listed() -> Any:
    counts = spend_today, _today(col(Campaign.today_impressions)), _today(col(Campaign.today_clicks))
    return sql_select(Campaign, MetaAccount, *counts).join(
        MetaAccount, col(MetaAccount.id) == Campaign.account_id
    )


_sorted: dict[str, tuple[Any, type[Any]]] = {"name": (col(Campaign.name), str), "spend": (spend_today, int)}


def campaigns(
    session: Session,
    user_id: UUID,
    *,
    account_ids: Sequence[UUID] | None = None,
    statuses: Sequence[str] = (),
    q: str = "",
    sort: Sort = Sort.NEWEST,
    cursor: str | None = None,
    limit: int = 25,
) -> Slice:
    """A page of the user's campaigns.

    `statuses` are effective statuses, `q` is a part of the name or Meta's whole id.
    """
    query = _listed().where(Campaign.user_id == user_id)
    if account_ids is not None:
        query = query.where(col(Campaign.account_id).in_(account_ids))
    if statuses:
        query = query.where(col(Campaign.effective_status).in_(statuses))
    if q := q.replace("\x00", "").strip():
        query = query.where(col(Campaign.name).icontains(q, autoescape=True) | (col(Campaign.meta_id) == q))
    name, down = sort.value.lstrip("-"), sort.value.startswith("-")
    value, kind = _sorted.get(name, (None, str))
    keys = [col(Campaign.id)] if value is None else [value, col(Campaign.id)]
    if cursor:
        at, last = cursors.decode(cursor, str if value is None else kind)
        here, there = tuple_(*keys), tuple_(*([last] if value is None else [at, last]))
        query = query.where(here < there if down else here > there)
    query = query.order_by(*(key.desc() if down else key for key in keys)).limit(limit + 1)
    rows = [Listed(*row) for row in session.execute(query)]
    page = rows[:limit]
    following = None
    if len(rows) > limit:
        last_row = page[-1]
        shown = {"name": last_row.campaign.name, "spend": last_row.spend_micros}.get(name, "")
        following = cursors.encode(shown, last_row.campaign.id)
    return Slice(page, following)


def every(session: Session, user_id: UUID, **filters: Any) -> Iterator[Listed]:
    """All campaigns of the filters, page by page, for exports."""
    cursor = None
    while True:
        page = campaigns(session, user_id, cursor=cursor, limit=500, **filters)
        yield from page.items
        session.expunge_all()
        if (cursor := page.next_cursor) is None:
            return


def campaign(
    session: Session, user_id: UUID, reference: UUID | str, *, account_ids: Sequence[UUID] | None = None
) -> Listed:
    """One campaign by our id or Meta's, as the list shows it."""
    found = objects.found(session, user_id, Level.CAMPAIGN, reference, account_ids=account_ids)
    row = session.execute(_listed().where(Campaign.id == found.id)).first()
    if row is None:
        raise NotFound()
    return Listed(*row)
