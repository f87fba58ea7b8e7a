"""Tables of reports: when somebody last looked at an account."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import key, moment


class Look(SQLModel, table=True):
    """Until when a person has seen what Meta restated in an account."""

    __tablename__ = "report_looks"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("user_id", "account_id"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    looked_at: datetime = moment()
