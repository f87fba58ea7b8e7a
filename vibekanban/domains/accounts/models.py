"""Tables of people: users, their sessions, one-time tokens sent by e-mail, and answers kept for a repeat."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from vibekanban.core.columns import choice, key, moment


class Role(StrEnum):
    """What a person is here; ESTRATEGA by an approved application, ADMIN by the command line."""

    TRAFICER = "TRAFICER"
    ESTRATEGA = "ESTRATEGA"
    EMPRESARIO = "EMPRESARIO"
    ADMIN = "ADMIN"


class SessionKind(StrEnum):
    BROWSER = "browser"
    API = "api"


class Purpose(StrEnum):
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105 - the name of a purpose


class User(SQLModel, table=True):
    """A person who signs in; the e-mail is stored lower-case."""

    __tablename__ = "users"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (Index("users_email_key", text("lower(email)"), unique=True),)

    id: UUID = key()
    email: str = Field(max_length=254)
    name: str = Field(max_length=120)
    password_hash: str
    role: Role = choice(Role, Role.TRAFICER)
    is_verified: bool = False
    is_active: bool = True
    locale: str = Field(default="es", max_length=2)
    timezone: str = Field(default="Europe/Madrid", max_length=64)
    failed_sign_ins: int = 0
    locked_until: datetime | None = moment(optional=True)
    agents_stopped_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()
    updated_at: datetime = moment()


class UserSession(SQLModel, table=True):
    """One sign-in: a browser (opaque cookie, stored hashed) or an API token (its `sid` claim)."""

    __tablename__ = "user_sessions"  # pyright: ignore[reportAssignmentType]

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    kind: SessionKind = choice(SessionKind)
    token_hash: bytes | None = Field(default=None, sa_type=LargeBinary, unique=True)
    address: str = Field(default="", max_length=64)
    user_agent: str = Field(default="", max_length=300)
    created_at: datetime = moment()
    last_seen_at: datetime = moment()
    expires_at: datetime = moment(default_now=False)
    ended_at: datetime | None = moment(optional=True)


class OneTimeToken(SQLModel, table=True):
    """A link sent by e-mail, good once; only its hash is stored."""

    __tablename__ = "one_time_tokens"  # pyright: ignore[reportAssignmentType]

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", index=True, ondelete="CASCADE")
    purpose: Purpose = choice(Purpose)
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    expires_at: datetime = moment(default_now=False)
    used_at: datetime | None = moment(optional=True)
    created_at: datetime = moment()


class IdempotencyKey(SQLModel, table=True):
    """A write under an `Idempotency-Key`, and its first answer; sealed, since it may hold a secret."""

    __tablename__ = "idempotency_keys"  # pyright: ignore[reportAssignmentType]
    __table_args__ = (UniqueConstraint("user_id", "key"),)

    id: UUID = key()
    user_id: UUID = Field(foreign_key="users.id", ondelete="CASCADE")
    key: str = Field(max_length=255)
    target: str = Field(max_length=300, description="Method and path")
    request_hash: bytes = Field(sa_type=LargeBinary)
    status: int | None = Field(default=None, description="Of the first answer; empty while it is made")
    sealed_answer: str = ""
    created_at: datetime = moment(index=True)
