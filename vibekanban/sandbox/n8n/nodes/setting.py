"""The Set node: items from JSON, or from fields that are assigned one by one."""

from __future__ import annotations

import copy
import json
from typing import Any

from vibekanban.sandbox.n8n.expressions import is_expression, resolvables
from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import Item, Outputs, Step, each, paired
from vibekanban.sandbox.n8n.values import as_text, converted, drop, fetch, put


async def write(step: Step) -> Outputs:
    async def act(number: int, item: Item) -> list[Item]:
        raw = step.raw("mode", "manual") == "raw"
        fields = await (_from_json if raw else _assigned)(step, number)
        return [paired(await _composed(step, number, item, fields), number)]

    return await each(step, act)


async def _from_json(step: Step, number: int) -> dict[str, Any]:
    text = step.raw("jsonOutput", "{}")
    if is_expression(text):
        text = text.lstrip("=")
        for part in resolvables(text):
            value = await step.expressions.resolved("=" + part, number)
            said = (
                json.dumps(value, ensure_ascii=False) if isinstance(value, (dict, list)) else as_text(value)
            )
            text = text.replace(part, said, 1)
    try:
        value = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        raise NodeFailed(f"The 'JSON Output' in item {number} contains invalid JSON", text) from None
    if value is None:
        raise NodeFailed("Cannot convert undefined or null to object")
    if not isinstance(value, dict):
        raise NodeFailed(f"The 'JSON Output' in item {number} does not contain a valid JSON object")
    return value


async def _assigned(step: Step, number: int) -> dict[str, Any]:
    assignments = await step.param("assignments.assignments", number, [])
    loose = bool(await step.param("options.ignoreConversionErrors", number, False))
    fields = {}
    for one in assignments:
        name, value, kind = one["name"], one.get("value"), one.get("type", "string")
        try:
            fields[name] = None if value is None else converted(value, kind, name)
        except NodeFailed as error:
            if not loose:
                raise NodeFailed(f"{error.message} [item {number}]", error.description) from None
            fields[name] = value
    return fields


async def _composed(step: Step, number: int, item: Item, fields: dict[str, Any]) -> dict[str, Any]:
    dots = await step.param("options.dotNotation", number, True)
    others = await step.param("includeOtherFields", number, False)
    include = await step.param("include", number, "all") if others or step.version < 3.3 else "none"
    if include == "all":
        made = copy.deepcopy(item["json"])
    elif include == "selected":
        made = {}
        for key in _names(await step.param("includeFields", number, "")):
            put(made, key.rpartition(".")[2] if dots else key, fetch(item["json"], key, dots=dots), dots=dots)
    elif include == "except":
        made = copy.deepcopy(item["json"])
        for key in _names(await step.param("excludeFields", number, "")):
            drop(made, key, dots=dots)
    else:
        made = {}
    for key, value in fields.items():
        put(made, key, value, dots=dots)
    return made


def _names(text: Any) -> list[str]:
    return [part.strip() for part in str(text).split(",") if part.strip()]
