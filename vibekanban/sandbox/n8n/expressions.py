"""Expressions in parameters, evaluated by an engine of JavaScript within limits of time and memory."""

from __future__ import annotations

import asyncio
import json
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from py_mini_racer import JSEvalException, JSOOMException, JSTimeoutException, MiniRacer

from vibekanban.sandbox.n8n.problems import NodeFailed

SECONDS, BYTES = 1.0, 64 * 1024 * 1024
HERE = Path(__file__).parent
PROGRAM = ("luxon.min.js", "extensions.js", "prelude.js")
BRACKETS = {False: "{{", True: "}}"}
Item = dict[str, Any]


@lru_cache(maxsize=1)
def _program() -> str:
    return ";\n".join((HERE / name).read_text() for name in PROGRAM)


@lru_cache(maxsize=2000)
def chunks(expression: str) -> tuple[tuple[bool, str], ...]:
    """Text and code by turns; a bracket behind an odd number of backslashes is none."""
    found: list[tuple[bool, str]] = []
    code, buffer, rest = False, "", expression
    while rest:
        before, bracket, after = rest.partition(BRACKETS[code])
        if not bracket:
            buffer += before
            break
        slashes = len(before) - len(before.rstrip("\\"))
        if slashes % 2:
            buffer, rest = buffer + before + bracket, after
            continue
        found.append(_chunk(code, buffer + before, closed=True))
        code, buffer, rest = not code, "", after
    if buffer or not found:
        found.append(_chunk(code, buffer, closed=False))
    return tuple(found)


def _chunk(code: bool, text: str, *, closed: bool) -> tuple[bool, str]:
    if code:
        return True, text.replace("\\}}", "}}", 1)
    return False, text.replace("\\\\", "\\") if closed else text


class Expressions:
    """The expressions of one run. Its engine starts at the first that is met."""

    def __init__(self, constants: dict[str, Any]) -> None:
        self._constants = constants
        self._engine: MiniRacer | None = None
        self._told: list[str] = []  # what the engine does not know yet
        self._tell("begin", constants)

    def close(self) -> None:
        if self._engine is not None:
            self._engine.close()

    def keep(self, node: str, outputs: list[list[Item]], source: list[dict[str, Any]]) -> None:
        """What a node gave, for `$('name')`."""
        self._tell("keep", node, outputs, source)

    def enter(self, context: dict[str, Any]) -> None:
        """The node whose parameters are resolved from now on."""
        self._tell("enter", context)

    async def resolved(self, value: Any, item: int, *, absent: Any = None) -> Any:
        """A parameter with every expression in it replaced by what it gives for an item.

        `absent` stands for undefined, which few nodes tell from null.
        """
        found = list(_expressions(value))
        if not found:
            return value
        call = f"vk.resolve({item}, {json.dumps([chunks(text[1:]) for text in found])})"
        answers = json.loads(await asyncio.to_thread(self._eval, call))
        values = {}
        for text, answer in zip(found, answers, strict=True):
            if "error" in answer:
                raise NodeFailed(answer["error"], answer.get("description"), name="ExpressionError")
            values[text] = absent if "absent" in answer else answer["value"]
        return _replaced(value, values)

    def _tell(self, function: str, *arguments: Any) -> None:
        self._told.append(f"vk.{function}({', '.join(json.dumps(one) for one in arguments)});")

    def _eval(self, call: str) -> str:
        if self._engine is None:
            self._engine = MiniRacer()
            self._engine.eval(_program())
        try:
            if self._told:
                told, self._told = "".join(self._told) + "0", []
                self._engine.eval(told, timeout_sec=SECONDS, max_memory=BYTES)
            return str(self._engine.eval(call, timeout_sec=SECONDS, max_memory=BYTES))
        except JSTimeoutException:
            raise NodeFailed("Expression timed out", name="ExpressionError") from None
        except JSOOMException:
            raise NodeFailed("Expression exceeded memory limit", name="ExpressionError") from None
        except JSEvalException as error:
            raise NodeFailed(str(error).splitlines()[0], name="ExpressionError") from None


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("=")


def resolvables(text: str) -> list[str]:
    """The `{{ … }}` of a text, brackets and all."""
    return re.findall(r"\{\{[\s\S]*?\}\}", text)


def _expressions(value: Any) -> Any:
    if is_expression(value):
        yield value
    elif isinstance(value, dict):
        for one in value.values():
            yield from _expressions(one)
    elif isinstance(value, list):
        for one in value:
            yield from _expressions(one)


def _replaced(value: Any, values: dict[str, Any]) -> Any:
    if is_expression(value):
        return values[value]
    if isinstance(value, dict):
        return {key: _replaced(one, values) for key, one in value.items()}
    if isinstance(value, list):
        return [_replaced(one, values) for one in value]
    return value
