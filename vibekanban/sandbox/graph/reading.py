"""Reading nodes: persons, accounts, campaigns, ad sets, ads, creatives, and what their fields expand to."""

from __future__ import annotations

from typing import Any

from vibekanban.sandbox.graph import params
from vibekanban.sandbox.graph.accounts import Accounts
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.delivery import Delivery
from vibekanban.sandbox.graph.edges import Edges
from vibekanban.sandbox.graph.field_names import FIELDS, NODES
from vibekanban.sandbox.graph.insight_edge import InsightEdge
from vibekanban.sandbox.graph.params import Field
from vibekanban.sandbox.graph.problems import GraphError, forbidden, missing
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS, Account

ALWAYS_LISTED = {"adaccounts": "id,account_id", "businesses": "id,name", "accounts": "id,name"}
MOST_NESTED = 50_000  # rows one answer may expand to


class Reading:
    """Answers GET."""

    def __init__(self, store: Store, catalogue: Catalogue, delivery: Delivery) -> None:
        self.catalogue = catalogue
        self.insights = InsightEdge(catalogue, delivery)
        self.accounts = Accounts(store, catalogue, self.insights.tables, delivery)
        self.edges = Edges(store, self)

    def node(self, token: Token, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """A node with its fields; `id` alone when none are named."""
        wanted = params.fields(asked.get("fields") or "id")
        if object_id in {"me", token.person.user_id}:
            wanted = wanted if "fields" in asked else params.fields("id,name")
            return self.expanded(token, self.person(token), wanted)
        account = ACCOUNTS.get(object_id.removeprefix("act_"))
        if account:
            self.must_see(token, account)
            return self.expanded(token, self.accounts.fields(account), wanted)
        return self.expanded(token, self.object(token, object_id), wanted)

    @staticmethod
    def person(token: Token) -> dict[str, Any]:
        first, _, last = token.person.name.partition(" ")
        return {
            "id": token.person.user_id, "level": "user", "name": token.person.name, "first_name": first,
            "last_name": last, "email": f"{token.person.key}@demo.example",
        }  # fmt: skip

    def object(self, token: Token, object_id: str) -> dict[str, Any]:
        """A campaign, ad set, ad or creative that this token may see."""
        account = self.catalogue.account_of(object_id)
        if account is None or not token.sees(account):
            raise missing(object_id)
        self.must_see(token, account)
        fields = self.catalogue.find(object_id)
        if fields is None:
            raise missing(object_id)
        return fields

    def must_see(self, token: Token, account: Account) -> None:
        if not token.sees(account):
            raise missing(f"act_{account.id}")
        if not token.scopes & {"ads_read", "ads_management"}:
            raise forbidden("ads_read or ads_management")

    def scope(self, token: Token, object_id: str) -> tuple[Account, dict[str, str]]:
        """The account an object is in, and the object as the parent of what is asked."""
        account = ACCOUNTS.get(object_id.removeprefix("act_"))
        if account:
            self.must_see(token, account)
            return account, {}
        fields = self.object(token, object_id)
        return ACCOUNTS[fields["account_id"]], {fields.get("level", "creative"): object_id}

    def expanded(self, token: Token, fields: dict[str, Any], wanted: list[Field]) -> dict[str, Any]:
        """The fields asked for: values, references to other nodes, and edges within."""
        level = fields.get("level", "creative")
        answer: dict[str, Any] = {}
        for one in wanted:
            known = FIELDS.get(level)
            if known is not None and one.name not in known:
                raise GraphError(
                    100,
                    f"(#100) Tried accessing nonexisting field ({one.name}) on node type ({NODES[level]})",
                )
            found = self._value(token, fields, one)
            if found is not None:
                answer[one.name] = found
        answer.setdefault("id", fields["id"])
        return answer

    def _value(self, token: Token, fields: dict[str, Any], one: Field) -> Any:
        reference = self._reference(fields, one.name)
        if reference is not None:
            if not one.inner:
                return {"id": reference}
            if one.name == "account":
                account = ACCOUNTS[reference.removeprefix("act_")]
                return self.expanded(token, self.accounts.fields(account), one.inner)
            return self.expanded(token, self.object(token, reference), one.inner)
        if self.edges.has(fields.get("level", ""), one.name):
            nested = {**one.modifiers, "fields": _written(one.inner)}
            if not one.inner:
                nested["fields"] = ALWAYS_LISTED.get(one.name, "" if one.name == "insights" else "id")
            own = fields["id"] if fields.get("level") != "user" else "me"
            page = self.edges.answer(token, own, one.name, nested, "")
            return page if page["data"] or one.name != "insights" else None
        value = fields.get(one.name)
        if callable(value):
            value = value()
        if one.inner and isinstance(value, dict):
            return {inner.name: value[inner.name] for inner in one.inner if inner.name in value}
        return value

    @staticmethod
    def _reference(fields: dict[str, Any], name: str) -> str | None:
        """The id of the node a field stands for."""
        if name == "creative" and isinstance(fields.get("creative"), dict):
            return str(fields["creative"]["id"])
        if name in {"campaign", "adset"} and f"{name}_id" in fields:
            return str(fields[f"{name}_id"])
        if name == "account" and fields.get("level") in {"campaign", "adset", "ad", "creative"}:
            return f"act_{fields['account_id']}"
        return None


def _written(inner: list[Field]) -> str:
    return ",".join(
        one.name
        + "".join(f".{name}({text})" for name, text in one.modifiers.items())
        + (f"{{{_written(one.inner)}}}" if one.inner else "")
        for one in inner
    )
