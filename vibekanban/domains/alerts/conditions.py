"""A condition as people write it: a comparison, or a tree of `all` and `any`; read, and turned into clauses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from vibekanban.core.errors import Invalid
from vibekanban.domains.alerts import checks
from vibekanban.domains.alerts.measures import HOUR_OF_DAY, METRICS, OBJECTS

DEEPEST, MOST_LEAVES, MOST_CLAUSES = 5, 20, 32  # a leaf is a bit of an integer
LARGEST = 1e12


class Operator(StrEnum):
    ABOVE = ">"
    AT_LEAST = ">="
    BELOW = "<"
    AT_MOST = "<="
    EQUAL = "="
    UNEQUAL = "!="


class Compare(StrEnum):
    """What a value is compared with.

    ABSOLUTE: nothing. PREVIOUS, BASELINE: its change in percent against the period before, or the mean of several.
    BUDGET, PACING: spend in percent of the budget of the window, or of its part for the time that has gone by.
    """

    ABSOLUTE = "absolute"
    PREVIOUS = "previous"
    BASELINE = "baseline"
    BUDGET = "budget"
    PACING = "pacing"


Amount = Annotated[float, Field(ge=-LARGEST, le=LARGEST, allow_inf_nan=False)]


class Written(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True)


class Minimum(Written):
    """How much there must be of something before a value says anything."""

    metric: Literal["spend", "impressions", "clicks", "linkClicks", "conversions", "revenue"]
    value: Annotated[float, Field(ge=0, le=LARGEST, allow_inf_nan=False)]


class Leaf(Written):
    """One comparison; `window` and `minimum` are the alert's unless it has its own."""

    metric: str
    operator: Operator
    value: Amount
    compare: Compare = Compare.ABSOLUTE
    periods: Annotated[int, Field(ge=1, le=28)] | None = None
    same_weekday: bool = False
    window: str | None = None
    minimum: Minimum | None = None


@dataclass(frozen=True)
class Condition:
    """The leaves in the order they were written, and which of them together are enough."""

    leaves: tuple[Leaf, ...]
    clauses: tuple[frozenset[int], ...]


def read(document: Any) -> Condition:
    """The condition of a document; Invalid names the place that is wrong (`condition.all.0.metric`)."""
    leaves: list[Leaf] = []
    clauses = _node(document, "condition", 1, leaves)
    return Condition(tuple(leaves), tuple(dict.fromkeys(clauses)))


def read_minimum(document: Any, at: str = "minimum") -> Minimum:
    """A minimum of a document; Invalid names the place that is wrong."""
    if not isinstance(document, dict):
        raise Invalid({at: "alerts.field.minimum"})
    try:
        return Minimum.model_validate(document)
    except ValidationError as error:
        raise Invalid({at: "alerts.field.minimum"}) from error


def _node(document: Any, at: str, depth: int, leaves: list[Leaf]) -> list[frozenset[int]]:
    """A part of the tree as clauses: sets of leaves that are enough by themselves."""
    if not isinstance(document, dict) or not document:
        raise Invalid({at: "alerts.field.condition"})
    if "check" in document:
        return _node(checks.written(document, at), at, depth, leaves)
    joined = [name for name in ("all", "any") if name in document]
    if not joined:
        leaves.append(_leaf(document, at))
        if len(leaves) > MOST_LEAVES:
            raise Invalid({"condition": "alerts.field.too_large"}, most=MOST_LEAVES)
        return [frozenset({len(leaves) - 1})]
    parts = document[joined[0]]
    if len(document) > 1 or not isinstance(parts, list) or not parts:
        raise Invalid({at: "alerts.field.condition"})
    if depth >= DEEPEST:
        raise Invalid({at: "alerts.field.too_deep"}, deepest=DEEPEST)
    below = [_node(part, f"{at}.{joined[0]}.{place}", depth + 1, leaves) for place, part in enumerate(parts)]
    clauses = _every(below) if joined[0] == "all" else [clause for part in below for clause in part]
    if len(clauses) > MOST_CLAUSES:
        raise Invalid({"condition": "alerts.field.too_large"}, most=MOST_LEAVES)
    return clauses


def _every(parts: list[list[frozenset[int]]]) -> list[frozenset[int]]:
    """One clause of every part, in every combination."""
    clauses: list[frozenset[int]] = [frozenset()]
    for part in parts:
        clauses = [clause | more for clause in clauses for more in part]
        if len(clauses) > MOST_CLAUSES:
            raise Invalid({"condition": "alerts.field.too_large"}, most=MOST_LEAVES)
    return clauses


WATCHED = (*METRICS, *OBJECTS, HOUR_OF_DAY)
ALLOWED = {"metric": ", ".join(WATCHED), "compare": ", ".join(Compare)}
_WRONG = {
    "metric": "field.choice",
    "operator": "alerts.field.operator",
    "value": "alerts.field.value",
    "compare": "field.choice",
    "periods": "alerts.field.periods",
    "minimum": "alerts.field.minimum",
}


def _leaf(document: dict[str, Any], at: str) -> Leaf:
    try:
        leaf = Leaf.model_validate(document)
    except ValidationError as error:
        wrong = dict(_places(error, at))
        about = {place: {"expected": ALLOWED.get(place.rpartition(".")[2], "")} for place in wrong}
        raise Invalid(wrong, about=about) from error
    if leaf.metric not in WATCHED:
        raise Invalid.choice(f"{at}.metric", WATCHED)
    if leaf.metric not in METRICS and leaf.compare is not Compare.ABSOLUTE:
        raise Invalid({f"{at}.compare": "alerts.field.compare_objects"})
    if leaf.compare in {Compare.BUDGET, Compare.PACING} and leaf.metric != "spend":
        raise Invalid({f"{at}.compare": "alerts.field.compare_budget"})
    if leaf.periods is not None and leaf.compare is not Compare.BASELINE:
        raise Invalid({f"{at}.periods": "alerts.field.periods"})
    return leaf


def _places(error: ValidationError, at: str) -> Iterator[tuple[str, str]]:
    for wrong in error.errors():
        name = str(wrong["loc"][0]) if wrong["loc"] else ""
        yield f"{at}.{name}" if name else at, _WRONG.get(name, "alerts.field.condition")
