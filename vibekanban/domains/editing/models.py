"""Tables of bulk edits, and of what Meta writes as mere numbers."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlmodel import Field, Index, SQLModel, text

from vibekanban.core.columns import choice, document, key, moment
from vibekanban.domains.meta.models import ActorKind, Level


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"


class RowState(StrEnum):
    """SAME: Meta held it already, so that nothing was written."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    SAME = "same"
    FAILED = "failed"


class BulkRun(SQLModel, table=True):
    """One bulk edit; its id is the batch of its changes."""

    __tablename__ = "bulk_runs"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("bulk_runs_by_user", "user_id", "id"),
        Index("bulk_runs_open", "due_at", postgresql_where=text("status = 'running'")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    action: str = Field(max_length=40)
    params: dict[str, Any] = document(dict)
    actor_kind: ActorKind = choice(ActorKind)
    actor_id: UUID | None = None
    actor_name: str = Field(default="", max_length=200)
    reverts_batch_id: UUID | None = None
    status: RunState = choice(RunState, RunState.RUNNING)
    total: int = 0
    done: int = 0
    failed: int = 0
    hop: int = Field(default=0, description="Grows with every piece; a late twin sees that it is late")
    tries: int = Field(default=0, description="How often it lost its worker since a row was settled")
    due_at: datetime = moment()
    created_at: datetime = moment()
    finished_at: datetime | None = moment(optional=True)


class BulkRow(SQLModel, table=True):
    """What one object is to become, fixed when it was ordered, so that repeating it changes nothing more."""

    __tablename__ = "bulk_rows"  # pyright: ignore[reportAssignmentType]

    run_id: UUID = Field(foreign_key="bulk_runs.id", ondelete="CASCADE", primary_key=True)
    position: int = Field(primary_key=True)
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID | None = None
    level: Level = choice(Level)
    object_id: UUID
    object_name: str = Field(default="", max_length=400)
    fields: dict[str, Any] = document(dict)
    before: dict[str, Any] = document(dict)
    reverts_id: UUID | None = None
    state: RowState = choice(RowState, RowState.WAITING)
    error_code: str | None = Field(default=None, max_length=60)
    error: dict[str, Any] = document(dict)
    change_id: UUID | None = None


class LanguageName(SQLModel, table=True):
    """What Meta called a language when it was seen last; a targeting has only its number."""

    __tablename__ = "language_names"  # pyright: ignore[reportAssignmentType]

    key: str = Field(max_length=20, primary_key=True)
    name: str = Field(max_length=100)
