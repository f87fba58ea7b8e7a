"""The route of the change log."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Moment, Page, Wire, example
from vibekanban.core.errors import NotSignedIn
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import ActorKind, ChangeOutcome, Level

router = APIRouter(prefix="/api/meta/changes", tags=["Campaigns"])


class ChangeOut(Wire):
    """Who changed what at Meta; `pending` means that its end is not known yet."""

    id: UUID
    account_id: UUID
    level: Level
    object_id: UUID
    object_name: str
    action: str
    actor_kind: ActorKind
    actor_id: UUID | None
    actor_name: str
    before: dict[str, Any]
    after: dict[str, Any]
    outcome: ChangeOutcome
    error_code: str | None
    created_at: Moment
    settled_at: Moment | None

    model_config = example(
        {
            "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "level": "campaign",
            "objectId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0003",
            "objectName": "Rebajas de invierno",
            "action": "pause",
            "actorKind": "token",
            "actorId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0002",
            "actorName": "n8n",
            "before": {"status": "ACTIVE", "effectiveStatus": "ACTIVE"},
            "after": {"status": "PAUSED", "effectiveStatus": "PAUSED"},
            "outcome": "applied",
            "errorCode": None,
            "createdAt": "2026-11-24T09:00:00.000Z",
            "settledAt": "2026-11-24T09:00:01.000Z",
        }
    )


@router.get("", responses=responses(NotSignedIn, wire.BadCursor))
def change_list(
    session: SessionDep,
    user: CurrentUser,
    objectId: UUID | None = None,  # noqa: N803 - the contract's names
    accountId: UUID | None = None,  # noqa: N803
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[ChangeOut]:
    """Changes of your objects, newest first."""
    found = changes.changes(
        session,
        user.id,
        object_id=objectId,
        account_ids=[accountId] if accountId else None,
        before=wire.after(cursor),
        limit=limit + 1,
    )
    return wire.page(ChangeOut, found, limit, lambda change: wire.cursor_of(change.id))
