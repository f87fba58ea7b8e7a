"""Asynchronous batches of an account: many writes taken at once, carried out, and asked after."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from vibekanban.sandbox.graph import paging, params
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError, invalid, missing
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.seeded import stamp
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS

MOST = 1000
PREFIX = "27"
Run = Callable[[str, str, dict[str, Any]], tuple[int, Any]]


class Later:
    """Answers act/async_batch_requests and its nodes."""

    def __init__(self, store: Store, clock: Clock, reading: Reading) -> None:
        self._store = store
        self._clock = clock
        self._reading = reading
        self.running = False  # a call of a batch is being carried out
        self.run: Run | None = None  # given by the server, which knows how to answer a call

    @staticmethod
    def is_node(object_id: str) -> bool:
        return len(object_id) == 16 and object_id.isdigit() and object_id.startswith(PREFIX)

    def answer(
        self, token: Token, method: str, object_id: str, edge: str, asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        if edge == "async_batch_requests":
            if method != "POST":
                raise GraphError(100, "Unsupported get request.", kind="GraphMethodException")
            return self._take(token, object_id, asked)
        found = self._store.thing("async_batch", object_id)
        if found is None or not token.sees(ACCOUNTS[found[0]]):
            raise missing(object_id)
        entry = found[1]
        if edge == "requests":
            return paging.page(entry["requests"], asked, url, paging.switches(self._store))
        return {name: value for name, value in entry.items() if name != "requests"}

    def _take(self, token: Token, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        account, _ = self._reading.scope(token, object_id)
        wanted = params.value(asked.get("adbatch"))
        if not isinstance(wanted, list) or not wanted:
            raise invalid("adbatch must be a list of requests.", field="adbatch")
        if len(wanted) > MOST:
            raise invalid(f"At most {MOST} requests at once.", field="adbatch")
        number = self._store.row("SELECT coalesce(max(n), 0) FROM things")
        new_id = f"{PREFIX}{account.number:04d}{(number[0] if number else 0) + 1:010d}"
        requests = [self._carried_out(token, one) for one in wanted]
        good = sum(1 for one in requests if one["status"] == "SUCCESS")
        entry = {
            "id": new_id, "name": asked.get("name", ""), "account_id": account.id, "is_completed": True,
            "owner_id": token.person.user_id, "total_count": len(requests), "initial_count": 0, "in_progress_count": 0,
            "success_count": good, "error_count": len(requests) - good, "created_time": stamp(self._clock.now()),
            "requests": requests,
        }  # fmt: skip
        self._store.put("async_batch", account.id, new_id, entry)
        return {"id": new_id}

    def _carried_out(self, token: Token, one: dict[str, Any]) -> dict[str, Any]:
        if self.run is None:
            raise GraphError(2, "Service temporarily unavailable", transient=True, status=500)
        asked = params.of_text(str(one.get("body") or "")) | {"access_token": token.text}
        self.running = True
        try:
            code, answer = self.run("POST", str(one.get("relative_url", "")), asked)
        finally:
            self.running = False
        status = "SUCCESS" if code == 200 else "ERROR"
        return {"name": one.get("name", ""), "status": status, "result": json.dumps(answer)}
