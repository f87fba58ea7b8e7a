"""Tables of reports: those people keep and are sent, and until when they have seen what Meta restated."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, document, key, moment


class Look(SQLModel, table=True):
    """Until when a person has seen what Meta restated in an account."""

    __tablename__ = "report_looks"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("user_id", "account_id"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    looked_at: datetime = moment()


class Cadence(StrEnum):
    NONE = "none"
    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"


class SavedReport(SQLModel, table=True):
    """A report somebody keeps: its definition as the API speaks it, and when it is sent to them.

    `next_due_at` is worked out for the timezone in `planned_zone`; when its owner has moved it is worked out anew.
    """

    __tablename__ = "saved_reports"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("saved_reports_by_user", "user_id", "id"),
        Index("saved_reports_due", "next_due_at", postgresql_where=text("next_due_at IS NOT NULL")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE", index=True)
    name: str = Field(max_length=120)
    definition: dict[str, Any] = document()
    cadence: Cadence = choice(Cadence, Cadence.NONE)
    hour: int = Field(default=8, description="Of the owner's day, 0 to 23")
    weekday: int = Field(default=1, description="Monday is 1; of a weekly one")
    month_day: int = Field(default=1, description="1 to 31, or the month's last; of a monthly one")
    is_paused: bool = False
    planned_zone: str = Field(default="", max_length=64)
    next_due_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()


class DeliveryStatus(StrEnum):
    """ORDERED: a job makes the e-mail. POSTED: it is in the outbox. FAILED: it could not be made."""

    ORDERED = "ordered"
    POSTED = "posted"
    FAILED = "failed"


class ReportDelivery(SQLModel, table=True):
    """One due time of a saved report; there is one row for each, so it is sent once."""

    __tablename__ = "report_deliveries"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("report_id", "due_at"),
        Index("report_deliveries_ordered", "created_at", postgresql_where=text("status = 'ordered'")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    report_id: UUID = Field(foreign_key="saved_reports.id", ondelete="CASCADE")
    due_at: datetime = moment(default_now=False)
    status: DeliveryStatus = choice(DeliveryStatus, DeliveryStatus.ORDERED)
    email_id: UUID | None = None
    error_code: str | None = Field(default=None, max_length=60)
    tries: int = 0
    created_at: datetime = moment()
    posted_at: datetime | None = moment(optional=True)
