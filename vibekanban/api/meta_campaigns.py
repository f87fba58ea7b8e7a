"""Routes of campaigns, ad sets and ads: listing, looking, pausing, resuming."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from vibekanban.api import csv_answer, wire
from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Limit, Moment, Page, Wire, example
from vibekanban.core import db
from vibekanban.core.errors import NotFound, NotSignedIn, OutsideFailed
from vibekanban.domains.accounts import hot, sessions
from vibekanban.domains.editing import switching
from vibekanban.domains.editing.errors import NotSwitchable, Unconfirmed
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta import campaigns, hot_campaigns, money
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Level

router = APIRouter(prefix="/api/meta", tags=["Campaigns"])


class TodayOut(Wire):
    """Counts of the account's today."""

    spend: str
    impressions: int
    clicks: int


class CampaignOut(Wire):
    """`status` is what was set, `effectiveStatus` what happens; budgets are in major units."""

    id: UUID
    meta_campaign_id: str
    account_id: UUID
    name: str
    objective: str
    status: str
    effective_status: str
    daily_budget: str | None
    lifetime_budget: str | None
    currency: str
    today: TodayOut
    issues: list[dict[str, Any]]
    synced_at: Moment

    model_config = example(
        {
            "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "metaCampaignId": "120210000000000001",
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "name": "Rebajas de invierno",
            "objective": "OUTCOME_SALES",
            "status": "ACTIVE",
            "effectiveStatus": "ACTIVE",
            "dailyBudget": "50.00",
            "lifetimeBudget": None,
            "currency": "EUR",
            "today": {"spend": "12.34", "impressions": 4321, "clicks": 98},
            "issues": [],
            "syncedAt": "2026-11-24T09:00:00.000Z",
        }
    )


class ObjectOut(Wire):
    """An ad set or an ad after it was paused or resumed."""

    id: UUID
    meta_id: str
    account_id: UUID
    name: str
    status: str
    effective_status: str
    synced_at: Moment
    changed: bool


class SwitchedCampaignOut(CampaignOut):
    """`changed` is false when the campaign was so already; then nothing was written at Meta."""

    changed: bool


def _fields(row: campaigns.Listed) -> dict[str, Any]:
    found, currency = row.campaign, row.account.currency
    return {
        "id": found.id,
        "meta_campaign_id": found.meta_id,
        "account_id": found.account_id,
        "name": found.name,
        "objective": found.objective,
        "status": found.status,
        "effective_status": found.effective_status,
        "daily_budget": money.text(money.budget(found.daily_budget, currency), currency),
        "lifetime_budget": money.text(money.budget(found.lifetime_budget, currency), currency),
        "currency": currency,
        "today": {
            "spend": money.text(money.spend(row.spend_micros), currency),
            "impressions": row.impressions,
            "clicks": row.clicks,
        },
        "issues": found.issues,
        "synced_at": found.synced_at,
    }


CSV_HEADER = (
    "id", "metaCampaignId", "accountId", "account", "name", "objective", "status", "effectiveStatus",
    "dailyBudget", "lifetimeBudget", "currency", "spendToday", "impressionsToday", "clicksToday", "syncedAt",
)  # fmt: skip


def _csv_rows(session: Session, user_id: UUID, filters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for row in campaigns.every(session, user_id, **filters):
        shown = CampaignOut(**_fields(row)).model_dump(mode="json", by_alias=True)
        today = shown.pop("today")
        yield (
            *(shown[name] for name in CSV_HEADER[:3]),
            row.account.name,
            *(shown[name] for name in CSV_HEADER[4:11]),
            today["spend"],
            today["impressions"],
            today["clicks"],
            shown["syncedAt"],
        )


@router.get(
    "/campaigns",
    response_model=Page[CampaignOut],
    responses={**csv_answer.DOCUMENTED, **responses(NotSignedIn, wire.BadCursor)},
)
async def campaign_list(
    request: Request,
    seen: SeenDep,
    accountId: UUID | None = None,  # noqa: N803 - the contract's name
    status: Annotated[str, Query(max_length=200, description="Effective statuses, comma separated")] = "",
    q: Annotated[str, Query(max_length=200, description="A part of the name, or Meta's whole id")] = "",
    sort: campaigns.Sort = campaigns.Sort.NEWEST,
    limit: Limit = 25,
    cursor: Annotated[str | None, Query(max_length=2500)] = None,
) -> Response:
    """Your campaigns with today's counts; `Accept: text/csv` answers with all of the filter."""
    filters: dict[str, Any] = {
        "account_ids": [accountId] if accountId else None,
        "statuses": [part.strip() for part in status.replace("\x00", "").split(",") if part.strip()],
        "q": q,
        "sort": sort,
    }
    user_id = seen.user_id
    if csv_answer.wanted(request):
        return csv_answer.answer(
            "campaigns", CSV_HEADER, lambda reading: _csv_rows(reading, user_id, filters)
        )
    page = await hot_campaigns.campaigns(user_id, cursor=cursor, limit=limit, **filters)
    return Response(page, media_type="application/json")


@router.get("/campaigns/{campaign_id}", responses=responses(NotSignedIn, NotFound))
def campaign(campaign_id: UUID, session: SessionDep, user: CurrentUser) -> CampaignOut:
    """One of your campaigns."""
    return CampaignOut(**_fields(campaigns.campaign(session, user.id, campaign_id)))


async def _acting(request: Request) -> hot.Seen:
    """The signed-in user, by a check that leaves no transaction open while Meta is called."""
    found = await hot.authenticate(
        bearer=request.headers.get("authorization"),
        cookie=request.cookies.get(sessions.cookie_name()),
    )
    if found is None:
        raise NotSignedIn()
    return found


ActingUser = Annotated[hot.Seen, Depends(_acting)]
_SWITCHING = responses(NotSignedIn, NotFound, NotSwitchable, OutsideFailed, Unconfirmed)


def _switch(user: hot.Seen, level: Level, object_id: UUID, verb: Verb) -> switching.Switched:
    actor = Actor(ActorKind.USER, user.user_id, user.name)
    return switching.switch(user.user_id, level, object_id, verb, actor=actor)


def _switched_campaign(user: hot.Seen, campaign_id: UUID, verb: Verb) -> SwitchedCampaignOut:
    done = _switch(user, Level.CAMPAIGN, campaign_id, verb)
    with db.transaction() as session:
        row = campaigns.campaign(session, user.user_id, campaign_id)
    return SwitchedCampaignOut(**_fields(row), changed=done.changed)


@router.post("/campaigns/{campaign_id}/pause", responses=_SWITCHING)
def pause_campaign(campaign_id: UUID, user: ActingUser) -> SwitchedCampaignOut:
    """Pause a campaign at Meta; a paused one is left alone."""
    return _switched_campaign(user, campaign_id, Verb.PAUSE)


@router.post("/campaigns/{campaign_id}/resume", responses=_SWITCHING)
def resume_campaign(campaign_id: UUID, user: ActingUser) -> SwitchedCampaignOut:
    """Activate a campaign at Meta again; an active one is left alone."""
    return _switched_campaign(user, campaign_id, Verb.RESUME)


def _switched_object(user: hot.Seen, level: Level, object_id: UUID, verb: Verb) -> ObjectOut:
    done = _switch(user, level, object_id, verb)
    return ObjectOut(
        id=done.thing.id,
        meta_id=done.thing.meta_id,
        account_id=done.thing.account_id,
        name=done.thing.name,
        status=done.thing.status,
        effective_status=done.thing.effective_status,
        synced_at=done.thing.synced_at,
        changed=done.changed,
    )


@router.post("/adsets/{ad_set_id}/pause", responses=_SWITCHING)
def pause_ad_set(ad_set_id: UUID, user: ActingUser) -> ObjectOut:
    """Pause an ad set at Meta; a paused one is left alone."""
    return _switched_object(user, Level.AD_SET, ad_set_id, Verb.PAUSE)


@router.post("/adsets/{ad_set_id}/resume", responses=_SWITCHING)
def resume_ad_set(ad_set_id: UUID, user: ActingUser) -> ObjectOut:
    """Activate an ad set at Meta again; an active one is left alone."""
    return _switched_object(user, Level.AD_SET, ad_set_id, Verb.RESUME)


@router.post("/ads/{ad_id}/pause", responses=_SWITCHING)
def pause_ad(ad_id: UUID, user: ActingUser) -> ObjectOut:
    """Pause an ad at Meta; a paused one is left alone."""
    return _switched_object(user, Level.AD, ad_id, Verb.PAUSE)


@router.post("/ads/{ad_id}/resume", responses=_SWITCHING)
def resume_ad(ad_id: UUID, user: ActingUser) -> ObjectOut:
    """Activate an ad at Meta again; an active one is left alone."""
    return _switched_object(user, Level.AD, ad_id, Verb.RESUME)
