"""Nodes that change how many items there are: Split Out, Limit, Merge."""

from __future__ import annotations

import copy
import json
from typing import Any

from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import Item, Outputs, Step, paired
from vibekanban.sandbox.n8n.values import drop, fetch, put


async def split(step: Step) -> Outputs:
    """An item for every entry of a list."""
    given: list[Item] = []
    for number, item in enumerate(step.items):
        fields = _names(await step.param("fieldToSplitOut", number, ""))
        named = _names(await step.param("options.destinationFieldName", number, ""))
        if named and len(named) != len(fields):
            raise NodeFailed(
                "If multiple fields to split out are given, the same number of destination fields must be given"
            )
        include = await step.param("include", number, "noOtherFields")
        dots = not await step.param("options.disableDotNotation", number, False)
        rows: list[dict[str, Any]] = []
        for position, field in enumerate(fields):
            bare = len(fields) == 1 and not named and include == "noOtherFields"
            for row, entry in enumerate(_entries(fetch(item["json"], field, dots=dots))):
                if row == len(rows):
                    rows.append({})
                if bare and isinstance(entry, dict):
                    rows[row] |= entry
                else:
                    rows[row][named[position] if named else field] = entry
        others = await _others(step, number, item, include, fields, dots)
        given += [paired({**others, **row}, number) for row in rows]
    return [given]


async def _others(
    step: Step, number: int, item: Item, include: str, fields: list[str], dots: bool
) -> dict[str, Any]:
    if include == "allOtherFields":
        kept = copy.deepcopy(item["json"])
        for field in fields:
            drop(kept, field, dots=dots)
        return kept
    if include == "selectedOtherFields":
        wanted = _names(await step.param("fieldsToInclude", number, ""))
        if not wanted:
            raise NodeFailed("No fields specified", "Please add a field to include")
        return {field: fetch(item["json"], field, dots=dots) for field in wanted}
    return {}


def _entries(found: Any) -> list[Any]:
    if found is None:
        return []
    if isinstance(found, dict):
        return list(found.values())
    return found if isinstance(found, list) else [found]


def _names(value: Any) -> list[str]:
    parts = value if isinstance(value, list) else str(value).split(",")
    return [str(part).strip().removeprefix("$json.") for part in parts if str(part).strip()]


async def limit(step: Step) -> Outputs:
    count = int(await step.param("maxItems", 0, 1))
    if count >= len(step.items):
        return [step.items]
    first = await step.param("keep", 0, "firstItems") == "firstItems"
    return [step.items[:count] if first else step.items[len(step.items) - count :]]


async def merge(step: Step) -> Outputs:
    """Several inputs into one."""
    mode = await step.param("mode", 0, "append")
    if mode == "chooseBranch":
        if await step.param("output", 0, "specifiedInput") == "empty":
            return [[{"json": {}, "pairedItem": {"item": 0}}]]
        number = int(await step.param("useDataOfInput", 0, 1))
        if number > len(step.inputs):
            raise NodeFailed(f"Input {number} doesn't exist")
        return [step.inputs[number - 1]]
    if mode != "combine":
        return [[item for items in step.inputs for item in items]] if mode == "append" else _unknown(mode)
    by = await step.param("combineBy", 0, "combineByFields")
    if by == "combineByPosition":
        return await _by_position(step)
    if by == "combineAll":
        first, second = step.inputs[0], step.inputs[1]
        return [[_joined(one, other) for one in first for other in second]]
    if by == "combineByFields":
        return await _by_fields(step)
    return _unknown(by)


async def _by_position(step: Step) -> Outputs:
    unpaired = await step.param("options.includeUnpaired", 0, False)
    counts = [len(items) for items in step.inputs]
    given = []
    for row in range(max(counts) if unpaired else min(counts)):
        found = [items[row] for items in step.inputs if row < len(items)]
        whole = found[0]
        for other in found[1:]:
            whole = _joined(whole, other)
        given.append(whole)
    return [given]


async def _by_fields(step: Step) -> Outputs:
    if await step.param("advanced", 0, False):
        pairs = await step.param("mergeByFields.values", 0, [])
        fields = [(one["field1"], one["field2"]) for one in pairs]
    else:
        fields = [(name, name) for name in _names(await step.param("fieldsToMatchString", 0, ""))]
    if not fields:
        raise NodeFailed('You need to define at least one pair of fields in "Fields to Match" to match on')
    join = await step.param("joinMode", 0, "keepMatches")
    first, second = step.inputs[0], step.inputs[1]
    matched, alone, met = [], [], set[int]()
    for one in first:
        key = _key(one, [left for left, _ in fields])
        partners = [
            n
            for n, other in enumerate(second)
            if key is not None and _key(other, [r for _, r in fields]) == key
        ]
        met.update(partners)
        matched += [(one, second[number]) for number in partners]
        if not partners:
            alone.append(one)
    rest = [other for number, other in enumerate(second) if number not in met]
    whole = await step.param("outputDataFrom", 0, "both")
    if join == "keepNonMatches":
        return [{"input1": alone, "input2": rest}.get(whole, [*alone, *rest])]
    if join == "enrichInput1":
        return [[*(_joined(one, other) for one, other in matched), *alone]]
    if join == "enrichInput2":
        return [[*(_joined(one, other) for one, other in matched), *rest]]
    if whole == "input1" and join == "keepMatches":
        given = [
            one for number, (one, _) in enumerate(matched) if one not in [m[0] for m in matched[:number]]
        ]
    elif whole == "input2" and join == "keepMatches":
        given = [second[number] for number in sorted(met)]
    else:
        given = [_joined(one, other) for one, other in matched]
    return [[*given, *alone, *rest] if join == "keepEverything" else given]


def _key(item: Item, fields: list[str]) -> str | None:
    """What an item is matched by; None when it lacks a field."""
    found = [fetch(item["json"], field) for field in fields]
    return None if any(value is None for value in found) else json.dumps(found, sort_keys=True)


def _joined(one: Item, other: Item) -> Item:
    """Both items in one; where they clash, the second wins, and objects are joined within."""
    pairs = [pair for item in (one, other) if (pair := item.get("pairedItem")) is not None]
    flat = [part for pair in pairs for part in (pair if isinstance(pair, list) else [pair])]
    return {"json": _deep(one["json"], other["json"]), "pairedItem": flat}


def _deep(one: Any, other: Any) -> Any:
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other
    whole = dict(one)
    for key, value in other.items():
        put(whole, key, _deep(whole[key], value) if key in whole else value, dots=False)
    return whole


def _unknown(mode: Any) -> Outputs:
    raise NodeFailed(f"The sandbox does not merge by {mode}")
