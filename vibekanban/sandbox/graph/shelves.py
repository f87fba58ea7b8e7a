"""What else hangs on an account and can be added, listed, changed and removed: rules, audiences…"""

from __future__ import annotations

from typing import Any

from vibekanban.sandbox.graph import aims, paging, params
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError, invalid, missing
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.requested import given, is_dry
from vibekanban.sandbox.graph.seeded import stamp
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS, Account
from vibekanban.sandbox.graph.writing import Writing

# edge: prefix of its ids, and what a new entry must name
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "adrules_library": ("15", ("name", "evaluation_spec", "execution_spec")),
    "customaudiences": ("16", ("name", "subtype")),
    "subscriptions": ("17", ("object", "callback_url")),
    "budget_schedules": ("18", ("time_start", "time_end", "budget_value", "budget_value_type")),
    "saved_audiences": ("19", ("name", "targeting")),
}
PREFIXES = {prefix: kind for kind, (prefix, _) in KINDS.items()}


class Shelves:
    """Answers on the edges of `KINDS`, on `subscribed_apps` and on their nodes."""

    def __init__(self, store: Store, clock: Clock, reading: Reading, writing: Writing, app_id: str) -> None:
        self._store = store
        self._clock = clock
        self._reading = reading
        self._writing = writing
        self._app_id = app_id

    @staticmethod
    def has(edge: str) -> bool:
        return edge in KINDS or edge == "subscribed_apps"

    @staticmethod
    def is_node(object_id: str) -> bool:
        return len(object_id) == 16 and object_id.isdigit() and object_id[:2] in PREFIXES

    def edge(
        self, token: Token, method: str, object_id: str, edge: str, asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        account, _ = self._reading.scope(token, object_id)
        if method != "GET":
            self._writing.may(token, account)
        if edge == "subscribed_apps":
            return self._subscribed(account, method)
        if method == "GET":
            how = paging.switches(self._store)
            begun = aims.audiences(account) if edge == "customaudiences" else []
            every = [*begun, *self._store.things(edge, account.id)]
            return paging.page([_told(one, asked) for one in every], asked, url, how)
        if method != "POST":
            raise GraphError(100, f"Unsupported {method.lower()} request.", kind="GraphMethodException")
        return self._add(token, account, edge, asked)

    def node(self, token: Token, method: str, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        kind = PREFIXES[object_id[:2]]
        found = self._store.thing(kind, object_id)
        if found is None or not token.sees(ACCOUNTS[found[0]]):
            raise missing(object_id)
        owner, entry = found
        if method == "GET":
            return _told(entry, asked)
        self._writing.may(token, ACCOUNTS[owner])
        if method == "DELETE":
            self._store.drop(kind, owner, object_id)
        else:
            self._store.put(kind, owner, object_id, {**entry, **given(asked), "updated_time": self._now()})
        return {"success": True}

    def _add(self, token: Token, account: Account, edge: str, asked: dict[str, Any]) -> dict[str, Any]:
        prefix, required = KINDS[edge]
        fields = given(asked)
        for name in required:
            if fields.get(name) in (None, ""):
                raise invalid(f"The field {name} is required.", field=name)
        if is_dry(asked):
            return {"success": True}
        number = self._store.row("SELECT coalesce(max(n), 0) FROM things")
        new_id = f"{prefix}{account.number:04d}{(number[0] if number else 0) + 1:010d}"
        entry = {
            "status": "ENABLED", **fields, "id": new_id, "account_id": account.id, "created_time": self._now(),
            "updated_time": self._now(), "created_by": {"id": token.person.user_id, "name": token.person.name},
        }  # fmt: skip
        self._store.put(edge, account.id, new_id, entry)
        return {"id": new_id}

    # -- apps that hear of an account

    def _subscribed(self, account: Account, method: str) -> dict[str, Any]:
        if method == "GET":
            return {"data": self._store.things("subscribed_app", account.id)}
        if method == "DELETE":
            self._store.drop("subscribed_app", account.id, self._app_id)
        else:
            entry = {"id": self._app_id, "name": "Vibe Kanban (sandbox)"}
            self._store.put("subscribed_app", account.id, self._app_id, entry)
        return {"success": True}

    def _now(self) -> str:
        return stamp(self._clock.now())


def _told(entry: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    wanted = [one.name for one in params.fields(asked.get("fields") or "id")]
    shown = {name: entry[name] for name in wanted if name in entry}
    return shown | ({"id": entry["id"]} if "id" in entry else {})
