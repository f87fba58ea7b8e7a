"""Routes of what Meta restated since somebody last looked."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Instant, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.meta import money
from vibekanban.domains.reporting import restatements
from vibekanban.domains.reporting.figures import Metric
from vibekanban.domains.reporting.restatements import Moved

router = APIRouter(prefix="/api/meta/reports/restatements", tags=["Reports"])


class AmountOut(Wire):
    """Money as decimal strings."""

    before: str
    now: str
    change: str


class CountOut(Wire):
    before: float
    now: float
    change: float


class MovedOut(Wire):
    spend: AmountOut
    conversions: CountOut
    revenue: AmountOut


class MovedDayOut(MovedOut):
    date: date


class MovedCampaignOut(MovedOut):
    """`archived` says that its numbers left the lists because it did; the account still counts them."""

    id: UUID | None
    meta_id: str
    name: str
    archived: bool
    days: list[MovedDayOut]


class RestatementsOut(Wire):
    """Days that were over at `since` and say something else now; the account's `days` add up to `totals`."""

    account_id: UUID
    currency: str
    since: Moment
    looked: bool = Field(description="Whether the account was ever marked as seen")
    totals: MovedOut
    days: list[MovedDayOut]
    campaigns: list[MovedCampaignOut]

    model_config = example(
        {
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "currency": "EUR",
            "since": "2026-11-23T09:00:00.000Z",
            "looked": True,
            "totals": {
                "spend": {"before": "812.40", "now": "812.36", "change": "-0.04"},
                "conversions": {"before": 31.0, "now": 33.0, "change": 2.0},
                "revenue": {"before": "1830.00", "now": "1904.90", "change": "74.90"},
            },
            "days": [],
            "campaigns": [],
        }
    )


class SeenIn(Wire):
    """`at` is the moment of what was shown; without it everything up to now was seen."""

    account_id: UUID
    at: Instant | None = None

    model_config = example({"accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001"})


class SeenOut(Wire):
    looked_at: Moment

    model_config = example({"lookedAt": "2026-11-24T09:00:00.000Z"})


@router.get("", responses=responses(NotSignedIn, NotFound, Invalid))
def restated(
    session: SessionDep,
    user: CurrentUser,
    account_id: Annotated[UUID, Query(alias="accountId")],
    since: Annotated[
        Instant | None, Query(description="At most 60 days back; without it, the last look")
    ] = None,
) -> RestatementsOut:
    """Which days and campaigns Meta restated since a moment, and by how much."""
    found = restatements.restatements(session, user.id, account_id, since=since)
    currency = found.account.currency
    return RestatementsOut(
        account_id=account_id,
        currency=currency,
        since=found.since,
        looked=found.looked,
        totals=MovedOut(**_moved(found.total, currency)),
        days=[MovedDayOut(date=one.day, **_moved(one.moved, currency)) for one in found.days],
        campaigns=[
            MovedCampaignOut(
                id=one.id,
                meta_id=one.meta_id,
                name=one.name,
                archived=one.gone,
                days=[MovedDayOut(date=day.day, **_moved(day.moved, currency)) for day in one.days],
                **_moved(one.moved, currency),
            )
            for one in found.campaigns
        ],
    )


@router.post("/seen", responses=responses(NotSignedIn, NotFound, Invalid))
def seen(body: SeenIn, session: SessionDep, user: CurrentUser) -> SeenOut:
    """Mark an account as looked at: what moved before is not told again."""
    return SeenOut(looked_at=restatements.seen(session, user.id, body.account_id, at=body.at))


def _moved(moved: Moved, currency: str) -> dict[str, Any]:
    return {
        "spend": _amount(moved, Metric.SPEND, currency),
        "revenue": _amount(moved, Metric.REVENUE, currency),
        "conversions": _count(moved),
    }


def _amount(moved: Moved, metric: Metric, currency: str) -> AmountOut:
    before, now = (figures.value(metric) or Decimal() for figures in (moved.was, moved.now))
    before_text, now_text, change = (money.text(one, currency) or "" for one in (before, now, now - before))
    return AmountOut(before=before_text, now=now_text, change=change)


def _count(moved: Moved) -> CountOut:
    before, now = (figures.value(Metric.CONVERSIONS) or Decimal() for figures in (moved.was, moved.now))
    return CountOut(before=float(before), now=float(now), change=float(now - before))
