"""What a call's `filtering` keeps: conditions on objects and their parents, and on numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from vibekanban.sandbox.graph.problems import GraphError

LEVELS = ("campaign", "adset", "ad")
METRICS = {
    "impressions": "impressions", "spend": "spend", "clicks": "clicks", "link_clicks": "link_clicks",
    "inline_link_clicks": "link_clicks",
}  # fmt: skip
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "IN": lambda have, want: str(have) in {str(one) for one in want},
    "NOT_IN": lambda have, want: str(have) not in {str(one) for one in want},
    "EQUAL": lambda have, want: str(have) == str(want),
    "NOT_EQUAL": lambda have, want: str(have) != str(want),
    "CONTAIN": lambda have, want: str(want).lower() in str(have or "").lower(),
    "NOT_CONTAIN": lambda have, want: str(want).lower() not in str(have or "").lower(),
    "STARTS_WITH": lambda have, want: str(have or "").lower().startswith(str(want).lower()),
    "GREATER_THAN": lambda have, want: _number(have) > _number(want),
    "GREATER_THAN_OR_EQUAL": lambda have, want: _number(have) >= _number(want),
    "LESS_THAN": lambda have, want: _number(have) < _number(want),
    "LESS_THAN_OR_EQUAL": lambda have, want: _number(have) <= _number(want),
    "IN_RANGE": lambda have, want: _number(want[0]) <= _number(have) <= _number(want[1]),
    "NOT_IN_RANGE": lambda have, want: not _number(want[0]) <= _number(have) <= _number(want[1]),
}
Find = Callable[[str], dict[str, Any] | None]


@dataclass(frozen=True)
class Condition:
    """`level` is the object it speaks of, empty for the row's own; `metric` conditions are on the row's numbers."""

    level: str
    name: str
    operator: str
    wanted: Any

    @property
    def metric(self) -> bool:
        return self.name in METRICS

    def holds(self, have: Any) -> bool:
        try:
            return OPERATORS[self.operator](have, self.wanted)
        except (TypeError, ValueError, IndexError):
            raise GraphError(100, f"(#100) The value of the filter on {self.name} is not valid") from None


def read(filtering: Any) -> list[Condition]:
    """The conditions of a `filtering` parameter; all must hold."""
    if filtering in (None, "", []):
        return []
    if not isinstance(filtering, list) or not all(isinstance(one, dict) for one in filtering):
        raise GraphError(100, "(#100) param filtering must be an array.")
    found = []
    for one in filtering:
        prefix, _, name = str(one.get("field", "")).rpartition(".")
        operator = str(one.get("operator", "")).upper()
        if operator not in OPERATORS:
            raise GraphError(
                100,
                f"(#100) filtering[0][operator] must be one of the following values: {', '.join(OPERATORS)}",
            )
        level = prefix if prefix in LEVELS else ""
        found.append(Condition(level, name, operator, one.get("value")))
    return found


def holds(conditions: list[Condition], level: str, fields: dict[str, Any], find: Find) -> bool:
    """Whether an object of a level meets all conditions on objects that it can meet."""
    return all(
        condition.holds(_have(condition, level, fields, find))
        for condition in conditions
        if not condition.metric
    )


def _have(condition: Condition, level: str, fields: dict[str, Any], find: Find) -> Any:
    if condition.level in {"", level}:
        return fields.get(condition.name)
    parent_id = fields.get(f"{condition.level}_id")
    if condition.name == "id" or not parent_id:
        return parent_id
    return (find(str(parent_id)) or {}).get(condition.name)


def _number(raw: Any) -> float:
    """A number, or a time as seconds."""
    try:
        return float(raw or 0)
    except ValueError:
        return datetime.fromisoformat(str(raw).replace("+0000", "+00:00")).timestamp()
