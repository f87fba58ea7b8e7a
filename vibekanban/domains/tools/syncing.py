"""Tools of reading Meta again: asking for it, how far it is, and what Meta's quota still allows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from vibekanban.core import db
from vibekanban.core.errors import NotFound
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.meta import quota, syncs
from vibekanban.domains.meta.models import Sync, SyncKind
from vibekanban.domains.tools import reach
from vibekanban.domains.tools.shapes import Arguments, Reference
from vibekanban.domains.tools.tool import Context, Done


class SyncRow(Shape):
    """`progress` is in percent; `errorCode` says why it failed."""

    id: UUID
    account_id: UUID
    kind: str
    status: str
    step: str
    progress: int
    error_code: str | None
    created_at: Moment
    finished_at: Moment | None


class Bucket(Shape):
    """One of Meta's limits; an app's is shared by all accounts."""

    name: str
    of_app: bool
    percent: float
    blocked: bool
    until: Moment


class LaneRow(Shape):
    """What calls of a kind may do now: free, slowed or held."""

    lane: str
    insights: bool
    pace: str
    until: Moment | None


class QuotaResult(Shape):
    """`callsLastHour` are calls to Meta about the account."""

    account_id: UUID
    blocked_until: Moment | None
    buckets: list[Bucket]
    lanes: list[LaneRow]
    calls_last_hour: int


class OfAccount(Arguments):
    account_id: Reference


class OfSync(Arguments):
    sync_id: UUID


def sync_account(context: Context, asked: OfAccount) -> Done:
    """A caller that follows is told how far it is until it is over."""
    user_id = context.caller.user_id
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
        ordered = syncs.request(session, user_id, account.id, SyncKind.ACCOUNT)

    def look() -> Sync:
        with db.transaction() as session:
            return syncs.one(session, user_id, ordered.id)

    def told(found: Sync) -> tuple[float, float, str]:
        return found.progress, 100, syncs.said(found, context.locale)

    found = context.watch.until(look, lambda sync: sync.status not in syncs.OPEN, told)
    return Done(_row(found), account_id=account.id, object_id=str(ordered.id))


def get_sync(context: Context, asked: OfSync) -> Done:
    with db.transaction() as session:
        found = syncs.one(session, context.caller.user_id, asked.sync_id)
    if found.account_id not in context.caller.account_ids:
        raise NotFound()
    return Done(_row(found), account_id=found.account_id)


def get_quota(context: Context, asked: OfAccount) -> Done:
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
        found = quota.quota(session, context.caller.user_id, account.id)
    result = QuotaResult(
        account_id=account.id,
        blocked_until=found.blocked_until,
        buckets=[Bucket.model_validate(one, from_attributes=True) for one in found.buckets],
        lanes=[LaneRow(**_lane(one)) for one in found.lanes],
        calls_last_hour=sum(one.calls for one in found.last_hour),
    )
    return Done(result, account_id=account.id)


def _lane(one: quota.LanePace) -> dict[str, Any]:
    return {
        "lane": one.lane.value,
        "insights": one.insights,
        "pace": one.pace.value,
        "until": one.until,
    }


def _row(found: Sync) -> SyncRow:
    values = found.model_dump(include=set(SyncRow.model_fields))
    return SyncRow.model_validate({**values, "kind": found.kind.value, "status": found.status.value})
