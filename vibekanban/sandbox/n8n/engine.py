"""Running one version of a workflow: which node is next, with which items, and what became of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from vibekanban.sandbox.n8n.expressions import Expressions
from vibekanban.sandbox.n8n.known import BASE, RUNS, STICKY
from vibekanban.sandbox.n8n.nodes import NODES
from vibekanban.sandbox.n8n.problems import NodeFailed
from vibekanban.sandbox.n8n.steps import Item, Outputs, Step

MOST_STEPS = 10_000
SOURCE = dict[str, Any]


@dataclass
class Turn:
    """A node that is to run, with its items by input and where they came from."""

    node: str
    inputs: list[list[Item]]
    source: list[SOURCE]


@dataclass
class Course:
    """One run of a document; `data` is what the public API shows of it."""

    document: dict[str, Any]
    constants: dict[str, Any]
    credentials: Callable[[dict[str, Any], str], dict[str, Any]]
    now: Callable[[], float]
    run_data: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    last: str | None = None
    error: dict[str, Any] | None = None
    turns: list[Turn] = field(default_factory=list)
    waiting: dict[str, Turn] = field(default_factory=dict)
    steps: int = 0

    def __post_init__(self) -> None:
        self.nodes = {node["name"]: node for node in self.document["nodes"]}
        self.first_in_depth = self.document.get("settings", {}).get("executionOrder") == "v1"

    async def run(self) -> None:
        """To the end, or to the first node that fails."""
        expressions = Expressions(self.constants)
        try:
            while self.error is None and (turn := self._next()):
                self.steps += 1
                if self.steps > MOST_STEPS:
                    self.error = {
                        "message": f"More than {MOST_STEPS} nodes were run",
                        "name": "WorkflowOperationError",
                    }
                    return
                await self._take(turn, expressions)
        finally:
            await asyncio.to_thread(expressions.close)

    def _next(self) -> Turn | None:
        if self.turns:
            return self.turns.pop(0)
        if self.waiting:  # nothing else comes: what waits goes on with what it has
            return self.waiting.pop(next(iter(self.waiting)))
        return None

    async def _take(self, turn: Turn, expressions: Expressions) -> None:
        node = self.nodes[turn.node]
        began = time.monotonic()
        result: dict[str, Any] = {
            "startTime": int(self.now() * 1000), "executionIndex": self.steps - 1, "source": turn.source,
            "hints": [],
        }  # fmt: skip
        self.last = turn.node
        outputs: Outputs = []
        failure: NodeFailed | None = None
        if node.get("disabled"):
            outputs = turn.inputs[:1]
        else:
            try:
                outputs = await self._tries(node, turn, expressions)
            except NodeFailed as error:
                failure = error
        result["executionTime"] = int((time.monotonic() - began) * 1000)
        if failure is not None:
            goes_on = node.get("onError") in ("continueRegularOutput", "continueErrorOutput") or node.get(
                "continueOnFail"
            )
            told = described(failure, node, self.now())
            if not goes_on:
                result |= {"executionStatus": "error", "error": told}
                self.run_data.setdefault(turn.node, []).append(result)
                self.error = told
                return
            result["error"] = told
            outputs = turn.inputs[:1]
        if node.get("alwaysOutputData") and not any(outputs):
            outputs = [[{"json": {}, "pairedItem": {"item": 0}}]]
        result |= {"executionStatus": "success", "data": {"main": outputs}}
        self.run_data.setdefault(turn.node, []).append(result)
        expressions.keep(turn.node, outputs, turn.source)
        self._lead_on(turn.node, outputs)

    async def _tries(self, node: dict[str, Any], turn: Turn, expressions: Expressions) -> Outputs:
        again = bool(node.get("retryOnFail"))
        tries = min(5, max(2, int(node.get("maxTries") or 3))) if again else 1
        pause = min(5000, max(0, int(node.get("waitBetweenTries") or 1000))) / 1000
        inputs = [items[:1] for items in turn.inputs] if node.get("executeOnce") else turn.inputs
        for attempt in range(1, tries + 1):
            if attempt > 1:
                await asyncio.sleep(pause)
            try:
                return await self._once(node, inputs, turn.source, expressions)
            except NodeFailed:
                if attempt == tries:
                    raise
        raise AssertionError("unreachable")

    async def _once(
        self, node: dict[str, Any], inputs: list[list[Item]], source: list[SOURCE], expressions: Expressions
    ) -> Outputs:
        expressions.enter(
            {
                "node": node["name"], "nodeId": node["id"], "nodeVersion": node["typeVersion"], "source": source,
                "items": inputs[0] if inputs else [], "itemIndex": 0,
                "runIndex": len(self.run_data.get(node["name"], [])),
            }
        )  # fmt: skip
        step = Step(node, inputs, expressions, lambda kind: self.credentials(node, kind))
        if node["typeVersion"] not in RUNS[node["type"]] or node["type"] not in NODES:
            raise NodeFailed(f"The sandbox does not run {node['type']} {node['typeVersion']}")
        outputs = await NODES[node["type"]](step)
        if node.get("onError") == "continueErrorOutput":
            outputs = _errors_apart(outputs, inputs)
        return outputs

    def _lead_on(self, name: str, outputs: Outputs) -> None:
        """Queue what follows: topmost and leftmost first, each branch to its end before the next."""
        found: list[Turn] = []
        joined = self.document["connections"].get(name, {}).get("main") or []
        for output, bucket in enumerate(joined):
            items = outputs[output] if output < len(outputs) else []
            for target in bucket or []:
                node = self.nodes[target["node"]]
                if node["type"] == STICKY:
                    continue
                source = {
                    "previousNode": name, "previousNodeOutput": output,
                    "previousNodeRun": len(self.run_data[name]) - 1,
                }  # fmt: skip
                width = _inputs_of(node)
                if width == 1:
                    if items:
                        found.append(Turn(node["name"], [items], [source]))
                elif ready := self._gather(node["name"], width, int(target["index"]), items, source):
                    found.append(ready)
        if self.first_in_depth:
            found.sort(
                key=lambda turn: (self.nodes[turn.node]["position"][1], self.nodes[turn.node]["position"][0])
            )
            self.turns[:0] = found
        else:
            self.turns += found

    def _gather(self, name: str, width: int, index: int, items: list[Item], source: SOURCE) -> Turn | None:
        """The turn of a node with several inputs, once all that are joined to something have been served."""
        if not items and name not in self.waiting:
            return None
        turn = self.waiting.setdefault(name, Turn(name, [[] for _ in range(width)], [{}] * width))
        if index < width and items:
            turn.inputs[index] = items
            turn.source = [source if number == index else one for number, one in enumerate(turn.source)]
        if all(turn.inputs[number] for number in self._joined_inputs(name)):
            return self.waiting.pop(name)
        return None

    def _joined_inputs(self, name: str) -> set[int]:
        return {
            int(target["index"])
            for kinds in self.document["connections"].values()
            for bucket in kinds.get("main") or []
            for target in bucket or []
            if target["node"] == name
        }

    @property
    def data(self) -> dict[str, Any]:
        """`data` of an execution."""
        result: dict[str, Any] = {"runData": self.run_data, "lastNodeExecuted": self.last}
        if self.error is not None:
            result = {"error": self.error, **result}
        return {
            "version": 1,
            "startData": {},
            "resultData": result,
            "executionData": {
                "contextData": {}, "nodeExecutionStack": [], "metadata": {}, "waitingExecution": {},
                "waitingExecutionSource": {},
            },
        }  # fmt: skip


def described(failure: NodeFailed, node: dict[str, Any], at: float) -> dict[str, Any]:
    """A node's failure as an execution shows it."""
    told = {
        "level": "warning", "tags": {}, "timestamp": int(at * 1000), "context": {}, "name": failure.name,
        "node": node, "messages": [], "message": failure.message, "stack": f"{failure.name}: {failure.message}",
        **failure.more,
    }  # fmt: skip
    return told if failure.description is None else {**told, "description": failure.description}


def _inputs_of(node: dict[str, Any]) -> int:
    return int(node["parameters"].get("numberInputs", 2)) if node["type"] == BASE + "merge" else 1


def _errors_apart(outputs: Outputs, inputs: list[list[Item]]) -> Outputs:
    """Items that tell of a failure on an output of their own, the last one, beside what had come in."""
    good: Outputs = []
    failed: list[Item] = []
    for items in outputs:
        good.append([item for item in items if not _tells(item)])
        for item in filter(_tells, items):
            number = item.get("pairedItem", {}).get("item", 0)
            came = inputs[0][number]["json"] if inputs and number < len(inputs[0]) else {}
            failed.append({**item, "json": {**came, **item["json"]}})
    return [*good, failed]


def _tells(item: Item) -> bool:
    return isinstance(item["json"], dict) and set(item["json"]) == {"error"}
