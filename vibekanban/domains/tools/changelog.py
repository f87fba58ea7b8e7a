"""The tool that reads the change log, by the filters of the page of changes."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from vibekanban.core import db
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import ActorKind, Level
from vibekanban.domains.tools import reach
from vibekanban.domains.tools.shapes import Optional, Paging, Reference, page_of, past
from vibekanban.domains.tools.tool import Context, Done

Action = Literal["create", "copy", "edit", "pause", "resume", "archive", "delete", "budget_mode"]


class ChangeRow(Shape):
    id: UUID
    account_id: UUID
    level: str
    object_id: UUID
    object_name: str
    action: str
    actor_kind: str
    actor_name: str
    before: dict[str, Any]
    after: dict[str, Any]
    outcome: str
    error_code: str | None
    batch_id: UUID | None
    reverts_id: UUID | None
    created_at: Moment
    settled_at: Moment | None


class ListChanges(Paging):
    account_id: Reference | Optional = None
    object_id: UUID | Optional = None
    batch_id: UUID | Optional = None
    level: Literal["account", "campaign", "adset", "ad"] | Optional = None
    action: Action | Optional = None
    actor_kind: Literal["user", "token", "rule", "outside"] | Optional = None
    q: Annotated[str, Field(max_length=200)] = ""
    since: AwareDatetime | Optional = None
    until: AwareDatetime | Optional = None


def list_changes(context: Context, asked: ListChanges) -> Done:
    caller = context.caller
    with db.transaction() as session:
        rows = changes.changes(
            session,
            caller.user_id,
            object_id=asked.object_id,
            account_ids=reach.narrowed(session, caller, asked.account_id),
            batch_id=asked.batch_id,
            level=Level(asked.level) if asked.level else None,
            action=asked.action or "",
            actor_kind=ActorKind(asked.actor_kind) if asked.actor_kind else None,
            q=asked.q,
            since=asked.since,
            until=asked.until,
            before=past(asked.cursor),
            limit=asked.limit + 1,
        )
    return Done(page_of([ChangeRow(**row.model_dump()) for row in rows], asked.limit))
