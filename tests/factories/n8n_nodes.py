"""Nodes of n8n that decide, divide and join, small and whole."""

from __future__ import annotations

from typing import Any

BASE = "n8n-nodes-base."
SINGLE = frozenset({"exists", "notExists", "empty", "notEmpty", "true", "false"})


def a_node(kind: str, version: float, name: str, parameters: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": f"{kind}-{name}",
        "name": name,
        "type": BASE + kind,
        "typeVersion": version,
        "position": [660, 0],
        "parameters": parameters,
        **more,
    }


def a_condition(left: Any, kind: str, operation: str, right: Any = "") -> dict[str, Any]:
    operator: dict[str, Any] = {"type": kind, "operation": operation}
    if operation in SINGLE:
        operator["singleValue"] = True
    elif kind == "array":
        operator["rightType"] = "number" if operation.startswith("length") else "any"
    return {"id": f"{left}{operation}", "leftValue": left, "rightValue": right, "operator": operator}


def conditions(*wanted: dict[str, Any], combinator: str = "and", strict: bool = True) -> dict[str, Any]:
    return {
        "options": {
            "caseSensitive": True,
            "leftValue": "",
            "typeValidation": "strict" if strict else "loose",
            "version": 2,
        },
        "combinator": combinator,
        "conditions": list(wanted),
    }


def an_if(*wanted: dict[str, Any], combinator: str = "and", strict: bool = True) -> dict[str, Any]:
    parameters = {"conditions": conditions(*wanted, combinator=combinator, strict=strict), "options": {}}
    return a_node("if", 2.2, "If", parameters)


def a_filter(*wanted: dict[str, Any]) -> dict[str, Any]:
    return a_node("filter", 2.2, "Filter", {"conditions": conditions(*wanted), "options": {}})


def a_switch(*rules: dict[str, Any], **options: Any) -> dict[str, Any]:
    values = [{"conditions": conditions(rule), "renameOutput": False} for rule in rules]
    return a_node("switch", 3.2, "Switch", {"mode": "rules", "rules": {"values": values}, "options": options})


def a_merge(name: str = "Merge", **parameters: Any) -> dict[str, Any]:
    return a_node("merge", 3.1, name, parameters)


def fields(name: str = "Fields", options: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    """A Set node that assigns fields; a value is (type, what)."""
    assignments = [
        {"id": key, "name": key, "type": kind, "value": value} for key, (kind, value) in values.items()
    ]
    parameters = {"assignments": {"assignments": assignments}, "options": options or {}}
    return a_node("set", 3.4, name, parameters)


def joined(document: dict[str, Any], *links: tuple[str, int, str, int]) -> dict[str, Any]:
    """The document with these connections instead: source, its output, target, its input."""
    connections: dict[str, Any] = {}
    for source, output, target, index in links:
        outputs = connections.setdefault(source, {"main": []})["main"]
        outputs += [[] for _ in range(output + 1 - len(outputs))]
        outputs[output].append({"node": target, "type": "main", "index": index})
    return {**document, "connections": connections}
