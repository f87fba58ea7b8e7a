"""If, Filter and Switch: which way an item goes."""

from __future__ import annotations

from typing import Any

from vibekanban.sandbox.n8n.conditions import holds
from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import ABSENT, Item, Outputs, Step

LOOSE_SINCE = {"n8n-nodes-base.if": 2.1, "n8n-nodes-base.filter": 2.1, "n8n-nodes-base.switch": 3.1}


async def branch(step: Step) -> Outputs:
    """What passes, and what does not; where the node may go on, what cannot be judged does not pass."""
    passed: list[Item] = []
    others: list[Item] = []
    for number, item in enumerate(step.items):
        try:
            good = await _holds(step, "conditions", number)
        except NodeFailed:
            if not step.goes_on:
                raise
            good = False
        (passed if good else others).append(_kept(item, number))
    return [passed, others]


async def choose(step: Step) -> Outputs:
    """An output a rule, or the output that an expression names."""
    outputs: Outputs = []
    if step.raw("mode", "rules") == "expression":
        outputs = [[] for _ in range(int(await step.param("numberOutputs", 0, 4)))]
        for number, item in enumerate(step.items):
            index = await step.param("output", number, 0)
            outputs[_checked(index, len(outputs))].append(_kept(item, number))
        return outputs
    rules = step.raw("rules.values", [])
    fallback = await step.param("options.fallbackOutput", 0, "none")
    outputs = [[] for _ in range(len(rules) + (fallback == "extra"))]
    every = bool(await step.param("options.allMatchingOutputs", 0, False))
    for number, item in enumerate(step.items):
        fitting = []
        for index in range(len(rules)):
            if await _holds(step, f"rules.values.{index}.conditions", number):
                fitting.append(index)
                if not every:
                    break
        if not fitting and fallback != "none":
            fitting = [len(outputs) - 1 if fallback == "extra" else _checked(fallback, len(outputs))]
        for index in fitting:
            outputs[index].append(_kept(item, number))
    return outputs or [[]]


async def keep(step: Step) -> Outputs:
    """Filter: what passes goes on, the rest ends here."""
    return (await branch(step))[:1]


async def _holds(step: Step, path: str, number: int) -> bool:
    wanted = await step.param(path, number, {}, absent=ABSENT)
    loose = step.version >= LOOSE_SINCE[step.node["type"]] and bool(
        await step.param("options.looseTypeValidation", number, False)
    )
    case: Any = await step.param("options.ignoreCase", number, None)
    if case is not None:
        wanted = {**wanted, "options": {**wanted.get("options", {}), "caseSensitive": not case}}
    return holds(wanted, number, loose=loose)


def _checked(index: Any, count: int) -> int:
    number = int(index)
    if not 0 <= number < count:
        raise NodeFailed(
            f"The ouput {number} is not allowed. "
            if number == count
            else f"The ouput {number} is not allowed",
            f"It has to be between 0 and {count - 1}",
        )
    return number


def _kept(item: Item, number: int) -> Item:
    return {**item, "pairedItem": {"item": number}}
