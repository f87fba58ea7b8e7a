"""Table of calls that wait for a person."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, document, key, moment, optional_document, texts


class ApprovalStatus(StrEnum):
    """APPROVED: a job runs it. DONE and FAILED: it ran. EXPIRED: nobody decided in time."""

    PENDING = "pending"
    APPROVED = "approved"
    DONE = "done"
    FAILED = "failed"
    REJECTED = "rejected"
    EXPIRED = "expired"


class Approval(SQLModel, table=True):
    """A call that a policy holds back: what was asked, what it would do, and how it ended."""

    __tablename__ = "approvals"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("approvals_by_user", "user_id", "id"),
        Index("approvals_by_status", "status", "expires_at"),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    token_id: UUID = Field(foreign_key="mcp_tokens.id", ondelete="CASCADE", index=True)
    token_name: str = Field(max_length=120)
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    tool: str = Field(max_length=80)
    arguments: dict[str, Any] = document(dict)
    digest: str = Field(max_length=64, description="Of tool and arguments: asking again finds the same row")
    object_id: UUID | None = None
    object_name: str = Field(default="", max_length=400)
    preview: dict[str, Any] = document(dict)
    reasons: list[str] = texts()
    status: ApprovalStatus = choice(ApprovalStatus, ApprovalStatus.PENDING)
    note: str = Field(default="", max_length=500)
    result: dict[str, Any] | None = optional_document()
    error_code: str | None = Field(default=None, max_length=60)
    expires_at: datetime = moment(default_now=False)
    decided_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
