"""Tables of access by programs: MCP tokens and the audit of what they did."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, Uuid, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, document, key, moment, optional_document, texts


class Scope(StrEnum):
    """Verbs a token may use on its accounts."""

    READ = "read"
    PAUSE = "pause"
    RESUME = "resume"
    EDIT = "edit"
    CREATE = "create"
    DELETE = "delete"
    ALERTS = "alerts"
    BOARD = "board"


class Outcome(StrEnum):
    OK = "ok"
    HELD = "held"  # it waits for a person
    REHEARSED = "rehearsed"  # a dry run: nothing was changed
    REFUSED = "refused"
    FAILED = "failed"


class McpToken(SQLModel, table=True):
    """A bearer token for n8n or an agent; shown once, stored as SHA-256."""

    __tablename__ = "mcp_tokens"  # pyright: ignore[reportAssignmentType]

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    name: str = Field(max_length=120)
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    hint: str = Field(max_length=16, description="The first characters, to recognise it by")
    account_ids: list[UUID] = Field(
        default_factory=list,
        sa_type=ARRAY(Uuid),  # pyright: ignore[reportArgumentType]
        nullable=False,
        description="Ids of meta_accounts; the meta domain stands above this one, so no foreign key",
    )
    scopes: list[str] = texts()
    policy: dict[str, Any] = document(dict)
    expires_at: datetime | None = moment(optional=True)
    revoked_at: datetime | None = moment(optional=True)
    stopped_at: datetime | None = moment(optional=True)
    rotated_at: datetime | None = moment(optional=True)
    last_used_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()


class AuditEntry(SQLModel, table=True):
    """One call by a token, append-only; arguments without secrets."""

    __tablename__ = "audit_entries"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (
        Index("audit_entries_by_user", "user_id", "id"),
        Index("audit_entries_by_token", "token_id", "id"),
        Index("audit_entries_by_run", "token_id", "run", "id", postgresql_where=text("run IS NOT NULL")),
        Index("audit_entries_by_moment", "token_id", "created_at", postgresql_where=text("run IS NULL")),
    )

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    token_id: UUID | None = Field(default=None, foreign_key="mcp_tokens.id", ondelete="SET NULL")
    token_name: str = Field(default="", max_length=120)
    door: str = Field(default="mcp", max_length=16, description="mcp or http")
    tool: str = Field(max_length=80)
    arguments: dict[str, Any] = document(dict)
    outcome: Outcome = choice(Outcome)
    error_code: str | None = Field(default=None, max_length=60)
    account_id: UUID | None = None
    object_id: str | None = Field(default=None, max_length=64)
    run: str | None = Field(default=None, max_length=20, description="The caller's own word for its run")
    duration_ms: int = 0
    before: dict[str, Any] | None = optional_document()
    after: dict[str, Any] | None = optional_document()
    created_at: datetime = moment()


class OauthClient(SQLModel, table=True):
    """A program that registered itself to ask people for tokens; its document may hold a secret and is sealed."""

    __tablename__ = "oauth_clients"  # pyright: ignore[reportAssignmentType]

    id: str = Field(primary_key=True, max_length=64)
    name: str = Field(max_length=120)
    sealed_document: str
    created_at: datetime = moment(index=True)


class OauthRequest(SQLModel, table=True):
    """A program's question whether it may have a token: good for ten minutes, answered once, paid out once."""

    __tablename__ = "oauth_requests"  # pyright: ignore[reportAssignmentType]

    id: UUID = key()
    client_id: str = Field(foreign_key="oauth_clients.id", ondelete="CASCADE", index=True, max_length=64)
    redirect_uri: str = Field(max_length=2000)
    redirect_given: bool
    code_challenge: str = Field(max_length=200)
    state: str | None = Field(default=None, max_length=2000)
    scopes: list[str] = texts()
    resource: str | None = Field(default=None, max_length=2000)
    user_id: UUID | None = Field(default=None, foreign_key="users.id", ondelete="CASCADE", index=True)
    account_ids: list[UUID] = Field(
        default_factory=list,
        sa_type=ARRAY(Uuid),  # pyright: ignore[reportArgumentType]
        nullable=False,
    )
    granted: list[str] = texts()
    code_hash: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True)
    expires_at: datetime = moment(default_now=False)
    used_at: datetime | None = moment(optional=True)
    created_at: datetime = moment(index=True)


class OauthRefresh(SQLModel, table=True):
    """What a program shows for a new secret of its token; replaced at every use."""

    __tablename__ = "oauth_refreshes"  # pyright: ignore[reportAssignmentType]

    token_id: UUID = Field(foreign_key="mcp_tokens.id", ondelete="CASCADE", primary_key=True)
    client_id: str = Field(foreign_key="oauth_clients.id", ondelete="CASCADE", index=True, max_length=64)
    refresh_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    expires_at: datetime = moment(default_now=False)
