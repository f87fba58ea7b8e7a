"""Where a sorted list continues: the sort value and the id of the last row, as one opaque text."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

import orjson

from vibekanban.core.errors import Malformed

T = TypeVar("T")


class BadCursor(Malformed):
    code = "bad_cursor"


def encode(value: str | int | None, last: UUID) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([value, str(last)])).decode().rstrip("=")


def decode(cursor: str, kind: type[Any]) -> tuple[Any, UUID]:
    """The sort value, of the given kind, and the id; BadCursor for anything that is not one of ours."""
    try:
        value, last = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if type(value) is not kind or (kind is int and abs(value) >= 2**63):
            raise BadCursor()
        if isinstance(value, str) and "\x00" in value:
            raise BadCursor()
        return value, UUID(last)
    except (ValueError, TypeError, AttributeError, binascii.Error) as error:
        raise BadCursor() from error


def stretch(rows: Sequence[T], cursor: str | None, limit: int, of: UUID) -> tuple[list[T], str | None]:
    """A page of a list that is made anew each time, by position; a cursor of another list is refused."""
    start = 0
    if cursor:
        start, last = decode(cursor, int)
        if last != of or start < 0:
            raise BadCursor()
    end = start + limit
    return list(rows[start:end]), encode(end, of) if len(rows) > end else None
