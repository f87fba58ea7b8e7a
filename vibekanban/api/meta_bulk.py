"""Routes of bulk edits: a preview, carrying one out, how far it is, and undoing a batch."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response

from vibekanban.api import bulk_shapes, editing
from vibekanban.api.bulk_shapes import BulkIn, BulkOut
from vibekanban.api.deps import CurrentUser, LocaleDep, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.idempotency import Idempotent
from vibekanban.api.meta_changes import RevertIn
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.domains.editing import bulk
from vibekanban.domains.editing.bulk import Order, Ran
from vibekanban.domains.editing.errors import NotRevertible
from vibekanban.domains.editing.models import RunState

router = APIRouter(prefix="/api/meta", tags=["Campaigns"], route_class=Idempotent)
LATER = {202: {"model": BulkOut, "description": "It goes on; ask for how far it is"}}


@router.post("/bulk", responses={**responses(NotSignedIn, NotFound, Invalid), **LATER})
def bulk_edit(body: BulkIn, seen: SeenDep, locale: LocaleDep, response: Response) -> BulkOut:
    """Change up to 500 objects of any of your accounts alike; a row that is refused fails alone."""
    order = Order(body.action, body.ids, body.params)
    if body.dry_run:
        return bulk_shapes.previewed(bulk.preview(seen.user_id, order), locale)
    return _ran(bulk.start(seen.user_id, order, editing.actor(seen)), locale, response)


@router.get("/bulk/{bulk_id}", responses=responses(NotSignedIn, NotFound))
def bulk_run(bulk_id: UUID, session: SessionDep, user: CurrentUser, locale: LocaleDep) -> BulkOut:
    """How far a bulk edit is, row by row."""
    return bulk_shapes.ran(bulk.ran(session, user.id, bulk_id), locale)


@router.post(
    "/changes/batches/{batch_id}/revert",
    responses={**responses(NotSignedIn, NotFound, NotRevertible), **LATER},
)
def revert_batch(
    batch_id: UUID, seen: SeenDep, locale: LocaleDep, response: Response, body: RevertIn | None = None
) -> BulkOut:
    """Undo every change of a batch; what can not be undone, or changed since, fails alone."""
    if body and body.dry_run:
        return bulk_shapes.previewed(bulk.preview_undo(seen.user_id, batch_id), locale)
    return _ran(bulk.start_undo(seen.user_id, batch_id, editing.actor(seen)), locale, response)


def _ran(found: Ran, locale: LocaleDep, response: Response) -> BulkOut:
    response.status_code = 200 if found.run.status is RunState.DONE else 202
    return bulk_shapes.ran(found, locale)
