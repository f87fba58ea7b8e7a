"""The table of Meta's asynchronous insights runs."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, key, moment, optional_document
from vibekanban.domains.meta.models import Level


class RunStatus(StrEnum):
    ASKED = "asked"
    READY = "ready"
    LOADED = "loaded"
    FAILED = "failed"
    SPLIT = "split"


class InsightRun(SQLModel, table=True):
    """An asynchronous insights run at Meta, polled by re-enqueued jobs; one failing run stops no other."""

    __tablename__ = "insight_runs"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("insight_runs_by_sync", "sync_id"),)

    id: UUID = key()
    sync_id: UUID = Field(foreign_key="syncs.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    level: Level = choice(Level)
    breakdown: str = Field(default="", max_length=60)
    since: date
    until: date
    run_id: str = Field(default="", max_length=32)
    status: RunStatus = choice(RunStatus, RunStatus.ASKED)
    percent: int = 0
    attempts: int = 0
    error: dict[str, Any] | None = optional_document()
    deadline_at: datetime = moment(default_now=False)
    created_at: datetime = moment()
