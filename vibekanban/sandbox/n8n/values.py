"""Values as JavaScript has them: their text, their types, and their places in an object."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from vibekanban.sandbox.n8n.problems import NodeFailed

PATH = re.compile(r"[^.\[\]]+")


def as_text(value: Any) -> str:
    """`String(value)`."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, dict):
        return "[object Object]"
    if isinstance(value, list):
        return ",".join("" if one is None else as_text(one) for one in value)
    return str(value)


def compact(value: Any) -> str:
    """`JSON.stringify(value)`."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def type_name(value: Any) -> str:
    """`typeof value`."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "string" if isinstance(value, str) else "object"


def number_of(value: Any) -> float | int | None:
    """`Number(value)`, None where that is not a number."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float)):
        return value
    if isinstance(value, str):
        try:
            found = float(value.strip() or 0)
        except ValueError:
            return None
        if not math.isfinite(found):
            return None
        return int(found) if found.is_integer() else found
    return None


def converted(value: Any, kind: str, name: str) -> Any:
    """The value as a field of this type; NodeFailed when it is none."""
    wrong = NodeFailed(
        f"'{name}' expects a {kind} but we got {described(value)}",
        f'To fix the error try to change the type for the field "{name}" or activate the option'
        " “Ignore Type Conversion Errors” to apply a less strict type validation",
    )
    if kind == "string":
        return compact(value) if isinstance(value, (dict, list)) else as_text(value)
    if kind == "number":
        found = number_of(value)
        if found is None:
            raise wrong
        return found
    if kind == "boolean":
        found = truth_of(value)
        if found is None:
            raise wrong
        return found
    wanted = list if kind == "array" else dict
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise wrong from None
    if not isinstance(value, wanted):
        raise wrong
    return value


def truth_of(value: Any) -> bool | None:
    """true, false, 1, 0 and their texts."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False, "1": True, "0": False}.get(value.lower())
    return bool(value) if value in (0, 1) else None


def described(value: Any) -> str:
    """What a value is called in a complaint about it."""
    if value is None:
        return "null"
    if isinstance(value, list):
        return "array"
    if isinstance(value, dict):
        return "object"
    return f"'{as_text(value)}'"


def fetch(value: Any, path: str, *, dots: bool = True) -> Any:
    """What stands at a path; None where nothing does."""
    for part in PATH.findall(path) if dots else [path]:
        if isinstance(value, list) and part.isdigit():
            value = value[int(part)] if int(part) < len(value) else None
        else:
            value = value.get(part) if isinstance(value, dict) else None
    return value


def put(target: dict[str, Any], path: str, value: Any, *, dots: bool = True) -> None:
    """Write at a path, with the objects that lead there."""
    *way, last = PATH.findall(path) if dots else [path]
    for part in way:
        if not isinstance(target.get(part), dict):
            target[part] = {}
        target = target[part]
    target[last] = value


def drop(target: dict[str, Any], path: str, *, dots: bool = True) -> None:
    *way, last = PATH.findall(path) if dots else [path]
    found = fetch(target, ".".join(way)) if way else target
    if isinstance(found, dict):
        found.pop(last, None)
