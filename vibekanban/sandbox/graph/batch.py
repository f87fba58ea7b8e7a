"""Batches: up to fifty calls in one, each with its own answer, headers and place in the limits."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from vibekanban.sandbox.graph import params
from vibekanban.sandbox.graph.dispatch import Dispatch
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.versions import split_version

MOST = 50
RESULT = re.compile(r"\{result=([^:}]+):\$\.([\w.\[\]*]+)\}")


class Batch:
    """Runs entries one after the other; a later one may use an earlier one's answer by its name."""

    def __init__(self, store: Store, dispatch: Dispatch) -> None:
        self._store = store
        self._dispatch = dispatch

    def run(self, asked: dict[str, Any]) -> list[Any]:
        outer = self._dispatch.token(asked).text
        entries = params.value(asked["batch"])
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            raise invalid("batch must be a JSON array.", field="batch")
        if len(entries) > MOST:
            raise GraphError(100, f"Too many requests in batch message. Maximum batch size is {MOST}")
        left_out: int = self._store.setting("batch_nulls", 0)
        if left_out:
            self._store.set("batch_nulls", 0)
        named: dict[str, Any] = {}
        answers: list[Any] = []
        for n, entry in enumerate(entries):
            if n >= len(entries) - left_out:
                answers.append(None)
                continue
            code, answer, headers = self._one(outer, entry, named)
            if entry.get("name"):
                named[str(entry["name"])] = answer
            pairs = [{"name": name, "value": text} for name, text in headers.items()]
            answers.append({"code": code, "headers": pairs, "body": json.dumps(answer)})
        return answers

    def _one(
        self, outer: str, entry: dict[str, Any], named: dict[str, Any]
    ) -> tuple[int, Any, dict[str, str]]:
        address = urlsplit(_filled(str(entry.get("relative_url", "")), named).lstrip("/"))
        headers = {"Content-Type": "text/javascript; charset=UTF-8"}
        try:
            version, path = split_version([part for part in address.path.split("/") if part])
            headers["facebook-api-version"] = version
            asked = params.of_text(address.query) | params.of_text(
                _filled(str(entry.get("body") or ""), named)
            )
            if not asked.get("access_token"):
                asked["access_token"] = outer
            method = str(entry.get("method", "GET")).upper()
            answer, limits = self._dispatch.handle(method, path, asked, address.path)
        except GraphError as error:
            return error.status, error.body, headers | error.headers
        return 200, answer, headers | limits


def _filled(text: str, named: dict[str, Any]) -> str:
    """`{result=name:$.id}` becomes that value."""

    def value(found: re.Match[str]) -> str:
        here = named.get(found[1])
        for step in re.findall(r"\w+|\*", found[2]):
            if isinstance(here, list):
                here = [one.get(step) for one in here if isinstance(one, dict)] if step not in {"*"} else here
            elif isinstance(here, dict):
                here = here.get(step)
        return ",".join(map(str, here)) if isinstance(here, list) else str(here)

    return RESULT.sub(value, text)
