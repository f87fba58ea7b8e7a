"""What a node is given when it runs: its parameters, its items, its credentials, and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vibekanban.sandbox.n8n.expressions import Expressions
from vibekanban.sandbox.n8n.problems import NodeFailed

Item = dict[str, Any]
Outputs = list[list[Item]]
ABSENT = object()


@dataclass
class Step:
    """One run of one node."""

    node: dict[str, Any]
    inputs: list[list[Item]]
    expressions: Expressions
    credentials: Callable[[str], dict[str, Any]]  # by type; raises NodeFailed
    version: float = field(init=False)

    def __post_init__(self) -> None:
        self.version = float(self.node["typeVersion"])

    @property
    def items(self) -> list[Item]:
        return self.inputs[0] if self.inputs else []

    @property
    def goes_on(self) -> bool:
        """Whether a failure becomes an item instead of the end."""
        return self.node.get("continueOnFail") is True or self.node.get("onError") in (
            "continueRegularOutput",
            "continueErrorOutput",
        )

    def raw(self, path: str, default: Any = None) -> Any:
        """A parameter as it stands in the document."""
        value: Any = self.node["parameters"]
        for part in path.split("."):
            if isinstance(value, list) and part.isdigit() and int(part) < len(value):
                value = value[int(part)]
            elif isinstance(value, Mapping) and part in value:
                value = value[part]
            else:
                return default
        return value

    async def param(self, path: str, item: int = 0, default: Any = None, *, absent: Any = None) -> Any:
        """A parameter for an item, its expressions evaluated; `absent` where one gives undefined."""
        value = self.raw(path, ABSENT)
        if value is ABSENT:
            return default
        return await self.expressions.resolved(value, item, absent=absent)


Node = Callable[[Step], Awaitable[Outputs]]


async def each(step: Step, act: Callable[[int, Item], Awaitable[list[Item]]]) -> Outputs:
    """`act` on every item; where the node may go on, a failure becomes an item that tells of it."""
    given: list[Item] = []
    for number, item in enumerate(step.items):
        try:
            given += await act(number, item)
        except NodeFailed as error:
            if not step.goes_on:
                raise
            given.append({"json": {"error": error.message}, "pairedItem": {"item": number}})
    return [given]


def paired(value: Any, number: int) -> Item:
    return {"json": value, "pairedItem": {"item": number}}
