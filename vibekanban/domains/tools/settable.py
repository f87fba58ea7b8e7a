"""Arguments made of the fields that can be set: what editing learns to set, tools take at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AwareDatetime, Field, create_model

from vibekanban.domains.editing import choices, fields
from vibekanban.domains.editing.fields import Kind
from vibekanban.domains.meta.models import Level
from vibekanban.domains.tools.shapes import Optional, Reference
from vibekanban.domains.tools.writing import Writing

W = TypeVar("W", bound=Writing)

Money = Annotated[Decimal, Field(gt=0, max_digits=15, decimal_places=2)]
Name = Annotated[str, Field(min_length=1, max_length=400)]
Word = Annotated[str, Field(min_length=1, max_length=60)]
Text = Annotated[str, Field(max_length=1000)]
Birth = Literal["PAUSED", "ACTIVE"]
Document = Annotated[dict[str, Any], Field(max_length=100)]

_KINDS: Mapping[Kind, Any] = {
    Kind.TEXT: Text,
    Kind.CHOICE: Word,
    Kind.CHOICES: Annotated[list[Word], Field(max_length=25)],
    Kind.MONEY: Money,
    Kind.RATIO: Annotated[Decimal, Field(gt=0, le=1000)],
    Kind.MOMENT: AwareDatetime,
    Kind.FLAG: bool,
    Kind.DOCUMENT: Document,
    Kind.DOCUMENTS: Annotated[list[Document], Field(max_length=20)],
}
_NAMED: Mapping[str, Any] = {
    "name": Name,
    "creative_id": Reference,
    "bid_strategy": Literal[choices.BID_STRATEGIES],
    "objective": Literal[choices.OBJECTIVES],
    "buying_type": Literal[choices.BUYING_TYPES],
    "billing_event": Literal[tuple(choices.BILLING)],
    "special_ad_categories": Annotated[list[Literal[choices.CATEGORIES]], Field(max_length=10)],
}


def changing(base: type[W], level: Level) -> type[W]:
    """`base` with every field that can be changed; switching and removing have tools of their own."""
    known: dict[str, Any] = {
        name: (_type(field) | (None if field.optional else Optional), None)
        for name, field in fields.EDITABLE[level].items()
        if name != "status"
    }
    return create_model(base.__name__, __base__=base, __doc__=base.__doc__, **known)


def making(base: type[W], level: Level, required: Collection[str]) -> type[W]:
    """`base` with every field that can be set at birth."""
    known: dict[str, Any] = {
        name: (_type(field), ...) if name in required else (_type(field) | Optional, None)
        for name, field in {**fields.EDITABLE[level], **fields.LASTING[level]}.items()
        if name != "status"
    }
    known["status"] = (Birth, "PAUSED")
    return create_model(base.__name__, __base__=base, __doc__=base.__doc__, **known)


def given(asked: Writing, skipped: Collection[str]) -> dict[str, Any]:
    """What the call names, as the fields of an edit."""
    left_out = {*Writing.model_fields, *skipped}
    return {name: getattr(asked, name) for name in sorted(asked.model_fields_set - left_out)}


def _type(field: fields.Field) -> Any:
    return _NAMED.get(field.name, _KINDS[field.kind])
