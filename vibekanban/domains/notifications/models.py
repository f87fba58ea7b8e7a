"""Tables of what we tell people: the inbox and the outbox of e-mails."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, document, key, moment


class EmailStatus(StrEnum):
    PENDING = "pending"
    SENT = "sent"
    FAILED = "failed"


class Notification(SQLModel, table=True):
    """A line of somebody's inbox; its text is `notifications.<kind>` in the reader's language."""

    __tablename__ = "notifications"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("user_id", "dedupe_key"),
        Index("notifications_by_user", "user_id", "id"),
        Index("notifications_unread", "user_id", postgresql_where=text("read_at IS NULL")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    kind: str = Field(max_length=60)
    params: dict[str, Any] = document(dict)
    href: str = Field(default="", max_length=300)
    dedupe_key: str = Field(max_length=160, description="The same thing is told once")
    read_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()


class Email(SQLModel, table=True):
    """An e-mail to be sent once; parameters are sealed because they may hold a one-time link."""

    __tablename__ = "emails"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("dedupe_key"),
        Index("emails_pending", "created_at", postgresql_where=text("status = 'pending'")),
    )

    id: UUID = key()
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="CASCADE")
    to_email: str = Field(max_length=254)
    kind: str = Field(max_length=60)
    locale: str = Field(default="es", max_length=2)
    sealed_params: str
    dedupe_key: str = Field(max_length=160)
    status: EmailStatus = choice(EmailStatus, EmailStatus.PENDING)
    attempts: int = 0
    last_error: str = Field(default="", max_length=300)
    claimed_until: datetime | None = moment(optional=True)
    sent_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
