"""The conditions of If, Switch and Filter, with n8n's types and their strictness."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import ABSENT
from vibekanban.sandbox.n8n.values import as_text, number_of, truth_of, type_name

INVALID = object()
LESS_STRICT = (
    "Try changing the type of comparison. Alternatively you can enable 'Convert types where required'."
)


def holds(wanted: dict[str, Any], item: int, *, loose: bool = False) -> bool:
    """Whether resolved conditions hold for an item; NodeFailed when a value has the wrong type."""
    options = wanted.get("options", {})
    strict = not loose and options.get("typeValidation", "strict") == "strict"
    ignore_case = not options.get("caseSensitive", True)
    version = float(options.get("version", 1))
    passed = (
        _one(condition, strict, ignore_case, version, f"[condition {number}, item {item}]")
        for number, condition in enumerate(wanted.get("conditions", []))
    )
    return any(passed) if wanted.get("combinator", "and") == "or" else all(passed)


def _one(condition: dict[str, Any], strict: bool, ignore_case: bool, version: float, where: str) -> bool:
    operator = condition["operator"]
    kind, operation = operator["type"], operator["operation"]
    right_kind = operator.get("rightType", kind)
    given_left, given_right = condition.get("leftValue"), condition.get("rightValue")
    left, right = (
        _parsed(given_left, kind, strict, version),
        _parsed(given_right, right_kind, strict, version),
    )
    single = bool(operator.get("singleValue"))
    if (
        left is INVALID
        and right is INVALID
        and type_name(given_left) == type_name(given_right)
        and not single
    ):
        named = _article(type_name(given_left))
        raise NodeFailed(f"Comparison type expects {_article(kind)} but both fields are {named}", LESS_STRICT)
    if left is INVALID:
        raise _wrong(given_left, kind, strict, where)
    if right is INVALID and not single:
        raise _wrong(given_right, right_kind, strict, where)
    if operation in ("exists", "notExists"):
        return (not _nothing(left)) == (operation == "exists")
    return _TESTS[kind](operation, left, None if right is INVALID else right, ignore_case)


def _parsed(value: Any, kind: str, strict: bool, version: float) -> Any:
    """The value in this type; INVALID when it has another and may not be converted."""
    if value is None or value is ABSENT:
        return value
    if kind == "string":
        if isinstance(value, str) or not strict:
            return value if isinstance(value, str) else _loose_text(value)
        return INVALID
    if kind == "number":
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return value
        if version >= 3 and (value == [] or (isinstance(value, str) and not value.strip())):
            return None
        found = number_of(value) if not strict or isinstance(value, str) else None
        return INVALID if found is None or strict else found
    if kind == "boolean":
        if isinstance(value, bool):
            return value
        if strict:
            return INVALID
        found = truth_of(value)
        return bool(value) if found is None else found
    if kind == "any":
        return value
    if kind == "dateTime":
        return _moment(value)
    wanted = list if kind == "array" else dict
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return INVALID
    return value if isinstance(value, wanted) else INVALID


def _nothing(value: Any) -> bool:
    return value is None or value is ABSENT


def _loose_text(value: Any) -> str:
    return json.dumps(value, separators=(",", ":")) if isinstance(value, (dict, list)) else as_text(value)


def _moment(value: Any) -> Any:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value / 1000 if value > 10_000_000_000 else float(value)
    try:
        found = datetime.fromisoformat(str(value))
    except ValueError:
        return INVALID
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()


def _wrong(value: Any, kind: str, strict: bool, where: str) -> NodeFailed:
    actual = type_name(value)
    if strict:
        said = (
            f"Wrong type: '{as_text(value)}' is {_article(actual)} but was expecting {_article(kind)} {where}"
        )
    else:
        said = f"Conversion error: the {actual} '{as_text(value)}' can't be converted to {_article(kind)} {where}"
    return NodeFailed(said, LESS_STRICT)


def _article(noun: str) -> str:
    return f"{'an' if noun[0] in 'aeiou' else 'a'} {noun.lower()}"


def _text(operation: str, left: Any, right: Any, ignore_case: bool) -> bool:
    left, right = ("" if _nothing(one) else one for one in (left, right))
    if ignore_case:
        left = left.lower()
        right = right if operation in ("regex", "notRegex") else right.lower()
    base = operation.removeprefix("not")
    base = base[:1].lower() + base[1:]
    found = {
        "empty": lambda: not left,
        "equals": lambda: left == right,
        "contains": lambda: right in left,
        "startsWith": lambda: left.startswith(right),
        "endsWith": lambda: left.endswith(right),
        "regex": lambda: _matches(right, left),
    }.get(base)
    return found is not None and found() != operation.startswith("not")


def _matches(pattern: str, text: str) -> bool:
    """A pattern of JavaScript, bare or between slashes; those of Python are close enough for strategies."""
    literal = re.fullmatch(r"/(.*)/([gimusy]*)", pattern, re.DOTALL)
    flags = 0
    if literal:
        pattern = literal[1]
        flags = (re.IGNORECASE if "i" in literal[2] else 0) | (re.MULTILINE if "m" in literal[2] else 0)
    try:
        return re.search(pattern, text, flags) is not None
    except re.error as error:
        raise NodeFailed(f"Invalid regular expression: /{pattern}/: {error}") from None


def _ordered(operation: str, left: Any, right: Any, _ignore_case: bool) -> bool:
    if operation in ("empty", "notEmpty"):
        return _nothing(left) == (operation == "empty")
    if operation in ("equals", "notEquals"):
        return (left == right) == (operation == "equals")
    if left is ABSENT or right is ABSENT:
        return False  # in JavaScript undefined is neither less nor more than anything, and null counts as 0
    left, right = left or 0, right or 0
    compared = {"gt": left > right, "lt": left < right, "gte": left >= right, "lte": left <= right}
    return compared.get(operation, False)


def _moments(operation: str, left: Any, right: Any, ignore_case: bool) -> bool:
    if operation not in ("empty", "notEmpty") and (_nothing(left) or _nothing(right)):
        return False
    other = {"after": "gt", "before": "lt", "afterOrEquals": "gte", "beforeOrEquals": "lte"}
    return _ordered(other.get(operation, operation), left, right, ignore_case)


def _truth(operation: str, left: Any, right: Any, ignore_case: bool) -> bool:
    if operation in ("true", "false"):
        return (not _nothing(left) and bool(left)) == (operation == "true")
    return _ordered(operation, left, right, ignore_case)


def _array(operation: str, left: Any, right: Any, ignore_case: bool) -> bool:
    left = [] if _nothing(left) else left
    if operation in ("contains", "notContains"):
        if ignore_case and isinstance(right, str):
            found = any(isinstance(one, str) and one.lower() == right.lower() for one in left)
        else:
            found = right in left
        return found == (operation == "contains")
    if operation in ("empty", "notEmpty"):
        return (not left) == (operation == "empty")
    measure = operation.removeprefix("length")
    return _ordered(measure[:1].lower() + measure[1:], len(left), right, ignore_case)


def _object(operation: str, left: Any, _right: Any, _ignore_case: bool) -> bool:
    return (_nothing(left) or not left) == (operation == "empty")


_TESTS = {
    "string": _text, "number": _ordered, "dateTime": _moments, "boolean": _truth, "array": _array, "object": _object,
}  # fmt: skip
