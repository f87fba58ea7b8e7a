"""Routes of numbers: a campaign's days and hours, today so far, and the summary of an account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from vibekanban.api import stream
from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Moment, Wire, example
from vibekanban.core import columns, db
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.events import Topic
from vibekanban.domains.meta import accounts, hot, metrics
from vibekanban.domains.meta.insights import HOUR
from vibekanban.domains.meta.models import Level

router = APIRouter(prefix="/api/meta/metrics", tags=["Meta Ads"])

Since = Annotated[date | None, Query(description="First day, in the account's timezone")]
Until = Annotated[date | None, Query(description="Last day, included")]


class Granularity(StrEnum):
    DAY = "day"
    HOUR = "hour"


class Numbers(Wire):
    """Money is a decimal string in major units; `ctr` is in percent."""

    spend: str
    impressions: int
    clicks: int
    link_clicks: int
    conversions: float
    revenue: str
    ctr: float | None
    cpc: str | None
    cpm: str | None
    cpa: str | None
    roas: float | None
    cpp: str | None = None
    reach: int | None = None
    frequency: float | None = None


class NumbersRow(Numbers):
    """`value` is the hour (`00` to `23`) or the category when a breakdown was asked for."""

    date: date
    final: bool
    value: str | None = None


class CampaignNumbers(Wire):
    campaign_id: UUID
    currency: str
    timezone: str
    conversion_event: str
    rows: list[NumbersRow]
    totals: Numbers
    fetched_at: Moment | None

    model_config = example(
        {
            "campaignId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "currency": "EUR",
            "timezone": "Europe/Madrid",
            "conversionEvent": "omni_purchase",
            "rows": [],
            "totals": {"spend": "812.40", "impressions": 81240, "clicks": 913, "linkClicks": 700, "conversions": 31.0,
                       "revenue": "1830.00", "ctr": 1.1238, "cpc": "0.8898", "cpm": "10.0000", "cpa": "26.2065",
                       "roas": 2.2526},
            "fetchedAt": "2026-11-24T09:00:00.000Z",
        }
    )  # fmt: skip


class Today(CampaignNumbers):
    """`ageSeconds` is how old the numbers are."""

    age_seconds: int | None


class CampaignSum(Numbers):
    id: UUID | None = None
    meta_campaign_id: str
    name: str = ""


class Day(Numbers):
    date: date


class Summary(Wire):
    """`unlisted` is what the account counts and no listed campaign does: archived and deleted ones.

    `previous` is the period of the same length before; `previousComplete` says whether we hold all its days.
    """

    account_id: UUID
    currency: str
    timezone: str
    conversion_event: str
    totals: Numbers
    previous: Numbers
    previous_complete: bool
    days: list[Day]
    campaigns: list[CampaignSum]
    unlisted: Numbers
    fetched_at: Moment | None = Field(description="When Meta was last read for this range")


def _account(target: hot.Target) -> metrics.Scope:
    return metrics.Scope(target.account_id, target.currency, target.timezone)


def _json(answer: dict[str, Any]) -> Response:
    return Response(orjson.dumps(answer), media_type="application/json")


@router.get("/summary", response_model=Summary, responses=responses(NotSignedIn, NotFound, Invalid))
def summary(
    account_id: Annotated[UUID, Query(alias="accountId")],
    session: SessionDep,
    user: CurrentUser,
    since: Since = None,
    until: Until = None,
) -> Response:
    """Totals of an account with the period before, days and campaigns."""
    account = accounts.account(session, user.id, account_id)
    asked = metrics.chosen(metrics.local_today(account), since, until)
    with db.metrics_transaction() as store:
        found = orjson.loads(metrics.summary(store, account, asked))
    names = accounts.campaign_names(session, account.id)
    for row in found["campaigns"]:
        row["id"], row["name"] = names.get(row["metaCampaignId"], (None, ""))
    return _json(
        {
            "accountId": account.id,
            "currency": account.currency,
            "timezone": account.timezone,
            "conversionEvent": account.conversion_event or "omni_purchase",
            **found,
        }
    )


@router.get(
    "/{campaign_id}", response_model=CampaignNumbers, responses=responses(NotSignedIn, NotFound, Invalid)
)
async def series(
    campaign_id: UUID,
    seen: SeenDep,
    since: Since = None,
    until: Until = None,
    granularity: Granularity = Granularity.DAY,
    breakdown: Annotated[str, Query(max_length=60)] = "",
) -> Response:
    """A campaign's days (30 unless asked otherwise), or its hours, or a breakdown, with totals."""
    target = await hot.campaign(seen.user_id, campaign_id)
    account = _account(target)
    asked = metrics.chosen(metrics.local_today(account), since, until)
    cut = HOUR if granularity is Granularity.HOUR else breakdown
    values = metrics.series_values(account, Level.CAMPAIGN, target.meta_id, asked, breakdown=cut)
    text = await (hot.cuts(values) if cut else hot.series(values))
    return _json(_head(target) | orjson.loads(text))


@router.get("/{campaign_id}/realtime", response_model=Today, responses=responses(NotSignedIn, NotFound))
async def realtime(campaign_id: UUID, seen: SeenDep, request: Request) -> Response:
    """Today so far, with its age; with `Accept: text/event-stream` every change as it comes in."""
    answer = await _today(seen.user_id, campaign_id)
    if "text/event-stream" not in request.headers.get("accept", ""):
        return _json(answer)
    target = await hot.campaign(seen.user_id, campaign_id)

    return EventSourceResponse(
        _updates(seen.user_id, campaign_id, str(target.account_id), answer),
        ping=stream.HEARTBEAT,
        headers={"X-Accel-Buffering": "no"},
    )


async def _updates(
    user_id: UUID, campaign_id: UUID, account: str, first: dict[str, Any]
) -> AsyncIterator[ServerSentEvent]:
    """The numbers at once, and again whenever a sync has written new ones."""
    with stream.HUB.joined(user_id) as listener:
        yield ServerSentEvent(event="today", data=orjson.dumps(first).decode(), retry=2000)
        while not listener.closed:
            messages = await listener.take(stream.CHECK_EVERY)
            if listener.doubted:
                return  # a session ended: the client signs in again or is gone
            if any(one["topic"] == Topic.METRICS and one["account"] == account for one in messages):
                answer = await _today(user_id, campaign_id)
                yield ServerSentEvent(event="today", data=orjson.dumps(answer).decode())


async def _today(user_id: UUID, campaign_id: UUID) -> dict[str, Any]:
    target = await hot.campaign(user_id, campaign_id)
    account = _account(target)
    today = metrics.Range(metrics.local_today(account), metrics.local_today(account))
    values = metrics.series_values(account, Level.CAMPAIGN, target.meta_id, today, breakdown=HOUR)
    hours, day = await asyncio.gather(hot.cuts(values), hot.series(values))
    found = orjson.loads(day)
    age = int((columns.now() - target.today_synced_at).total_seconds()) if target.today_synced_at else None
    return _head(target) | {
        "rows": orjson.loads(hours)["rows"],
        "totals": found["totals"],
        "fetchedAt": found["fetchedAt"],
        "ageSeconds": age,
    }


def _head(target: hot.Target) -> dict[str, Any]:
    return {
        "campaignId": target.id,
        "currency": target.currency,
        "timezone": target.timezone,
        "conversionEvent": target.conversion_event or "omni_purchase",
    }
