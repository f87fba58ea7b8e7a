"""What tools take and give: camelCase outside, strict inside, short tables with a cursor."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic.alias_generators import to_camel
from pydantic.json_schema import SkipJsonSchema

from vibekanban.core import columns
from vibekanban.core.shapes import Shape
from vibekanban.domains.meta import cursors

T = TypeVar("T")


Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
Optional = SkipJsonSchema[None]  # optional for us, simply absent from `required` for models
Delivery = Literal[
    "ACTIVE", "PAUSED", "CAMPAIGN_PAUSED", "ADSET_PAUSED", "IN_PROCESS", "WITH_ISSUES", "PENDING_REVIEW",
    "DISAPPROVED", "PREAPPROVED", "PENDING_BILLING_INFO", "ARCHIVED", "DELETED",
]  # fmt: skip


class Arguments(BaseModel):
    """Base of every tool's arguments; unknown ones are refused, so that a typing error is noticed."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", hide_input_in_errors=True
    )

    @field_validator("*", mode="before")
    @classmethod
    def _sound(cls, value: Any) -> Any:
        """Refuse what PostgreSQL cannot hold in a text, before it gets there."""
        if isinstance(value, str):
            try:
                value.encode()
            except UnicodeEncodeError:
                raise ValueError("not text") from None
            if "\x00" in value:
                raise ValueError("not text")
        return value


class Paging(Arguments):
    """Every list is read page by page; nothing is cut off silently."""

    limit: int = Field(25, ge=1, le=100)
    cursor: Annotated[str, StringConstraints(max_length=2500)] | Optional = None


class Table(Shape, Generic[T]):
    """A page of rows; while `hasMore` is true, call again with `cursor` = `nextCursor`."""

    items: list[T]
    has_more: bool
    next_cursor: str | None


def table(items: list[T], next_cursor: str | None) -> Table[T]:
    return Table[T](items=items, has_more=next_cursor is not None, next_cursor=next_cursor)


def age(moment: datetime | None) -> int | None:
    """Seconds since we read it from Meta."""
    return None if moment is None else max(0, round((columns.now() - moment).total_seconds()))


def past(cursor: str | None) -> UUID | None:
    """The last row of the page before, where rows are in the order of their ids."""
    return cursors.decode(cursor, str)[1] if cursor else None


def page_of(rows: list[Any], limit: int) -> Table[Any]:
    """A page of rows that were read one too many, to know whether there are more."""
    page = rows[:limit]
    return table(page, cursors.encode("", page[-1].id) if len(rows) > limit else None)
