"""Routes of ads: listing, looking, creating, editing, switching, copying, deleting."""

from __future__ import annotations

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
from vibekanban.domains.editing.edits import Outcome
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.meta import objects
from vibekanban.domains.meta.models import Ad, Level
from vibekanban.domains.sharing import sights

router = APIRouter(prefix="/api/meta/ads", tags=["Campaigns"], route_class=Idempotent)
CREATIVE = "Meta's id of a creative, or ours"
EXAMPLE: dict[str, Any] = {
    "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0020",
    "metaAdId": "120210000000000020",
    "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
    "campaignId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
    "adsetId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0010",
    "name": "Foto · primavera",
    "status": "ACTIVE",
    "effectiveStatus": "PENDING_REVIEW",
    "metaCreativeId": "120210000000000030",
    "review": {},
    "issues": [],
    "syncedAt": "2026-11-24T09:00:00.000Z",
}


class AdOut(Wire):
    """`effectiveStatus` says where the ad stands in its review; `review` and `issues` say why, as Meta does."""

    id: UUID
    meta_ad_id: str
    account_id: UUID
    campaign_id: UUID
    adset_id: UUID
    name: str
    status: str
    effective_status: str
    meta_creative_id: str
    review: dict[str, Any]
    issues: list[dict[str, Any]]
    synced_at: Moment

    model_config = example(EXAMPLE)


class ChangedAdOut(AdOut):
    """`changed` is false when the ad was so already; then nothing was written at Meta."""

    changed: bool
    change_id: UUID | None

    model_config = example(EXAMPLE, changed=True, changeId="0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5e")


class NewAd(Wire):
    """An ad is created PAUSED unless told."""

    adset_id: UUID
    name: str = Field(max_length=400)
    creative_id: str = Field(max_length=36, description=CREATIVE)
    status: editing.BirthStatus = "PAUSED"
    tracking_specs: list[dict[str, Any]] | None = Field(None, max_length=20)
    conversion_domain: str | None = Field(None, max_length=253)
    dry_run: editing.DryRun = False

    model_config = example(
        {
            "adsetId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0010",
            "name": "Foto · primavera",
            "creativeId": "120210000000000030",
            "dryRun": False,
        }
    )


class EditedAd(Wire):
    """The fields to set; another creative restarts the review."""

    name: str | None = Field(None, max_length=400)
    status: editing.Status | None = None
    creative_id: str | None = Field(None, max_length=36, description=CREATIVE)
    tracking_specs: list[dict[str, Any]] | None = Field(None, max_length=20)
    conversion_domain: str | None = Field(None, max_length=253)
    dry_run: editing.DryRun = False

    model_config = example({"creativeId": "120210000000000031", "dryRun": True})


class CopiedAd(CopyIn):
    """`adsetId` is another ad set of the same account to copy into."""

    adset_id: UUID | None = None

    model_config = example({"status": "PAUSED", "suffix": " - copia"})


def _out(row: Ad) -> dict[str, Any]:
    return {
        "id": row.id,
        "meta_ad_id": row.meta_id,
        "account_id": row.account_id,
        "campaign_id": row.campaign_id,
        "adset_id": row.ad_set_id,
        "name": row.name,
        "status": row.status,
        "effective_status": row.effective_status,
        "meta_creative_id": row.creative_id,
        "review": row.review,
        "issues": row.issues,
        "synced_at": row.synced_at,
    }


def _one(session: Session, user_id: UUID, ad_id: UUID) -> dict[str, Any]:
    row = objects.found(session, user_id, Level.AD, ad_id)
    if not isinstance(row, Ad):
        raise NotFound()
    return _out(row)


def _changed(user_id: UUID, ad_id: UUID, done: Outcome) -> ChangedAdOut:
    with db.transaction() as session:
        shown = _one(session, user_id, ad_id)
    return ChangedAdOut(**shown, changed=done.changed, change_id=done.change_id)


@router.get("", responses=responses(NotSignedIn, wire.BadCursor))
def ad_list(
    session: SessionDep,
    user: CurrentUser,
    accountId: UUID | None = None,  # noqa: N803 - the contract's names
    campaignId: UUID | None = None,  # noqa: N803
    adsetId: UUID | None = None,  # noqa: N803
    status: Annotated[str, Query(max_length=300, description="Effective statuses, between commas")] = "",
    q: Annotated[str, Query(max_length=200, description="Part of a name, or Meta's whole id")] = "",
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[AdOut]:
    """Your ads in the order in which we met them; those of an account or campaign that is shared with you."""
    rows: list[Ad] = objects.children(
        session,
        sights.reader(session, user.id, account_id=accountId, campaign_id=campaignId),
        Level.AD,
        account_ids=[accountId] if accountId else None,
        campaign_id=campaignId,
        ad_set_id=adsetId,
        statuses=wire.words(status),
        q=q,
        after=wire.after(cursor),
        limit=limit + 1,
    )
    return wire.page(AdOut, [_out(row) for row in rows], limit, lambda item: wire.cursor_of(item["id"]))


@router.get("/{ad_id}", responses=responses(NotSignedIn, NotFound))
def ad(ad_id: UUID, session: SessionDep, user: CurrentUser) -> AdOut:
    """One of your ads, or of an account that is shared with you."""
    owner = sights.of_object(session, user.id, Level.AD, ad_id).owner_id
    return AdOut(**_one(session, owner, ad_id))


@router.post("", status_code=201, responses=editing.CREATING)
def create_ad(body: NewAd, seen: SeenDep, response: Response) -> AdOut | DryRunOut:
    """Create an ad at Meta, PAUSED unless told; an active one is reviewed first."""
    values = body.model_dump(exclude={"adset_id", "dry_run"}, exclude_unset=True)
    done = editing.made(seen, Level.AD, body.adset_id, values, dry_run=body.dry_run)
    if done.thing is None:
        return editing.rehearsed(done, response)
    with db.transaction() as session:
        return AdOut(**_one(session, seen.user_id, done.thing.id))


@router.patch("/{ad_id}", responses=editing.EDITING)
def edit_ad(ad_id: UUID, body: EditedAd, seen: SeenDep) -> ChangedAdOut | DryRunOut:
    """Set fields of an ad at Meta; only what differs is written."""
    done = editing.edited(seen, Level.AD, ad_id, body)
    return editing.rehearsed(done) if body.dry_run else _changed(seen.user_id, ad_id, done)


@router.delete("/{ad_id}", status_code=204, responses=editing.DELETING)
def delete_ad(ad_id: UUID, seen: SeenDep, dryRun: editing.DryRunQuery = False) -> Response:  # noqa: N803
    """Delete an ad at Meta, for good."""
    return editing.deleted(seen, Level.AD, ad_id, dry_run=dryRun)


@router.post("/{ad_id}/pause", responses=editing.SWITCHING)
def pause_ad(ad_id: UUID, seen: SeenDep) -> ChangedAdOut:
    """Pause an ad at Meta; a paused one is left alone."""
    return _changed(seen.user_id, ad_id, editing.switched(seen, Level.AD, ad_id, Verb.PAUSE))


@router.post("/{ad_id}/resume", responses=editing.SWITCHING)
def resume_ad(ad_id: UUID, seen: SeenDep) -> ChangedAdOut:
    """Activate an ad at Meta again; an active one is left alone."""
    return _changed(seen.user_id, ad_id, editing.switched(seen, Level.AD, ad_id, Verb.RESUME))


@router.post("/{ad_id}/copies", status_code=201, responses=editing.COPYING)
def copy_ad(ad_id: UUID, body: CopiedAd, seen: SeenDep, response: Response) -> CopyOut:
    """Copy an ad, also into another ad set."""
    return editing.copied(seen, Level.AD, ad_id, body, response, into=body.adset_id)
