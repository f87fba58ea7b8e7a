"""What an edit changes of what Meta holds, and whether it arrived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibekanban.domains.editing import fields
from vibekanban.domains.editing.errors import ChangedSince
from vibekanban.domains.meta.models import Level
from vibekanban.domains.meta.objects import Live


@dataclass(frozen=True)
class Difference:
    """One field before and after, as the change log writes it."""

    field: str
    before: Any
    after: Any


def different(level: Level, row: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that Meta does not hold already, and those it wants to see together with them."""
    editable = fields.EDITABLE[level]
    names = {
        name
        for name, value in wanted.items()
        if not fields.same(editable[name], value, fields.read(editable[name], row))
    }
    for group in fields.TOGETHER:
        if names & group:
            names |= group & wanted.keys()
    return {name: value for name, value in wanted.items() if name in names}


def took(level: Level, row: Mapping[str, Any], values: Mapping[str, Any]) -> bool:
    """Whether what was sent is there; Meta adds to documents what they left open."""
    editable = fields.EDITABLE[level]

    def there(name: str, value: Any) -> bool:
        found = fields.read(editable[name], row)
        return fields.same(editable[name], value, found) or (
            isinstance(value, Mapping | list) and fields.holds(value, found)
        )

    return all(there(name, value) for name, value in values.items())


def check_unchanged(level: Level, row: Mapping[str, Any], expected: Mapping[str, Any], currency: str) -> None:
    """ChangedSince when Meta holds something else than what the caller saw last."""
    editable = fields.EDITABLE[level]
    moved = {
        editable[name].shown_name: fields.shown(editable[name], fields.read(editable[name], row), currency)
        for name in different(level, row, expected)
        if not took(level, row, {name: expected[name]})
    }
    if moved:
        raise ChangedSince(moved)


def differences(
    level: Level, row: Mapping[str, Any], values: Mapping[str, Any], currency: str
) -> tuple[Difference, ...]:
    editable = fields.EDITABLE[level]
    every = (
        Difference(
            editable[name].shown_name,
            fields.shown(editable[name], fields.read(editable[name], row), currency),
            fields.shown(editable[name], value, currency),
        )
        for name, value in values.items()
    )
    return tuple(one for one in every if one.before != one.after)


def shown(differences: Sequence[Difference], live: Live, side: str) -> dict[str, Any]:
    """A side of the change as the log keeps it; a change of status shows what came of it too."""
    found = {one.field: getattr(one, side) for one in differences}
    return found | (live.shown if "status" in found else {})


def expected(before: Live, values: Mapping[str, Any]) -> Live:
    """What will be, until Meta says what is."""
    status = values.get("status")
    if status is None:
        return before
    effective = before.effective_status if status == "ACTIVE" and before.status == "ACTIVE" else status
    return Live(status, effective, None)
