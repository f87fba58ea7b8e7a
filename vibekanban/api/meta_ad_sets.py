"""Routes of ad sets: listing, looking, creating, editing, switching, copying, deleting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response
from pydantic import Field
from sqlmodel import Session

from vibekanban.api import editing, wire
from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.editing import CopyIn, CopyOut, DryRunOut
from vibekanban.api.errors import responses
from vibekanban.api.idempotency import Idempotent
from vibekanban.api.wire import Cursor, Limit, Page, Wire, example
from vibekanban.core import db
from vibekanban.core.errors import NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.editing import fields
from vibekanban.domains.editing.edits import Outcome
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta import objects
from vibekanban.domains.meta.models import AdSet, Level, MetaAccount
from vibekanban.domains.sharing import sights

router = APIRouter(prefix="/api/meta/adsets", tags=["Campaigns"], route_class=Idempotent)
EXAMPLE: dict[str, Any] = {
    "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0010",
    "metaAdSetId": "120210000000000010",
    "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
    "campaignId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
    "name": "Madrid · 25-45",
    "status": "ACTIVE",
    "effectiveStatus": "CAMPAIGN_PAUSED",
    "optimizationGoal": "OFFSITE_CONVERSIONS",
    "billingEvent": "IMPRESSIONS",
    "bidStrategy": "LOWEST_COST_WITHOUT_CAP",
    "bidAmount": None,
    "roasFloor": None,
    "dailyBudget": "20.00",
    "lifetimeBudget": None,
    "currency": "EUR",
    "startTime": "2026-11-20T08:00:00.000Z",
    "endTime": None,
    "targeting": {"geo_locations": {"countries": ["ES"]}},
    "promotedObject": {"pixel_id": "56000000000001", "custom_event_type": "PURCHASE"},
    "destinationType": "WEBSITE",
    "learning": {"status": "LEARNING", "conversions": 12, "since": "2026-11-20T08:00:00.000Z"},
    "issues": [],
    "syncedAt": "2026-11-24T09:00:00.000Z",
}


class LearningOut(Wire):
    """The learning phase: LEARNING, SUCCESS (over), FAIL (limited), since the last significant edit."""

    status: str
    conversions: int | None
    since: Moment | None


class AdSetOut(Wire):
    """`targeting` and `promotedObject` are as Meta writes them; budgets are null when the campaign holds them."""

    id: UUID
    meta_ad_set_id: str
    account_id: UUID
    campaign_id: UUID
    name: str
    status: str
    effective_status: str
    optimization_goal: str
    billing_event: str
    bid_strategy: str
    bid_amount: str | None
    roas_floor: str | None
    daily_budget: str | None
    lifetime_budget: str | None
    currency: str
    start_time: Moment | None
    end_time: Moment | None
    targeting: dict[str, Any]
    promoted_object: dict[str, Any]
    destination_type: str
    learning: LearningOut | None
    issues: list[dict[str, Any]]
    synced_at: Moment

    model_config = example(EXAMPLE)


class ChangedAdSetOut(AdSetOut):
    """`changed` is false when the ad set was so already; then nothing was written at Meta."""

    changed: bool
    change_id: UUID | None

    model_config = example(EXAMPLE, changed=True, changeId="0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5e")


class AdSetFields(Wire):
    """What can be set of an ad set."""

    daily_budget: editing.Amount | None = None
    lifetime_budget: editing.Amount | None = None
    bid_strategy: str | None = Field(None, max_length=60)
    bid_amount: editing.Amount | None = None
    roas_floor: editing.Amount | None = Field(
        None, description="A plain ratio: 2.5 earns 2.5 times the spend"
    )
    start_time: wire.Instant | None = None
    end_time: wire.Instant | None = None
    billing_event: str | None = Field(None, max_length=40)
    promoted_object: dict[str, Any] | None = Field(None, description="As Meta writes it")
    destination_type: str | None = Field(None, max_length=60)
    attribution_spec: list[dict[str, Any]] | None = Field(None, max_length=10)
    dsa_beneficiary: str | None = Field(None, max_length=512, description="Needed in the EU, with `dsaPayor`")
    dsa_payor: str | None = Field(None, max_length=512)
    dry_run: editing.DryRun = False


class NewAdSet(AdSetFields):
    """An ad set is created PAUSED unless told; it needs a budget when its campaign has none."""

    campaign_id: UUID
    name: str = Field(max_length=400)
    optimization_goal: str = Field(max_length=60)
    targeting: dict[str, Any] = Field(description="As Meta writes it, with at least one place")
    status: editing.BirthStatus = "PAUSED"

    model_config = example(
        {
            "campaignId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "name": "Madrid · 25-45",
            "optimizationGoal": "LINK_CLICKS",
            "targeting": {"geo_locations": {"countries": ["ES"]}, "age_min": 25, "age_max": 45},
            "dailyBudget": "20.00",
            "dryRun": False,
        }
    )


class EditedAdSet(AdSetFields):
    """The fields to set; what is absent stays, null empties what may be empty."""

    name: str | None = Field(None, max_length=400)
    status: editing.Status | None = None
    optimization_goal: str | None = Field(None, max_length=60)
    targeting: dict[str, Any] | None = Field(None, description="The whole of it, as Meta writes it")

    model_config = example({"dailyBudget": "25.00", "dryRun": True})


class CopiedAdSet(CopyIn):
    """`campaignId` is another campaign of the same account to copy into."""

    campaign_id: UUID | None = None

    model_config = example({"deep": True, "status": "PAUSED", "suffix": " - copia"})


def _learning(row: AdSet) -> LearningOut | None:
    if not row.learning:
        return None
    since, count = row.learning.get("last_sig_edit_ts"), row.learning.get("conversions")
    return LearningOut(
        status=str(row.learning.get("status") or ""),
        conversions=int(count) if count is not None else None,
        since=datetime.fromtimestamp(int(since), UTC) if since else None,
    )


def _out(session: Session, row: AdSet) -> dict[str, Any]:
    currency = session.get_one(MetaAccount, row.account_id).currency
    floor = fields.EDITABLE[Level.AD_SET]["roas_floor"]
    bids = {"bid_constraints": row.bid_constraints}
    return {
        "id": row.id,
        "meta_ad_set_id": row.meta_id,
        "account_id": row.account_id,
        "campaign_id": row.campaign_id,
        "name": row.name,
        "status": row.status,
        "effective_status": row.effective_status,
        "optimization_goal": row.optimization_goal,
        "billing_event": row.billing_event,
        "bid_strategy": row.bid_strategy,
        "bid_amount": editing.budget(row.bid_amount, currency),
        "roas_floor": fields.shown(floor, fields.read(floor, bids), currency),
        "daily_budget": editing.budget(row.daily_budget, currency),
        "lifetime_budget": editing.budget(row.lifetime_budget, currency),
        "currency": currency,
        "start_time": row.start_time,
        "end_time": row.end_time,
        "targeting": row.targeting,
        "promoted_object": row.promoted_object,
        "destination_type": row.destination_type,
        "learning": _learning(row),
        "issues": row.issues,
        "synced_at": row.synced_at,
    }


def _one(session: Session, user_id: UUID, ad_set_id: UUID) -> dict[str, Any]:
    row = objects.found(session, user_id, Level.AD_SET, ad_set_id)
    if not isinstance(row, AdSet):
        raise NotFound()
    return _out(session, row)


def _changed(user_id: UUID, ad_set_id: UUID, done: Outcome) -> ChangedAdSetOut:
    with db.transaction() as session:
        shown = _one(session, user_id, ad_set_id)
    return ChangedAdSetOut(**shown, changed=done.changed, change_id=done.change_id)


@router.get("", responses=responses(NotSignedIn, wire.BadCursor))
def ad_set_list(
    session: SessionDep,
    user: CurrentUser,
    accountId: UUID | None = None,  # noqa: N803 - the contract's names
    campaignId: UUID | None = None,  # noqa: N803
    status: Annotated[str, Query(max_length=300, description="Effective statuses, between commas")] = "",
    q: Annotated[str, Query(max_length=200, description="Part of a name, or Meta's whole id")] = "",
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[AdSetOut]:
    """Your ad sets in the order in which we met them; those of an account or campaign that is shared with you."""
    rows: list[AdSet] = objects.children(
        session,
        sights.reader(session, user.id, account_id=accountId, campaign_id=campaignId),
        Level.AD_SET,
        account_ids=[accountId] if accountId else None,
        campaign_id=campaignId,
        statuses=wire.words(status),
        q=q,
        after=wire.after(cursor),
        limit=limit + 1,
    )
    shown = [_out(session, row) for row in rows]
    return wire.page(AdSetOut, shown, limit, lambda item: wire.cursor_of(item["id"]))


@router.get("/{ad_set_id}", responses=responses(NotSignedIn, NotFound))
def ad_set(ad_set_id: UUID, session: SessionDep, user: CurrentUser) -> AdSetOut:
    """One of your ad sets, or of an account that is shared with you."""
    owner = sights.of_object(session, user.id, Level.AD_SET, ad_set_id).owner_id
    return AdSetOut(**_one(session, owner, ad_set_id))


@router.post("", status_code=201, responses=editing.CREATING)
def create_ad_set(body: NewAdSet, seen: SeenDep, response: Response) -> AdSetOut | DryRunOut:
    """Create an ad set at Meta, PAUSED unless told."""
    values = body.model_dump(exclude={"campaign_id", "dry_run"}, exclude_unset=True)
    done = editing.made(seen, Level.AD_SET, body.campaign_id, values, dry_run=body.dry_run)
    if done.thing is None:
        return editing.rehearsed(done, response)
    with db.transaction() as session:
        return AdSetOut(**_one(session, seen.user_id, done.thing.id))


@router.patch("/{ad_set_id}", responses=editing.EDITING)
def edit_ad_set(ad_set_id: UUID, body: EditedAdSet, seen: SeenDep) -> ChangedAdSetOut | DryRunOut:
    """Set fields of an ad set at Meta; only what differs is written."""
    done = editing.edited(seen, Level.AD_SET, ad_set_id, body)
    return editing.rehearsed(done) if body.dry_run else _changed(seen.user_id, ad_set_id, done)


@router.delete("/{ad_set_id}", status_code=204, responses=editing.DELETING)
def delete_ad_set(ad_set_id: UUID, seen: SeenDep, dryRun: editing.DryRunQuery = False) -> Response:  # noqa: N803
    """Delete an ad set at Meta with its ads, for good."""
    return editing.deleted(seen, Level.AD_SET, ad_set_id, dry_run=dryRun)


@router.post("/{ad_set_id}/pause", responses=editing.SWITCHING)
def pause_ad_set(ad_set_id: UUID, seen: SeenDep) -> ChangedAdSetOut:
    """Pause an ad set at Meta; a paused one is left alone."""
    done = editing.switched(seen, Level.AD_SET, ad_set_id, Verb.PAUSE)
    return _changed(seen.user_id, ad_set_id, done)


@router.post("/{ad_set_id}/resume", responses=editing.SWITCHING)
def resume_ad_set(ad_set_id: UUID, seen: SeenDep) -> ChangedAdSetOut:
    """Activate an ad set at Meta again; an active one is left alone."""
    done = editing.switched(seen, Level.AD_SET, ad_set_id, Verb.RESUME)
    return _changed(seen.user_id, ad_set_id, done)


@router.post("/{ad_set_id}/copies", status_code=201, responses=editing.COPYING)
def copy_ad_set(ad_set_id: UUID, body: CopiedAdSet, seen: SeenDep, response: Response) -> CopyOut:
    """Copy an ad set, alone or with its ads, also into another campaign."""
    return editing.copied(seen, Level.AD_SET, ad_set_id, body, response, into=body.campaign_id)
