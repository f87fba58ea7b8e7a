"""Routes of campaigns: listing, looking, creating, editing, switching, copying, deleting."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field
from sqlmodel import Session

from vibekanban.api import csv_answer, editing, wire
from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.editing import CopyIn, CopyOut, DryRunOut
from vibekanban.api.errors import responses
from vibekanban.api.idempotency import Idempotent
from vibekanban.api.wire import Limit, Page, Wire, example
from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.editing import budget_modes, choices, fields, forms
from vibekanban.domains.editing.budget_modes import Switch
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.edits import Outcome
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta import campaigns, hot_campaigns, money
from vibekanban.domains.meta.models import Level
from vibekanban.domains.sharing import sights

router = APIRouter(prefix="/api/meta", tags=["Campaigns"], route_class=Idempotent)


EXAMPLE: dict[str, Any] = {
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
DETAIL: dict[str, Any] = {
    **EXAMPLE,
    "buyingType": "AUCTION",
    "budgetMode": "campaign",
    "bidStrategy": "LOWEST_COST_WITHOUT_CAP",
    "spendCap": None,
    "specialAdCategories": [],
    "specialAdCategoryCountry": [],
    "startTime": "2026-11-20T08:00:00.000Z",
    "stopTime": None,
}


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

    model_config = example(EXAMPLE)


class CampaignDetailOut(CampaignOut):
    """A campaign with all that can be set. `budgetMode` says who holds the budget."""

    buying_type: str
    budget_mode: BudgetMode
    bid_strategy: str
    spend_cap: str | None
    special_ad_categories: list[str]
    special_ad_category_country: list[str]
    start_time: Moment | None
    stop_time: Moment | None

    model_config = example(DETAIL)


class ChangedCampaignOut(CampaignDetailOut):
    """`changed` is false when the campaign was so already; then nothing was written at Meta."""

    changed: bool
    change_id: UUID | None

    model_config = example(DETAIL, changed=True, changeId="0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5e")


class NewCampaign(Wire):
    """A campaign is created PAUSED unless told. With neither budget its ad sets hold theirs."""

    account_id: UUID
    name: str = Field(max_length=400)
    objective: str = Field(max_length=60, description=", ".join(choices.OBJECTIVES))
    status: editing.BirthStatus = "PAUSED"
    special_ad_categories: list[str] = Field(default_factory=list, max_length=10)
    special_ad_category_country: list[str] = Field(
        default_factory=list, max_length=250, description="ISO codes; needed with a category"
    )
    daily_budget: editing.Amount | None = None
    lifetime_budget: editing.Amount | None = None
    bid_strategy: str | None = Field(None, max_length=60)
    spend_cap: editing.Amount | None = None
    start_time: wire.Instant | None = None
    stop_time: wire.Instant | None = None
    is_adset_budget_sharing_enabled: bool | None = Field(
        None, description="Without a budget of its own: ad sets may lend each other up to a fifth"
    )
    dry_run: editing.DryRun = False

    model_config = example(
        {
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "name": "Rebajas de invierno",
            "objective": "OUTCOME_SALES",
            "specialAdCategories": [],
            "dailyBudget": "50.00",
            "status": "PAUSED",
            "dryRun": False,
        }
    )


class AdSetBudget(Wire):
    """What an ad set gets of the budget that its campaign gives away: a daily or a lifetime one."""

    ad_set_id: UUID
    daily_budget: editing.Amount | None = None
    lifetime_budget: editing.Amount | None = None


class EditedCampaign(Wire):
    """The fields to set; what is absent stays, null empties what may be empty."""

    name: str | None = Field(None, max_length=400)
    status: editing.Status | None = None
    daily_budget: editing.Amount | None = None
    lifetime_budget: editing.Amount | None = None
    bid_strategy: str | None = Field(None, max_length=60)
    spend_cap: editing.Amount | None = None
    start_time: wire.Instant | None = None
    stop_time: wire.Instant | None = None
    special_ad_categories: list[str] | None = Field(None, max_length=10)
    special_ad_category_country: list[str] | None = Field(None, max_length=250)
    is_adset_budget_sharing_enabled: bool | None = None
    budget_mode: BudgetMode | None = Field(
        None,
        description="Who holds the budget, changed in a request of its own: `campaign` with a budget, `adsets` or"
        " `shared` with `adSetBudgets`",
    )
    ad_set_budgets: list[AdSetBudget] | None = Field(None, max_length=70)
    dry_run: editing.DryRun = False

    model_config = example({"dailyBudget": "60.00", "dryRun": True})

    @property
    def switch(self) -> dict[str, Any] | None:
        """What a change of the budgets' holder says; None when the body does not ask for one."""
        given = self.model_dump(exclude_unset=True, exclude={"dry_run"})
        if self.budget_mode is None and "ad_set_budgets" not in given:
            return None
        alone = {"budget_mode", "ad_set_budgets", *fields.BUDGETS}
        if self.budget_mode is None or not given.keys() <= alone:
            raise Invalid({"budgetMode": "editing.rule.mode_alone"})
        return {name: given[name] for name in fields.BUDGETS if given.get(name) is not None}


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


def _detail(row: campaigns.Listed) -> dict[str, Any]:
    found, currency = row.campaign, row.account.currency
    return {
        **_fields(row),
        "buying_type": found.buying_type,
        "budget_mode": forms.mode_of(found),
        "bid_strategy": found.bid_strategy,
        "spend_cap": editing.budget(found.spend_cap, currency),
        "special_ad_categories": found.special_ad_categories,
        "special_ad_category_country": found.special_ad_category_country,
        "start_time": found.start_time,
        "stop_time": found.stop_time,
    }


def _shown(user_id: UUID, campaign_id: UUID) -> dict[str, Any]:
    with db.transaction() as session:
        return _detail(campaigns.campaign(session, user_id, campaign_id))


def _changed(user_id: UUID, campaign_id: UUID, done: Outcome) -> ChangedCampaignOut:
    return ChangedCampaignOut(**_shown(user_id, campaign_id), changed=done.changed, change_id=done.change_id)


@router.get("/campaigns/{campaign_id}", responses=responses(NotSignedIn, NotFound))
def campaign(campaign_id: UUID, session: SessionDep, user: CurrentUser) -> CampaignDetailOut:
    """One of your campaigns, or of an account that is shared with you."""
    owner = sights.of_object(session, user.id, Level.CAMPAIGN, campaign_id).owner_id
    return CampaignDetailOut(**_detail(campaigns.campaign(session, owner, campaign_id)))


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
