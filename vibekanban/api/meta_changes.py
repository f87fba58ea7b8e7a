"""Routes of the change log: reading it, and undoing what it lists."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from vibekanban.api import editing, wire
from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.editing import ChangedFieldOut, DryRun, StakeOut
from vibekanban.api.errors import responses
from vibekanban.api.idempotency import Idempotent
from vibekanban.api.wire import Cursor, Instant, Limit, Page, Wire, example
from vibekanban.core import db
from vibekanban.core.errors import NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.editing import undoing
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.changes import ACTIONS
from vibekanban.domains.meta.models import ActorKind, ChangeOutcome, Level

router = APIRouter(prefix="/api/meta/changes", tags=["Campaigns"], route_class=Idempotent)


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
    batch_id: UUID | None = None
    reverts_id: UUID | None = Field(None, description="The change that this one undid")

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
            "batchId": None,
            "revertsId": None,
        }
    )


class RevertIn(Wire):
    dry_run: DryRun = False

    model_config = example({"dryRun": False})


class RevertOut(Wire):
    """What came back; `changed` is false when Meta held it already. After a dry run there is no change."""

    dry_run: bool
    changed: bool
    fields: list[ChangedFieldOut]
    stake: StakeOut | None
    change: ChangeOut | None

    model_config = example(
        {
            "dryRun": True,
            "changed": True,
            "fields": [{"field": "dailyBudget", "before": "60.00", "after": "50.00"}],
            "stake": {
                "currency": "EUR",
                "dailyBudgetDelta": "-10.00",
                "lifetimeBudgetDelta": None,
                "spendLast30Days": "1320.54",
            },
            "change": None,
        }
    )


@router.get("", responses=responses(NotSignedIn, wire.BadCursor))
def change_list(
    session: SessionDep,
    user: CurrentUser,
    objectId: UUID | None = None,  # noqa: N803 - the contract's names
    accountId: UUID | None = None,  # noqa: N803
    batchId: UUID | None = None,  # noqa: N803
    level: Level | None = None,
    action: Annotated[str, Query(max_length=40, description=f"One of {', '.join(ACTIONS)}")] = "",
    actorKind: Annotated[  # noqa: N803
        ActorKind | None, Query(description="A person, a rule, a program's token, or somebody outside")
    ] = None,
    q: Annotated[str, Query(max_length=200, description="A part of the object's name")] = "",
    since: Annotated[Instant | None, Query(description="The first moment that counts")] = None,
    until: Annotated[Instant | None, Query(description="The first moment that does not count")] = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[ChangeOut]:
    """Changes of your objects, newest first, by the filters of the page of changes."""
    found = changes.changes(
        session,
        user.id,
        object_id=objectId,
        account_ids=[accountId] if accountId else None,
        batch_id=batchId,
        level=level,
        action=action,
        actor_kind=actorKind,
        q=q,
        since=since,
        until=until,
        before=wire.after(cursor),
        limit=limit + 1,
    )
    return wire.page(ChangeOut, found, limit, lambda change: wire.cursor_of(change.id))


@router.post("/{change_id}/revert", responses=editing.UNDOING)
def revert(change_id: UUID, seen: SeenDep, body: RevertIn | None = None) -> RevertOut:
    """Bring back what was before a change, to the minor unit; what somebody changed since is left alone."""
    dry_run = bool(body and body.dry_run)
    done = undoing.revert(seen.user_id, change_id, editing.actor(seen), dry_run=dry_run)
    made = None
    if done.change_id is not None:
        with db.transaction() as session:
            made = ChangeOut.model_validate(changes.one(session, seen.user_id, done.change_id))
    shown = editing.rehearsed(done)
    return RevertOut(
        dry_run=dry_run, changed=done.changed, fields=shown.fields, stake=shown.stake, change=made
    )
