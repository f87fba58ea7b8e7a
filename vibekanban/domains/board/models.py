"""Tables of what the board itself knows: tasks, where cards were put, whose they are, what was said, saved views.

Cards of campaigns and the like are not here: they are read from their own tables (see `sources.py`). `user_id` is
always the person whose board it is; `card_id` is the id of what the card shows, in whichever table that lives.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import big, choice, document, key, moment, texts


class Stage(StrEnum):
    """A column of the board, in the order in which they stand."""

    RUNNING = "running"
    ATTENTION = "attention"
    APPROVAL = "approval"
    PAUSED = "paused"
    DONE = "done"


class BoardTask(SQLModel, table=True):
    """Something to do, about an account or about none."""

    __tablename__ = "board_tasks"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("board_tasks_by_user", "user_id", "id"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID | None = Field(
        default=None, foreign_key="meta_accounts.id", ondelete="SET NULL", index=True
    )
    title: str = Field(max_length=200)
    notes: str = Field(default="", max_length=5000)
    stage: Stage = choice(Stage)
    due_on: date | None = None
    done_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()


class BoardPlacement(SQLModel, table=True):
    """What a person did to a card: its place in a column, until when it sleeps, its labels, that it is done.

    `rank` counts from the top of `stage` and means nothing once the card has left that column.
    """

    __tablename__ = "board_placements"  # pyright: ignore[reportAssignmentType]

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    card_id: UUID = Field(primary_key=True)
    stage: str | None = Field(default=None, max_length=40)
    rank: int | None = None
    snoozed_until: datetime | None = moment(optional=True)
    labels: list[str] = texts()
    done_at: datetime | None = moment(optional=True)
    updated_at: datetime = moment()


class BoardAssignment(SQLModel, table=True):
    """Whose card it is."""

    __tablename__ = "board_assignments"  # pyright: ignore[reportAssignmentType]

    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    card_id: UUID = Field(primary_key=True)
    assignee_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    created_at: datetime = moment()


class BoardComment(SQLModel, table=True):
    """What somebody said about a card; `mentions` are the people named with an @.

    `shared` is read by whoever looks at the card's account, the rest by the board's owner alone.
    """

    __tablename__ = "board_comments"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("board_comments_by_card", "user_id", "card_id", "id"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    card_id: UUID
    author_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="SET NULL", index=True)
    author_name: str = Field(max_length=120)
    text: str = Field(max_length=2000)
    mentions: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid), nullable=False)  # pyright: ignore[reportArgumentType, reportCallIssue]
    shared: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    created_at: datetime = moment()


class PacingTarget(SQLModel, table=True):
    """What an account, or one campaign of it, is meant to spend in a month; in micro-units of its currency."""

    __tablename__ = "pacing_targets"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        UniqueConstraint("account_id", "campaign_id", "month", postgresql_nulls_not_distinct=True),
        Index("pacing_targets_by_user", "user_id", "month"),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    campaign_id: UUID | None = Field(default=None, foreign_key="campaigns.id", ondelete="CASCADE", index=True)
    month: date = Field(description="Its first day")
    amount_micros: int = big()
    currency: str = Field(max_length=3)
    created_at: datetime = moment()
    updated_at: datetime = moment()


class BoardView(SQLModel, table=True):
    """A saved way to look at the board: its filters and order under a name."""

    __tablename__ = "board_views"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("board_views_by_name", "user_id", text("lower(name)"), unique=True),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(max_length=80)
    filters: dict[str, Any] = document(dict)
    created_at: datetime = moment()
    updated_at: datetime = moment()
