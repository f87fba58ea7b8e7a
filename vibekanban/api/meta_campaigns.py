"""Routes of campaigns: listing, looking, creating, editing, switching, copying, deleting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from vibekanban.api import csv_answer, editing, wire
from vibekanban.api.campaign_shapes import (
    CampaignDetailOut,
    CampaignOut,
    ChangedCampaignOut,
    EditedCampaign,
    NewCampaign,
    detail_of,
    row_of,
)
from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.editing import CopyIn, CopyOut, DryRunOut
from vibekanban.api.errors import responses
from vibekanban.api.idempotency import Idempotent
from vibekanban.api.wire import Limit, Page
from vibekanban.core import db
from vibekanban.core.errors import NotFound, NotSignedIn
from vibekanban.domains.editing import budget_modes, fields
from vibekanban.domains.editing.budget_modes import Switch
from vibekanban.domains.editing.edits import Outcome
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta import campaigns, hot_campaigns
from vibekanban.domains.meta.models import Level
from vibekanban.domains.sharing import sights

router = APIRouter(prefix="/api/meta", tags=["Campaigns"], route_class=Idempotent)


CSV_HEADER = (
    "id", "metaCampaignId", "accountId", "account", "name", "objective", "status", "effectiveStatus",
    "dailyBudget", "lifetimeBudget", "currency", "spendToday", "impressionsToday", "clicksToday", "syncedAt",
)  # fmt: skip


def _csv_rows(session: Session, user_id: UUID, filters: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    for row in campaigns.every(session, user_id, **filters):
        shown = CampaignOut(**row_of(row)).model_dump(mode="json", by_alias=True)
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
    """Your campaigns with today's counts; `Accept: text/csv` answers with all of the filter.

    With the account of somebody who lets you look, theirs.
    """
    filters: dict[str, Any] = {
        "account_ids": [accountId] if accountId else None,
        "statuses": wire.words(status),
        "q": q,
        "sort": sort,
    }
    user_id = await db.run(sights.reader, seen.user_id, account_id=accountId) if accountId else seen.user_id
    if csv_answer.wanted(request):
        if accountId and user_id != seen.user_id:
            user_id = (await db.run(sights.of_account, seen.user_id, accountId)).exporting()
        return csv_answer.answer(
            "campaigns", CSV_HEADER, lambda reading: _csv_rows(reading, user_id, filters)
        )
    page = await hot_campaigns.campaigns(user_id, cursor=cursor, limit=limit, **filters)
    return Response(page, media_type="application/json")


def _shown(user_id: UUID, campaign_id: UUID) -> dict[str, Any]:
    with db.transaction() as session:
        return detail_of(campaigns.campaign(session, user_id, campaign_id))


def _changed(user_id: UUID, campaign_id: UUID, done: Outcome) -> ChangedCampaignOut:
    return ChangedCampaignOut(**_shown(user_id, campaign_id), changed=done.changed, change_id=done.change_id)


@router.get("/campaigns/{campaign_id}", responses=responses(NotSignedIn, NotFound))
def campaign(campaign_id: UUID, session: SessionDep, user: CurrentUser) -> CampaignDetailOut:
    """One of your campaigns, or of an account that is shared with you."""
    owner = sights.of_object(session, user.id, Level.CAMPAIGN, campaign_id).owner_id
    return CampaignDetailOut(**detail_of(campaigns.campaign(session, owner, campaign_id)))


@router.post("/campaigns", status_code=201, responses=editing.CREATING)
def create_campaign(body: NewCampaign, seen: SeenDep, response: Response) -> CampaignDetailOut | DryRunOut:
    """Create a campaign at Meta, PAUSED unless told."""
    values = body.model_dump(exclude={"account_id", "dry_run"}, exclude_unset=True)
    done = editing.made(seen, Level.CAMPAIGN, body.account_id, values, dry_run=body.dry_run)
    if done.thing is None:
        return editing.rehearsed(done, response)
    return CampaignDetailOut(**_shown(seen.user_id, done.thing.id))


@router.patch("/campaigns/{campaign_id}", responses=editing.EDITING)
def edit_campaign(campaign_id: UUID, body: EditedCampaign, seen: SeenDep) -> ChangedCampaignOut | DryRunOut:
    """Set fields of a campaign at Meta; only what differs is written."""
    budget = body.switch
    if body.budget_mode is None or budget is None:
        done = editing.edited(seen, Level.CAMPAIGN, campaign_id, body)
    else:
        shares = {
            str(one.ad_set_id): one.model_dump(include=set(fields.BUDGETS), exclude_none=True)
            for one in body.ad_set_budgets or []
        }
        wanted = Switch(campaign_id, body.budget_mode, budget, shares)
        done = budget_modes.switch(seen.user_id, wanted, editing.actor(seen), dry_run=body.dry_run)
    return editing.rehearsed(done) if body.dry_run else _changed(seen.user_id, campaign_id, done)


@router.delete("/campaigns/{campaign_id}", status_code=204, responses=editing.DELETING)
def delete_campaign(campaign_id: UUID, seen: SeenDep, dryRun: editing.DryRunQuery = False) -> Response:  # noqa: N803 - the contract's names
    """Delete a campaign at Meta with all that is in it, for good."""
    return editing.deleted(seen, Level.CAMPAIGN, campaign_id, dry_run=dryRun)


@router.post("/campaigns/{campaign_id}/pause", responses=editing.SWITCHING)
def pause_campaign(campaign_id: UUID, seen: SeenDep) -> ChangedCampaignOut:
    """Pause a campaign at Meta; a paused one is left alone."""
    done = editing.switched(seen, Level.CAMPAIGN, campaign_id, Verb.PAUSE)
    return _changed(seen.user_id, campaign_id, done)


@router.post("/campaigns/{campaign_id}/resume", responses=editing.SWITCHING)
def resume_campaign(campaign_id: UUID, seen: SeenDep) -> ChangedCampaignOut:
    """Activate a campaign at Meta again; an active one is left alone."""
    done = editing.switched(seen, Level.CAMPAIGN, campaign_id, Verb.RESUME)
    return _changed(seen.user_id, campaign_id, done)


@router.post("/campaigns/{campaign_id}/copies", status_code=201, responses=editing.COPYING)
def copy_campaign(campaign_id: UUID, body: CopyIn, seen: SeenDep, response: Response) -> CopyOut:
    """Copy a campaign, alone or with its ad sets and ads."""
    return editing.copied(seen, Level.CAMPAIGN, campaign_id, body, response)
