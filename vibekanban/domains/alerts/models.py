"""Tables of alerts: what somebody wants to be told, its condition as leaves, where each object stands, firings."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import big, choice, document, key, moment, optional_document, texts
from vibekanban.domains.meta.models import Level


class AlertType(StrEnum):
    """What an alert is about, for people to sort by; the condition alone decides when it fires."""

    BUDGET_THRESHOLD = "BUDGET_THRESHOLD"
    PERFORMANCE_DROP = "PERFORMANCE_DROP"
    CAMPAIGN_ERROR = "CAMPAIGN_ERROR"
    DAILY_SUMMARY = "DAILY_SUMMARY"


class Alert(SQLModel, table=True):
    """A condition somebody watches over the objects of a level, in an account or in one campaign of it."""

    __tablename__ = "alerts"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("alerts_by_user", "user_id", "id"),
        Index("alerts_by_account", "account_id", postgresql_where=text("is_active")),
        Index("alerts_by_campaign", "campaign_id", postgresql_where=text("campaign_id IS NOT NULL")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(max_length=120)
    type: AlertType = choice(AlertType)
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    campaign_id: UUID | None = Field(default=None, foreign_key="campaigns.id", ondelete="CASCADE")
    level: Level = choice(Level)
    name_filter: str = Field(default="", max_length=100, description="Part of an object's name; empty: any")
    condition: dict[str, Any] = document()
    clauses: list[int] = Field(  # pyright: ignore[reportCallIssue]
        default_factory=list,
        sa_type=ARRAY(Integer),  # pyright: ignore[reportArgumentType]
        description="Leaves that together are enough, as bits",
    )
    window: str = Field(max_length=20, description="Of the leaves that name none of their own")
    maturity_hours: int = Field(default=0, description="Hours that conversions take to be counted")
    minimum: dict[str, Any] | None = optional_document()
    cooldown_minutes: int = 60
    hysteresis: float = Field(
        default=0, description="Percent a value must come back before it may fire again"
    )
    daily: bool = Field(default=False, description="Every day of the account begins anew")
    channels: list[str] = texts()
    action: dict[str, Any] | None = optional_document()
    is_active: bool = True
    last_fired_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()
    removed_at: datetime | None = moment(optional=True)


class AlertLeaf(SQLModel, table=True):
    """A comparison of an active alert's condition, with what of the alert the pass needs beside it.

    `probe` is the number of what is added up for it: leaves of an account with the same probe share their sums.
    """

    __tablename__ = "alert_leaves"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("alert_leaves_by_account", "account_id"),)

    alert_id: UUID = Field(foreign_key="alerts.id", ondelete="CASCADE", primary_key=True)
    leaf: int = Field(primary_key=True, description="Its place in the condition as it was written")
    account_id: UUID
    campaign_id: UUID | None = None
    level: str = Field(max_length=10)
    metric: str = Field(max_length=30)
    compare: str = Field(max_length=12)
    dividend: int = Field(description="Place of the count above the line; 0: not a matter of sums")
    divisor: int = Field(description="Place of the count below the line; of the constant 1 for a plain count")
    times: float
    by: float
    operator: str = Field(max_length=2)
    threshold: float
    low: float = Field(description="It is met from here")
    high: float = Field(description="to here, both included")
    held_low: float = Field(description="The same less the hysteresis: once met it holds in here")
    held_high: float
    outside: bool = Field(description="It is met everywhere but there")
    minimum_of: int | None = None
    minimum: float | None = None
    probe: int = big()
    window: str = Field(max_length=20)
    span: str = Field(max_length=10, description="today, yesterday, hours or days")
    length: int
    lag: int
    periods: int = Field(description="How many earlier periods it is compared with")
    step: int = Field(description="Days from one period to the one before")
    hourly: bool


class AlertState(SQLModel, table=True):
    """Where an object stands with an alert; one that never fired has no row and is armed."""

    __tablename__ = "alert_states"  # pyright: ignore[reportAssignmentType]

    alert_id: UUID = Field(foreign_key="alerts.id", ondelete="CASCADE", primary_key=True)
    object_id: UUID = Field(primary_key=True)
    firing: bool
    since: datetime = moment(default_now=False)
    last_fired_at: datetime = moment(default_now=False)


class ActionOutcome(StrEnum):
    """What became of a firing's action.

    LIMITED: its guardrails left nothing of it. NO_BUDGET: the object has none of its own. REFUSED: by Meta or by a
    rule known beforehand. SWITCHED_OFF: the alert was, meanwhile. STOPPED: a kill switch keeps programs from writing.
    """

    DONE = "done"
    UNCHANGED = "unchanged"
    LIMITED = "limited"
    NO_BUDGET = "no_budget"
    REFUSED = "refused"
    SWITCHED_OFF = "switched_off"
    STOPPED = "stopped"


class AlertEvent(SQLModel, table=True):
    """A firing, with the numbers that fired it; its id follows from what fired when, so that it exists once."""

    __tablename__ = "alert_events"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("alert_events_by_user", "user_id", "id"),
        Index("alert_events_by_alert", "alert_id", "id"),
        Index("alert_events_untold", "id", postgresql_where=text("told_at IS NULL")),
        Index("alert_events_undone", "id", postgresql_where=text("action IS NOT NULL AND acted_at IS NULL")),
    )

    id: UUID = key()
    alert_id: UUID = Field(foreign_key="alerts.id", ondelete="CASCADE")
    user_id: UUID
    account_id: UUID
    level: str = Field(max_length=10)
    object_id: UUID
    object_name: str = Field(default="", max_length=400)
    fired_at: datetime = moment(default_now=False)
    numbers: list[dict[str, Any]] = document(list)
    action: dict[str, Any] | None = optional_document()
    acting_until: datetime | None = moment(optional=True)
    attempts: int = 0
    acted_at: datetime | None = moment(optional=True)
    outcome: str | None = Field(default=None, max_length=20, description="An ActionOutcome")
    error_code: str | None = Field(default=None, max_length=60)
    change_id: UUID | None = None
    told_at: datetime | None = moment(optional=True)


class AlertResume(SQLModel, table=True):
    """A pause that ends with the account's day."""

    __tablename__ = "alert_resumes"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("alert_resumes_due", "resume_at", postgresql_where=text("done_at IS NULL")),)

    event_id: UUID = Field(foreign_key="alert_events.id", ondelete="CASCADE", primary_key=True)
    user_id: UUID
    level: str = Field(max_length=10)
    object_id: UUID
    resume_at: datetime = moment(default_now=False)
    done_at: datetime | None = moment(optional=True)


class AlertPass(SQLModel, table=True):
    """As of when an account's alerts were last judged; its row is also the lock of a pass."""

    __tablename__ = "alert_passes"  # pyright: ignore[reportAssignmentType]

    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE", primary_key=True)
    as_of: datetime | None = moment(optional=True)


class SummarySchedule(SQLModel, table=True):
    """When somebody reads their summary of yesterday, and for which of their days it was last settled."""

    __tablename__ = "summary_schedules"  # pyright: ignore[reportAssignmentType]

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    hour: int = Field(description="Of the user's day")
    sent_for: date | None = None
