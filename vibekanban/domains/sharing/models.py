"""Tables of sharing: links for reading without an account of ours, people who may look at ad accounts, invitations."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, document, key, moment


class ShareKind(StrEnum):
    """What a link shows: the campaigns of the board, the dashboard of each account, or a saved report."""

    BOARD = "board"
    SUMMARY = "summary"
    REPORT = "report"


class ShareLink(SQLModel, table=True):
    """An address that shows some accounts to whoever has it; its token is stored as SHA-256 only."""

    __tablename__ = "share_links"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("share_links_by_user", "user_id", "id"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    name: str = Field(max_length=120)
    kind: ShareKind = choice(ShareKind)
    account_ids: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid), nullable=False)  # pyright: ignore[reportArgumentType, reportCallIssue]
    filters: dict[str, Any] = document(dict)
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    hint: str = Field(max_length=16, description="The first characters, to recognise it by")
    password_hash: str | None = None
    expires_at: datetime | None = moment(optional=True)
    revoked_at: datetime | None = moment(optional=True)
    seen_at: datetime | None = moment(optional=True)
    views: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    created_at: datetime = moment()


class AccountMember(SQLModel, table=True):
    """Somebody who may look at another person's ad account; `user_id` is whose account it is."""

    __tablename__ = "account_members"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("account_id", "member_id"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    account_id: UUID = Field(foreign_key="meta_accounts.id", ondelete="CASCADE")
    member_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE", index=True)
    may_export: bool = Field(default=True, sa_column_kwargs={"server_default": "true"})
    created_at: datetime = moment()


class MemberInvitation(SQLModel, table=True):
    """An e-mail address that is asked to look at accounts; whoever proves to own it may answer."""

    __tablename__ = "member_invitations"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("member_invitations_by_user", "user_id", "id"),
        Index("member_invitations_open", "email", postgresql_where=text("answered_at IS NULL")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    email: str = Field(max_length=254)
    account_ids: list[UUID] = Field(default_factory=list, sa_type=ARRAY(Uuid), nullable=False)  # pyright: ignore[reportArgumentType, reportCallIssue]
    may_export: bool = Field(default=True, sa_column_kwargs={"server_default": "true"})
    accepted: bool | None = None
    answered_at: datetime | None = moment(optional=True)
    expires_at: datetime = moment(default_now=False)
    created_at: datetime = moment()
