"""How values look on the wire: camelCase, string ids, UTC with Z, money as decimal strings, cursors."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import AwareDatetime, BeforeValidator, ConfigDict
from pydantic_core import PydanticCustomError

from vibekanban.core.shapes import Shape
from vibekanban.domains.meta.cursors import BadCursor

T = TypeVar("T")
W = TypeVar("W", bound=Shape)


def _written(pattern: str) -> BeforeValidator:
    """Input of the given form only: pydantic alone takes any number for a moment of 1970."""
    form = re.compile(pattern)

    def check(value: object) -> object:
        if isinstance(value, date) or (isinstance(value, str) and form.match(value)):
            return value
        raise PydanticCustomError("date_parsing", "not written as a date")

    return BeforeValidator(check)


Day = Annotated[date, _written(r"\d{4}-\d{2}-\d{2}$")]
Instant = Annotated[AwareDatetime, _written(r"\d{4}-\d{2}-\d{2}[Tt ]")]


class Wire(Shape):
    """Base of every body: camelCase outside, snake_case inside; unknown input fields are refused."""

    model_config = ConfigDict(extra="forbid")


def example(values: Mapping[str, Any] | None = None, /, **more: Any) -> ConfigDict:
    """The `model_config` of a body with its example in the reference, under its outside names."""
    return ConfigDict(json_schema_extra={"examples": [{**(values or {}), **more}]})


class Page(Wire, Generic[T]):
    """A page of a list; `nextCursor` is null on the last."""

    items: list[T]
    next_cursor: str | None = None


def page(kind: type[W], found: Sequence[Any], limit: int, cursor: Callable[[Any], str]) -> Page[W]:
    """A page of what was read with `limit + 1`: the one more tells that there is a next page."""
    return Page(
        items=[kind.model_validate(item) for item in found[:limit]],
        next_cursor=cursor(found[limit - 1]) if len(found) > limit else None,
    )


Limit = Annotated[int, Query(ge=1, le=100, description="Items a page")]
Cursor = Annotated[str | None, Query(max_length=200, description="`nextCursor` of the page before")]


def words(text: str) -> list[str]:
    """What stands between commas."""
    return [part.strip() for part in text.replace("\x00", "").split(",") if part.strip()]


def cursor_of(last: UUID) -> str:
    """The opaque cursor that continues after a row."""
    return base64.urlsafe_b64encode(last.bytes).decode().rstrip("=")


def after(cursor: str | None) -> UUID | None:
    """The id a cursor stands for; BadCursor when it is not one of ours."""
    if not cursor:
        return None
    try:
        return UUID(bytes=base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error) as error:
        raise BadCursor() from error
