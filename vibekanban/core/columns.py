"""Column types shared by every table: keys, moments, choices."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import uuid_utils.compat as uuid7s
from sqlalchemy import BigInteger, DateTime, Text, func
from sqlalchemy import Enum as ChoiceType
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field


def new_id() -> UUID:
    """A UUIDv7: later ids sort after earlier ones, so inserts stay local and pages sort by id."""
    return uuid7s.uuid7()


def id_at(moment: datetime) -> UUID:
    """An id that sorts among others as if it had been made then, at the end of that second."""
    milliseconds = int(moment.timestamp()) * 1000 + 999
    return UUID(int=(milliseconds << 80) | (new_id().int & ((1 << 80) - 1)))


def now() -> datetime:
    return datetime.now(UTC)


def key() -> Any:
    """The primary key of a table."""
    return Field(default_factory=new_id, primary_key=True)


def moment(*, index: bool = False, optional: bool = False, default_now: bool = True) -> Any:
    """A UTC-aware timestamp; set to now unless it is optional."""
    if optional:
        return Field(default=None, sa_type=DateTime(timezone=True), index=index, nullable=True)  # pyright: ignore[reportArgumentType, reportCallIssue]
    if not default_now:
        return Field(sa_type=DateTime(timezone=True), index=index, nullable=False)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return Field(
        default_factory=now,
        sa_type=DateTime(timezone=True),  # pyright: ignore[reportArgumentType]
        index=index,
        nullable=False,
        sa_column_kwargs={"server_default": func.now()},
    )


def choice(kind: type[StrEnum], default: Any = ..., *, index: bool = False) -> Any:
    """An enum stored by value in a VARCHAR with a CHECK, so that adding a value is a cheap migration."""
    stored = ChoiceType(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        name=kind.__name__.lower(),
    )
    extra = {} if default is ... else {"default": default}
    return Field(sa_type=stored, nullable=False, index=index, **extra)  # pyright: ignore[reportArgumentType, reportCallIssue]


def document(default: Any = ...) -> Any:
    """A JSONB value."""
    factory = {} if default is ... else {"default_factory": default}
    return Field(sa_type=JSONB, nullable=False, **factory)  # pyright: ignore[reportArgumentType, reportCallIssue]


def optional_document() -> Any:
    return Field(default=None, sa_type=JSONB, nullable=True)  # pyright: ignore[reportArgumentType, reportCallIssue]


def texts() -> Any:
    """A TEXT[] that starts empty."""
    return Field(default_factory=list, sa_type=ARRAY(Text), nullable=False)  # pyright: ignore[reportArgumentType, reportCallIssue]


def big(default: int | None = None, *, optional: bool = False) -> Any:
    """A BIGINT: minor units, micro-units and counts; a default holds for set-based inserts too."""
    if optional:
        return Field(default=None, sa_type=BigInteger, nullable=True)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return Field(
        default=default,
        sa_type=BigInteger,  # pyright: ignore[reportArgumentType]
        nullable=False,
        sa_column_kwargs={} if default is None else {"server_default": str(default)},
    )
