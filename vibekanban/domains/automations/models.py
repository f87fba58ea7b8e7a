"""Tables of automations: what somebody has n8n do for them, their place in n8n, and every run."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, document, key, moment, optional_document


class Wanted(StrEnum):
    """What its owner wants of an automation."""

    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    ENDED = "ENDED"


class State(StrEnum):
    """Where it stands in n8n; PREPARING until it ran for the first time, FAILED until its owner tries again."""

    PREPARING = "PREPARING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    FAILED = "FAILED"
    ENDED = "ENDED"


class RunStatus(StrEnum):
    RUNNING = "running"
    SUCCESS = "success"
    FAILED = "failed"


class Automation(SQLModel, table=True):
    """A workflow that n8n runs on somebody's accounts; its id is what n8n reports under.

    `wanted` and `revision` say how it should be, `state`, `applied` and the ids of n8n how it is: a job makes
    the second follow the first, and finds what an earlier try left behind by names made of this id.
    """

    __tablename__ = "automations"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("automations_by_user", "user_id", "id"),
        Index("automations_by_workflow", "workflow_id", postgresql_where=text("workflow_id IS NOT NULL")),
        Index("automations_unsettled", "working_until", postgresql_where=text("NOT settled")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(max_length=120)
    template: str = Field(max_length=60)
    version: int = Field(default=1, description="Of the template when it was last written to n8n")
    looked_at: int = Field(
        default=0,
        sa_column_kwargs={"server_default": "0"},
        description="The newest version that was tried on it and asks for more",
    )
    timezone: str = Field(
        max_length=64,
        sa_column_kwargs={"server_default": "UTC"},
        description="In which its hours are, as n8n has them or is to have them",
    )
    account_ids: list[UUID] = Field(
        default_factory=list,
        sa_type=ARRAY(Uuid),  # pyright: ignore[reportArgumentType]
        nullable=False,
    )
    params: dict[str, Any] = document(dict)
    token_id: UUID = Field(foreign_key="mcp_tokens.id", ondelete="CASCADE", index=True)
    wanted: Wanted = choice(Wanted, Wanted.RUNNING)
    state: State = choice(State, State.PREPARING)
    settled: bool = Field(default=False, description="n8n has it as it is wanted, or gave up")
    revision: int = Field(default=1, description="Grows with every change of what runs")
    applied: int = Field(default=0, description="The revision that n8n has")
    armed_hint: str | None = Field(
        default=None, max_length=16, description="Of the secret in n8n's credential; None: not known"
    )
    credential_id: str = Field(max_length=16, description="In n8n, chosen by us at random before it exists")
    run_credential_id: str = Field(max_length=16)
    run_armed: bool = Field(default=False, description="n8n holds the key of its path")
    workflow_id: str | None = Field(default=None, max_length=40)
    run_path: str = Field(max_length=64, description="Random: where n8n lets it be run at once")
    sealed_run_key: str = Field(max_length=300, description="Without it nobody runs it by that path")
    problem: str = Field(default="", max_length=60, description="Code of the last trouble with n8n")
    detail: str = Field(default="", max_length=300, description="What n8n said, scrubbed")
    attempts: int = 0
    working_until: datetime | None = moment(optional=True)
    run_asked_at: datetime | None = moment(optional=True)
    told_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()
    ended_at: datetime | None = moment(optional=True)


class AutomationPlace(SQLModel, table=True):
    """What n8n holds, or may hold, of an automation: written before n8n hears of it, and there until n8n is clear.

    It outlives the automation and its owner, hence no foreign keys.
    """

    __tablename__ = "automation_places"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("automation_places_by_user", "user_id"),)

    automation_id: UUID = Field(primary_key=True)
    user_id: UUID
    credential_id: str = Field(max_length=16)
    run_credential_id: str = Field(max_length=16)
    attempts: int = 0
    again_at: datetime | None = moment(optional=True)
    cleared_at: datetime | None = moment(optional=True)


class AutomationTenant(SQLModel, table=True):
    """The user of n8n that holds what is one person's; they never sign in."""

    __tablename__ = "automation_tenants"  # pyright: ignore[reportAssignmentType]

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    n8n_user_id: str = Field(max_length=64)
    project_id: str = Field(max_length=64)


class AutomationRun(SQLModel, table=True):
    """One execution, as it reported itself and as n8n tells it; both meet here."""

    __tablename__ = "automation_runs"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("automation_id", "execution_id"),
        Index("automation_runs_by_automation", "automation_id", "started_at"),
        Index("automation_runs_open", "started_at", postgresql_where=text("NOT seen_ended")),
        Index(
            "automation_runs_untold",
            "automation_id",
            postgresql_where=text("told_at IS NULL AND status = 'failed'"),
        ),
    )

    id: UUID = key()
    automation_id: UUID = Field(foreign_key="automations.id", ondelete="CASCADE")
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    token_id: UUID | None = Field(default=None, description="Whose calls were the run's")
    execution_id: str = Field(max_length=20)
    status: RunStatus = choice(RunStatus, RunStatus.RUNNING)
    mode: str = Field(default="", max_length=20, description="n8n's: webhook, trigger, retry")
    seen_ended: bool = Field(
        default=False,
        sa_column_kwargs={"server_default": text("false")},
        description="n8n itself said how it ended",
    )
    error: str = Field(default="", max_length=500, sa_column_kwargs={"server_default": ""})
    results: dict[str, Any] | None = optional_document()
    started_at: datetime = moment()
    finished_at: datetime | None = moment(optional=True)
    reported_at: datetime | None = moment(optional=True)
    told_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()


class AutomationPoll(SQLModel, table=True):
    """How far n8n's executions were read; one row."""

    __tablename__ = "automation_polls"  # pyright: ignore[reportAssignmentType]

    id: int = Field(default=1, primary_key=True)
    seen_until: datetime = moment(default_now=False)
