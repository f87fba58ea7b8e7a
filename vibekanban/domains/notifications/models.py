"""Tables of what we tell people: the inbox, their channels, and the outboxes of e-mails and of the channels."""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, document, key, moment


class EmailStatus(StrEnum):
    """SENDING from before the mail service is called until its answer is kept: afterwards nobody knows whether it
    took the e-mail. UNKNOWN is one that stayed so and is not sent again.
    """

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNKNOWN = "unknown"


class ChannelKind(StrEnum):
    SLACK = "slack"
    WEBHOOK = "webhook"


class DeliveryStatus(StrEnum):
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
        Index("emails_open", "created_at", postgresql_where=text("status IN ('pending', 'sending')")),
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
    not_before: datetime | None = moment(optional=True)
    sent_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()


class Channel(SQLModel, table=True):
    """Where somebody wants to be told besides the inbox; the address is a secret, and so is the key it signs with."""

    __tablename__ = "notification_channels"  # pyright: ignore[reportAssignmentType]

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    kind: ChannelKind = choice(ChannelKind)
    label: str = Field(max_length=80)
    sealed_target: str
    hint: str = Field(max_length=120, description="The host of the address: what may be shown of it")
    sealed_secret: str = Field(default="", description="Signs what a webhook is sent; empty for Slack")
    sealed_old_secret: str = ""
    old_secret_until: datetime | None = moment(optional=True)
    is_active: bool = True
    failing_since: datetime | None = moment(optional=True)
    last_ok_at: datetime | None = moment(optional=True)
    last_error: str = Field(default="", max_length=300)
    last_error_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()


class Delivery(SQLModel, table=True):
    """A notification on its way to one channel."""

    __tablename__ = "deliveries"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("channel_id", "dedupe_key"),
        Index("deliveries_by_user", "user_id", "id"),
        Index("deliveries_due", "due_at", postgresql_where=text("status = 'pending'")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    channel_id: UUID = Field(foreign_key="notification_channels.id", ondelete="CASCADE")
    kind: str = Field(max_length=60)
    params: dict[str, Any] = document(dict)
    href: str = Field(default="", max_length=300)
    dedupe_key: str = Field(max_length=160)
    status: DeliveryStatus = choice(DeliveryStatus, DeliveryStatus.PENDING)
    attempts: int = 0
    last_error: str = Field(default="", max_length=300)
    due_at: datetime = moment()
    give_up_at: datetime = moment(default_now=False)
    claimed_until: datetime | None = moment(optional=True)
    sent_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()


class NotificationPreferences(SQLModel, table=True):
    """What somebody chose; a subject that is absent from `routes` goes where it usually goes."""

    __tablename__ = "notification_preferences"  # pyright: ignore[reportAssignmentType]

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    routes: dict[str, list[str]] = document(dict)
    quiet_from: time | None = Field(default=None, description="In the user's timezone")
    quiet_until: time | None = None
