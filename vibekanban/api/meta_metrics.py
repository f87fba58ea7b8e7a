"""Routes of numbers: a campaign's days and hours, today so far, and the summary of an account."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import orjson
from fastapi import APIRouter, Query, Request, Response
from pydantic import Field
from sse_starlette import EventSourceResponse, ServerSentEvent

from vibekanban.api import stream, wire
from vibekanban.api.deps import SeenDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.core import columns
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn, OutsideFailed
from vibekanban.core.events import Topic
from vibekanban.core.shapes import Moment
from vibekanban.domains.meta import breakdowns, hot, insights, metrics, number_shapes, reach
from vibekanban.domains.meta.insights import HOUR
from vibekanban.domains.meta.models import Level
from vibekanban.domains.sharing import hot as sharing

router = APIRouter(prefix="/api/meta/metrics", tags=["Meta Ads"])

PATIENCE = 2.5  # seconds a reader waits for the people reached; the other numbers are there at once
LONGEST_STREAM = 900.0  # seconds; a client that is still signed in comes again by itself
_questions: set[asyncio.Task[bool]] = set()

Since = Annotated[wire.Day | None, Query(description="First day, in the account's timezone")]
Until = Annotated[wire.Day | None, Query(description="Last day, included")]


class Granularity(StrEnum):
    DAY = "day"
    HOUR = "hour"


class Numbers(number_shapes.Numbers, Wire):
    """Money is a decimal string in major units; `ctr` is in percent.

    People are never added up: `reach`, `frequency` and `cpp` (of a thousand people) are what Meta said of exactly
    this range, and null until it was asked.
    """

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
    fetched_at: Moment | None = Field(description="When Meta was last read for this range")
    reach_at: Moment | None = Field(None, description="When Meta was last asked for the people reached")

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


class HourOfToday(NumbersRow):
    age_seconds: int | None


class Today(CampaignNumbers):
    """`ageSeconds` is how old the totals are; the hours have their own."""

    rows: list[HourOfToday]  # pyright: ignore[reportIncompatibleVariableOverride]
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


async def _target(me: UUID, campaign_id: UUID) -> tuple[hot.Target, bool]:
    """A campaign of one's own, or of an account that is shared with one; and whether it is one's own."""
    try:
        return await hot.campaign(me, campaign_id), True
    except NotFound:
        return await hot.campaign(await sharing.owner_of_campaign(me, campaign_id), campaign_id), False


async def _looked_at(me: UUID, account_id: UUID) -> hot.Account:
    """The same of an account."""
    try:
        return await hot.account(me, account_id)
    except NotFound:
        return await hot.account(await sharing.owner_of_account(me, account_id), account_id)


def _account(target: hot.Target) -> metrics.Scope:
    return metrics.Scope(target.account_id, target.currency, target.timezone)


def _json(head: dict[str, Any], text: str) -> Response:
    """The members of a head in front of those of a finished JSON object."""
    return Response(orjson.dumps(head)[:-1] + b"," + text.encode()[1:], media_type="application/json")


@router.get("/summary", response_model=Summary, responses=responses(NotSignedIn, NotFound, Invalid))
async def summary(
    account_id: Annotated[UUID, Query(alias="accountId")],
    seen: SeenDep,
    since: Since = None,
    until: Until = None,
) -> Response:
    """Totals of an account with the period before, days and campaigns."""
    account = await _looked_at(seen.user_id, account_id)
    scope = metrics.Scope(account.id, account.currency, account.timezone)
    asked = metrics.chosen(metrics.local_today(scope), since, until)
    text, names = await asyncio.gather(
        hot.summary(metrics.summary_values(scope, asked)), hot.campaign_names(account_id)
    )
    found = orjson.loads(text)
    for row in found["campaigns"]:
        row["id"], row["name"] = names.get(row["metaCampaignId"], (None, ""))
    head = {
        "accountId": account.id,
        "currency": account.currency,
        "timezone": account.timezone,
        "conversionEvent": insights.chosen_event({}, account.conversion_event),
    }
    return Response(orjson.dumps(head | found), media_type="application/json")


@router.get(
    "/{campaign_id}",
    response_model=CampaignNumbers,
    responses=responses(NotSignedIn, NotFound, Invalid, OutsideFailed),
)
async def series(
    campaign_id: UUID,
    seen: SeenDep,
    since: Since = None,
    until: Until = None,
    granularity: Granularity = Granularity.DAY,
    breakdown: Annotated[str, Query(max_length=60, description=f"One of {', '.join(breakdowns.KINDS)}")] = "",
) -> Response:
    """A campaign's days (30 unless asked otherwise), or its hours, or a breakdown, with totals."""
    target, mine = await _target(seen.user_id, campaign_id)
    account = _account(target)
    asked = metrics.chosen(metrics.local_today(account), since, until)
    if breakdown and granularity is Granularity.HOUR:
        raise Invalid({"breakdown": "syncs.field.breakdown_hour"})
    if breakdown and breakdown not in breakdowns.KINDS:
        raise Invalid({"breakdown": "syncs.field.breakdown"})
    cut = HOUR if granularity is Granularity.HOUR else breakdown
    values = metrics.series_values(account, Level.CAMPAIGN, target.meta_id, asked, breakdown=cut)
    if breakdown and mine:  # who only looks spends nothing of the owner's quota
        await asyncio.to_thread(breakdowns.bring, seen.user_id, campaign_id, breakdown, asked)
    if cut:
        return _json(_head(target), await hot.cuts(values))
    text = await hot.series(values)
    stale = mine and reach.stale(_reach_at(text), asked.until, metrics.local_today(account))
    if stale and await _asked(account.id, asked):
        text = await hot.series(values)
    return _json(_head(target), text)


def _reach_at(text: str) -> datetime | None:
    moment = text.rpartition('"reachAt":')[2][:-1]
    return None if moment == "null" else datetime.fromisoformat(moment.strip('"'))


async def _asked(account_id: UUID, asked: metrics.Range) -> bool:
    """Meta's answer about people, if it comes soon; a late one is there for the next reader."""
    question = asyncio.create_task(
        asyncio.to_thread(reach.bring, account_id, Level.CAMPAIGN, asked.since, asked.until)
    )
    _questions.add(question)
    question.add_done_callback(_questions.discard)
    done, _late = await asyncio.wait({question}, timeout=PATIENCE)
    return bool(done) and question.result()


@router.get("/{campaign_id}/realtime", response_model=Today, responses=responses(NotSignedIn, NotFound))
async def realtime(campaign_id: UUID, seen: SeenDep, request: Request) -> Response:
    """Today so far, with its age; with `Accept: text/event-stream` every change as it comes in."""
    target, _mine = await _target(seen.user_id, campaign_id)
    answer = await _today(target)
    if "text/event-stream" not in request.headers.get("accept", ""):
        return Response(orjson.dumps(answer), media_type="application/json")
    return EventSourceResponse(
        _updates(seen.user_id, target, answer), ping=stream.HEARTBEAT, headers={"X-Accel-Buffering": "no"}
    )


async def _updates(
    user_id: UUID, target: hot.Target, first: dict[str, Any]
) -> AsyncIterator[ServerSentEvent]:
    """The numbers at once, and again whenever a sync has written new ones."""
    account = str(target.account_id)
    loop = asyncio.get_running_loop()
    ends = loop.time() + LONGEST_STREAM
    async with stream.HUB.joined(user_id) as listener:
        stream.HUB.share(listener, await sharing.shared_with(user_id))
        yield ServerSentEvent(event="today", data=orjson.dumps(first).decode(), retry=2000)
        while not listener.closed and loop.time() < ends:
            messages = await listener.take(stream.CHECK_EVERY)
            if listener.doubted:
                return  # a session or a share ended: the client asks again or is gone
            if any(one["topic"] == Topic.METRICS and one["account"] == account for one in messages):
                try:
                    target, _mine = await _target(user_id, target.id)
                except NotFound:
                    return  # disconnected meanwhile
                yield ServerSentEvent(event="today", data=orjson.dumps(await _today(target)).decode())


async def _today(target: hot.Target) -> dict[str, Any]:
    """Hours and totals; each has its own age, for they come by two questions to Meta."""
    account = _account(target)
    day = metrics.local_today(account)
    values = metrics.series_values(
        account, Level.CAMPAIGN, target.meta_id, metrics.Range(day, day), breakdown=HOUR
    )
    hours, days = (orjson.loads(text) for text in await asyncio.gather(hot.cuts(values), hot.series(values)))
    age = _age(hours["fetchedAt"])
    return _head(target) | {
        "rows": [{**row, "ageSeconds": age} for row in hours["rows"]],
        "totals": days["totals"],
        "fetchedAt": days["fetchedAt"],
        "reachAt": days["reachAt"],
        "ageSeconds": _age(days["fetchedAt"]),
    }


def _age(moment: str | None) -> int | None:
    if moment is None:
        return None
    return max(0, round((columns.now() - datetime.fromisoformat(moment)).total_seconds()))


def _head(target: hot.Target) -> dict[str, Any]:
    return {
        "campaignId": target.id,
        "currency": target.currency,
        "timezone": target.timezone,
        "conversionEvent": insights.chosen_event({}, target.conversion_event),
    }
