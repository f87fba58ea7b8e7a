"""One call after its version: whose token, within which limits, and who answers it."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from threading import RLock
from typing import Any

from vibekanban.sandbox.graph.parts import Parts
from vibekanban.sandbox.graph.problems import GraphError, invalid, missing
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS
from vibekanban.sandbox.graph.writing import CREATES

LOG = logging.getLogger(__name__)
Answer = tuple[Any, dict[str, str]]
SCOPES = ("ads_read", "ads_management", "business_management")


class Dispatch:
    """Answers calls of the Graph API, batches apart."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._one_write = RLock()  # what a write checks must still hold when it is kept; batches nest

    def handle(self, method: str, path: list[str], asked: dict[str, Any], url: str) -> Answer:
        """The answer, and the throttle headers that go with it."""
        method = str(asked.pop("method", method)).upper() if method == "POST" else method
        text, parts = str(asked.get("access_token") or ""), self._parts
        if path[:2] == ["oauth", "access_token"]:
            return parts.consent.access_token(asked), {}
        if path[:2] == ["oauth", "revoke"]:
            return parts.consent.revoke(asked), {}
        if path == ["debug_token"]:
            if not parts.tokens.is_app(text):
                self.token(asked)
            return {"data": parts.tokens.known(str(asked.get("input_token") or ""))}, {}
        if path and path[0] in {parts.tokens.app_id, "app"}:
            return self._of_app(method, path, asked), parts.throttle.headers(None)
        token = self.token(asked)
        account = self._account(path)
        try:
            parts.throttle.count(account, write=method != "GET", insights=path[-1:] == ["insights"])
            with nullcontext() if method == "GET" else self._one_write:
                answer = self._answer(token, method, path, asked, url)
        except GraphError as error:
            parts.calls.note(method, "/".join(path), asked, token, error.status, error.error["code"])
            error.logged = True
            error.headers = parts.throttle.headers(account)
            raise
        except Exception as wrong:  # what we did not foresee must not take the other calls of a batch along
            LOG.exception("%s /%s", method, "/".join(path))
            raise GraphError(1, "An unknown error occurred", status=500) from wrong
        parts.calls.note(method, "/".join(path), asked, token, 200, None)
        return answer, parts.throttle.headers(account)

    def token(self, asked: dict[str, Any]) -> Token:
        """The token of a call, if it is good and, when the app demands it, signed."""
        proof = asked.get("appsecret_proof")
        demanded = self._parts.store.setting("app", {}).get("require_proof")
        if demanded and not proof:
            raise GraphError(
                100,
                "API calls from the server require an appsecret_proof argument",
                kind="GraphMethodException",
            )
        return self._parts.tokens.check(str(asked.get("access_token") or ""), proof)

    def _account(self, path: list[str]) -> str | None:
        first = path[0] if path else ""
        if first.removeprefix("act_") in ACCOUNTS:
            return first.removeprefix("act_")
        found = self._parts.catalogue.account_of(first)
        return found.id if found else self._parts.reports.account_of(first)

    # -- who answers

    def _answer(self, token: Token, method: str, path: list[str], asked: dict[str, Any], url: str) -> Any:
        if not path:
            if "ids" in asked:
                raise GraphError(100, "(#100) The parameter ids is no longer supported.")
            raise GraphError(100, "Unsupported get request.", kind="GraphMethodException")
        if "date_format" in asked:
            raise GraphError(100, "(#100) The parameter date_format is no longer supported.")
        parts, object_id, edge = self._parts, path[0], path[1] if len(path) > 1 else ""
        if object_id == "search":
            return parts.extras.search(asked, url)
        if edge == "permissions" and object_id in {"me", token.person.user_id}:
            return self._permissions(token, method, path[2] if len(path) > 2 else "")
        if parts.media.has(edge):
            return parts.media.edge(token, method, object_id, edge, asked, url)
        if parts.media.is_node(object_id) and not edge:
            return parts.media.node(token, method, object_id, asked)
        if parts.shelves.has(edge):
            return parts.shelves.edge(token, method, object_id, edge, asked, url)
        if parts.shelves.is_node(object_id) and not edge:
            return parts.shelves.node(token, method, object_id, asked)
        if edge == "async_batch_requests" or parts.later.is_node(object_id):
            return parts.later.answer(token, method, object_id, edge, asked, url)
        if method == "GET":
            return self._get(token, object_id, edge, asked, url)
        if method == "DELETE" and not edge:
            return parts.writing.delete(token, object_id)
        if method == "POST":
            return self._post(token, object_id, edge, asked)
        raise GraphError(100, f"Unsupported {method.lower()} request.", kind="GraphMethodException")

    def _get(self, token: Token, object_id: str, edge: str, asked: dict[str, Any], url: str) -> Any:
        parts = self._parts
        if parts.reports.is_run(object_id):
            if edge == "insights":
                return parts.reports.rows(token, object_id, asked, url)
            return parts.reports.state(token, object_id)
        if parts.extras.has(edge):
            return parts.extras.edge(token, object_id, edge, asked, url)
        if edge:
            return parts.reading.edges.answer(token, object_id, edge, asked, url)
        return parts.reading.node(token, object_id, asked)

    def _post(self, token: Token, object_id: str, edge: str, asked: dict[str, Any]) -> Any:
        parts = self._parts
        if edge == "insights":
            return parts.reports.start(token, object_id, asked)
        if edge == "copies":
            return parts.copying.copy(token, object_id, asked, later=parts.later.running)
        account = ACCOUNTS.get(object_id.removeprefix("act_"))
        if account and edge in CREATES:
            return parts.writing.create(token, account, edge, asked)
        if edge:
            raise GraphError(100, f"(#100) Tried accessing nonexisting field ({edge})")
        if account:
            return parts.writing.update_account(token, account, asked)
        return parts.writing.update(token, object_id, asked)

    def _permissions(self, token: Token, method: str, scope: str) -> dict[str, Any]:
        parts = self._parts
        if method == "DELETE":
            if scope:
                parts.tokens.withdraw(token.person.key, scope)
            else:
                parts.consent.forget(token.person)
            return {"success": True}
        return {
            "data": [
                {"permission": scope, "status": "granted" if scope in token.scopes else "declined"}
                for scope in sorted({*SCOPES, *token.scopes})
            ]
        }

    def _of_app(self, method: str, path: list[str], asked: dict[str, Any]) -> dict[str, Any]:
        """What only the app itself may ask."""
        parts = self._parts
        if not parts.tokens.is_app(str(asked.get("access_token") or "")):
            self.token(asked)
            if path[1:]:
                raise GraphError(15, "(#15) This method must be called with an app access_token.")
        if path[1:] == ["subscriptions"]:
            if method == "POST":
                return parts.webhooks.subscribe(asked)
            if method == "DELETE":
                parts.webhooks.unsubscribe(str(asked.get("object") or ""))
                return {"success": True}
            return {"data": parts.webhooks.subscriptions()}
        if path[1:]:
            raise missing("/".join(path))
        if method != "GET":
            raise invalid("Unsupported request.")
        return {"id": parts.tokens.app_id, "name": "Vibe Kanban (sandbox)", "link": "https://example.com"}
