"""Routes of one ad account: what it counts as a conversion, and how much of Meta's quota is left."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.meta_connections import AccountOut
from vibekanban.api.wire import Wire, example
from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.queue import Lane
from vibekanban.core.shapes import Moment
from vibekanban.domains.meta import accounts, conversions, insights
from vibekanban.domains.meta import quota as quotas

router = APIRouter(tags=["Meta Ads"], prefix="/api/meta/accounts")


class AccountIn(Wire):
    """`conversionEvent` is an action type the account has seen; null goes back to the default order."""

    conversion_event: str | None = Field(default=None, max_length=120)

    model_config = example({"conversionEvent": "lead"})


class EventOut(Wire):
    action_type: str
    count: float = Field(description="In the last 30 days of the account")

    model_config = Wire.model_config | {"from_attributes": True}


class EventsOut(Wire):
    """What the account may count; `defaultOrder` is tried in turn while nothing is declared."""

    conversion_event: str | None
    default_order: list[str]
    items: list[EventOut]

    model_config = example(
        {
            "conversionEvent": None,
            "defaultOrder": list(insights.PURCHASES),
            "items": [{"actionType": "omni_purchase", "count": 214.0}, {"actionType": "lead", "count": 31.0}],
        }
    )


@router.patch("/{account_id}", responses=responses(NotSignedIn, NotFound, Invalid))
def change(account_id: UUID, body: AccountIn, seen: SeenDep) -> AccountOut:
    """Say which action type counts as a conversion; every stored number is counted anew by it."""
    if "conversion_event" in body.model_fields_set:
        conversions.declare(seen.user_id, account_id, body.conversion_event)
    with db.transaction() as session:
        return AccountOut.of(accounts.one(session, seen.user_id, account_id))


@router.get("/{account_id}/conversion-events", responses=responses(NotSignedIn, NotFound))
def events(account_id: UUID, session: SessionDep, user: CurrentUser) -> EventsOut:
    """The action types an account has seen, the most frequent of the last 30 days first."""
    offer = conversions.offered(session, user.id, account_id)
    return EventsOut(
        conversion_event=offer.account.conversion_event,
        default_order=list(insights.PURCHASES),
        items=[EventOut.model_validate(one) for one in offer.events],
    )


class BucketOut(Wire):
    """One of Meta's limits; `ofApp` ones are shared by all accounts. The reading counts until `until`."""

    name: str
    of_app: bool
    percent: float
    blocked: bool
    until: Moment


class LaneOut(Wire):
    """What a lane may do now, for insights and for all other calls."""

    lane: Lane
    insights: bool
    pace: quotas.Pace
    until: Moment | None


class CallsOut(Wire):
    """`outcome` is `ok`, `held_back` by ourselves, or the kind of failure."""

    lane: Lane
    outcome: str
    calls: int


class QuotaOut(Wire):
    """`reviewed` are the calls of your connection in the fifteen days Meta looks at, `failed` those it did not serve."""

    account_id: UUID
    blocked_until: Moment | None
    buckets: list[BucketOut]
    lanes: list[LaneOut]
    last_hour: list[CallsOut]
    reviewed: int
    failed: int

    model_config = example(
        {
            "accountId": "019a1f2e-7c11-7d3a-9b52-3f6c1e0a8d77",
            "blockedUntil": None,
            "buckets": [
                {
                    "name": "ads_insights",
                    "ofApp": False,
                    "percent": 61.0,
                    "blocked": False,
                    "until": "2026-11-24T09:05:00.000Z",
                }
            ],
            "lanes": [{"lane": "today", "insights": True, "pace": "slowed", "until": None}],
            "lastHour": [{"lane": "today", "outcome": "ok", "calls": 36}],
            "reviewed": 9120,
            "failed": 14,
        }
    )


@router.get("/{account_id}/quota", responses=responses(NotSignedIn, NotFound))
def quota(account_id: UUID, session: SessionDep, user: CurrentUser) -> QuotaOut:
    """How full Meta's buckets are for an account, who may call now, and the calls of the last hour."""
    return QuotaOut.model_validate(quotas.quota(session, user.id, account_id))
