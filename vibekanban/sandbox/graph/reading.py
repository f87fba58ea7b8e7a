"""Reading nodes and edges: persons, accounts, campaigns, ad sets, ads, creatives, insights."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from vibekanban.sandbox.graph import insights, paging, params, shown
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.delivery import Delivery
from vibekanban.sandbox.graph.params import Field
from vibekanban.sandbox.graph.problems import GraphError, forbidden, invalid, missing
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import ACCOUNTS, Account

CHILDREN = {"campaigns": "campaign", "adsets": "adset", "ads": "ad"}
HIDDEN = {"DELETED", "ARCHIVED"}
SYNC_ROWS = 40_000  # ad-days that a synchronous call may look at
MINIMUM = {"EUR": 100, "USD": 100, "GBP": 100, "JPY": 100, "CLP": 800, "COP": 4000}


class Reading:
    """Answers GET."""

    def __init__(self, store: Store, catalogue: Catalogue, delivery: Delivery) -> None:
        self._store = store
        self.catalogue = catalogue
        self._delivery = delivery

    def node(self, token: Token, object_id: str, asked: dict[str, Any]) -> dict[str, Any]:
        """A node with its fields; `id` alone when none are named."""
        wanted = params.fields(asked.get("fields") or "id")
        if object_id == "me" or object_id == token.person.user_id:
            return self._expanded(
                token, {"id": token.person.user_id, "name": token.person.name}, wanted, "me"
            )
        account = ACCOUNTS.get(object_id.removeprefix("act_"))
        if account:
            self.must_see(token, account)
            return self._expanded(token, self.account(account), wanted, f"act_{account.id}")
        fields = self.object(token, object_id)
        return self._expanded(token, fields, wanted, object_id)

    def object(self, token: Token, object_id: str) -> dict[str, Any]:
        """A campaign, ad set, ad or creative that this token may see."""
        account = self.catalogue.account_of(object_id)
        if object_id.startswith("14"):
            return self._creative(token, object_id)
        fields = self.catalogue.find(object_id) if account else None
        if account is None or fields is None or not token.sees(account):
            raise missing(object_id)
        self.must_see(token, account)
        return fields

    def must_see(self, token: Token, account: Account) -> None:
        if not token.sees(account):
            raise missing(f"act_{account.id}")
        if not token.scopes & {"ads_read", "ads_management"}:
            raise forbidden("ads_read or ads_management")

    def account(self, account: Account) -> dict[str, Any]:
        return {
            "id": f"act_{account.id}", "account_id": account.id, "name": account.name,
            "currency": account.currency, "timezone_name": account.timezone, "account_status": 1,
            "amount_spent": "0", "balance": "0", "min_daily_budget": MINIMUM.get(account.currency, account.order // 50),
            "business_name": account.name, "spend_cap": "0",
        }  # fmt: skip

    def _creative(self, token: Token, object_id: str) -> dict[str, Any]:
        made = self._store.row("SELECT fields FROM created WHERE id = ?", object_id)
        ad = self.catalogue.find("12" + object_id[2:])
        if made is None and ad is None:
            raise missing(object_id)
        account = ACCOUNTS[(json.loads(made[0]) if made else ad or {})["account_id"]]
        self.must_see(token, account)
        if made:
            return json.loads(made[0])
        return {
            "id": object_id, "account_id": account.id, "name": f"Creatividad de {(ad or {})['name']}",
            "status": "ACTIVE", "object_type": "SHARE", "title": account.name, "body": "Descúbrelo hoy.",
        }  # fmt: skip

    def _expanded(
        self, token: Token, fields: dict[str, Any], wanted: list[Field], object_id: str
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {}
        for one in wanted:
            if one.inner or one.name == "insights":
                nested = dict(one.modifiers)
                names = ",".join(inner.name for inner in one.inner)
                if one.name == "creative" and isinstance(fields.get("creative"), dict):
                    creative = self.object(token, fields["creative"]["id"])
                    answer["creative"] = {
                        name: creative[name] for name in names.split(",") if name in creative
                    }
                    answer["creative"]["id"] = creative["id"]
                    continue
                nested["fields"] = _written(one.inner)
                answer[one.name] = self.edge(token, object_id, one.name, nested, "")
            elif one.name in fields and not one.name.startswith("_"):
                answer[one.name] = fields[one.name]
        answer.setdefault("id", fields["id"])
        return answer

    # -- edges

    def edge(
        self, token: Token, object_id: str, edge: str, asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        """An edge of a node."""
        how = paging.switches(self._store)
        if object_id == "me" and edge == "adaccounts":
            wanted = params.fields(asked.get("fields") or "id,account_id")
            if not token.scopes & {"ads_read", "ads_management"}:
                raise forbidden("ads_read or ads_management")
            found = [
                self._expanded(token, self.account(one), wanted, f"act_{one.id}")
                for one in token.person.accounts
            ]
            return paging.page(found, asked, url, how)
        if object_id == "me" and edge == "businesses":
            return paging.page(
                [{"id": "88" + token.person.user_id, "name": token.person.name}], asked, url, how
            )
        account, parents = self.scope(token, object_id)
        if edge == "insights":
            return self.insights(account, parents, asked, url)
        if edge in CHILDREN:
            return self._listed(token, account, CHILDREN[edge], parents, asked, url)
        if edge == "activities":
            rows = self._store.rows(
                "SELECT entry FROM activities WHERE account = ? ORDER BY n DESC", account.id
            )
            return paging.page([json.loads(row[0]) for row in rows], asked, url, how)
        if edge == "minimum_budgets":
            least = self.account(account)["min_daily_budget"]
            return {"data": [{"currency": account.currency, "min_daily_budget_imp": least}]}
        if edge == "adcreatives":
            ads = (
                [self.catalogue.find(parents["ad"])]
                if "ad" in parents
                else self.catalogue.listed(account, "ad")
            )
            wanted = params.fields(asked.get("fields") or "id")
            ids = [str(ad["creative"]["id"]) for ad in ads if ad and isinstance(ad.get("creative"), dict)]
            window = paging.page(ids, asked, url, how)
            window["data"] = [
                self._expanded(token, self._creative(token, one), wanted, one) for one in window["data"]
            ]
            return window
        raise GraphError(100, f"(#100) Tried accessing nonexisting field ({edge})", kind="OAuthException")

    def scope(self, token: Token, object_id: str) -> tuple[Account, dict[str, str]]:
        """The account an object is in, and the object as the parent of what is asked."""
        account = ACCOUNTS.get(object_id.removeprefix("act_"))
        if account:
            self.must_see(token, account)
            return account, {}
        fields = self.object(token, object_id)
        return ACCOUNTS[fields["account_id"]], {fields["level"]: object_id}

    def _listed(
        self,
        token: Token,
        account: Account,
        level: str,
        parents: dict[str, str],
        asked: dict[str, Any],
        url: str,
    ) -> dict[str, Any]:
        statuses = set(params.words(asked.get("effective_status")))
        keep = _filter(params.value(asked.get("filtering")))
        hides = not statuses and not _names_status(params.value(asked.get("filtering")))
        found = [
            fields
            for fields in self.catalogue.listed(
                account, level, campaign=parents.get("campaign"), adset=parents.get("adset")
            )
            if (not hides or fields["status"] not in HIDDEN)
            and (not statuses or fields["effective_status"] in statuses)
            and fields["effective_status"] != "DELETED"
            and keep(fields)
        ]
        wanted = params.fields(asked.get("fields") or "id")
        window = paging.page(found, asked, url, paging.switches(self._store))
        window["data"] = [self._expanded(token, fields, wanted, fields["id"]) for fields in window["data"]]
        return window

    # -- insights

    def insights(
        self, account: Account, parents: dict[str, str], asked: dict[str, Any], url: str, *, sync: bool = True
    ) -> dict[str, Any]:
        """Rows of insights; too much for a synchronous call is refused as Meta refuses it."""
        query = self.query(account, parents, asked)
        wanted = [one.name for one in params.fields(asked.get("fields") or ",".join(shown.DEFAULT))]
        shown.check(wanted)
        ads = account.campaigns * account.adsets * account.ads
        days = min((query.until - query.since).days + 1, 400)
        if sync and not parents and ads * days > SYNC_ROWS * 10:
            raise GraphError(
                100, "Please reduce the amount of data you're asking for, then retry your request",
                subcode=1487534, title="Too much data was requested",
            )  # fmt: skip
        found = insights.rows(self._delivery, query)
        kept = self._without_dead(found, query, params.value(asked.get("filtering")))
        self._sort(kept, params.words(asked.get("sort")))
        windows = params.words(asked.get("action_attribution_windows"))
        page = paging.page(kept, asked, url, paging.switches(self._store))
        known: dict[str, dict[str, Any] | None] = {}

        def find(object_id: str) -> dict[str, Any] | None:
            if object_id not in known:
                known[object_id] = self.catalogue.find(object_id)
            return known[object_id]

        page["data"] = [shown.shown(row, query, wanted, find, windows) for row in page["data"]]
        return page

    def query(self, account: Account, parents: dict[str, str], asked: dict[str, Any]) -> insights.Asked:
        today = self._delivery.today(account)
        since, until = params.days(asked, today)
        increment: int | str = str(asked.get("time_increment") or "all_days")
        if increment not in {"all_days", "monthly"}:
            if not str(increment).isdigit() or not 1 <= int(increment) <= 90:
                raise invalid("time_increment must be 1 to 90, monthly or all_days.", field="time_increment")
            increment = int(increment)
        level = str(asked.get("level") or next(iter(parents), "account"))
        if level not in {"account", "campaign", "adset", "ad"}:
            raise invalid("level must be account, campaign, adset or ad.", field="level")
        query = insights.Asked(
            account,
            level,
            since,
            until,
            increment,
            tuple(params.words(asked.get("breakdowns"))),
            **_inside(parents),
        )
        insights.check(query, today)
        return query

    def _without_dead(
        self, rows: list[insights.Row], query: insights.Asked, filtering: Any
    ) -> list[insights.Row]:
        """Lists leave archived and deleted objects out; totals of parents keep what they delivered."""
        keep = _filter(filtering, numbers=True)
        named = _names_status(filtering)
        found = []
        alive: dict[str, bool] = {}
        for row in rows:
            if query.level != "account":
                if row.object_id not in alive:
                    fields = self.catalogue.find(row.object_id) or {}
                    alive[row.object_id] = (named or fields.get("status") not in HIDDEN) and _filter(
                        filtering
                    )(fields)
                if not alive[row.object_id]:
                    continue
            if keep(
                {"impressions": row.numbers.impressions, "spend": row.numbers.spend / query.account.offset}
            ):
                found.append(row)
        return found

    @staticmethod
    def _sort(rows: list[insights.Row], order: list[str]) -> None:
        for word in reversed(order):
            name, _, direction = word.rpartition("_")
            if name in {"spend", "impressions", "clicks"}:
                rows.sort(
                    key=lambda row, name=name: getattr(row.numbers, name), reverse=direction == "descending"
                )


def _inside(parents: dict[str, str]) -> dict[str, str]:
    return {level: object_id for level, object_id in parents.items() if level in {"campaign", "adset", "ad"}}


def _written(inner: list[Field]) -> str:
    return ",".join(
        one.name
        + "".join(f".{name}({text})" for name, text in one.modifiers.items())
        + (f"{{{_written(one.inner)}}}" if one.inner else "")
        for one in inner
    )


def _names_status(filtering: Any) -> bool:
    return any(
        "effective_status" in str(one.get("field")) for one in filtering or [] if isinstance(one, dict)
    )


OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "IN": lambda value, wanted: str(value) in [str(one) for one in wanted],
    "NOT_IN": lambda value, wanted: str(value) not in [str(one) for one in wanted],
    "EQUAL": lambda value, wanted: str(value) == str(wanted),
    "NOT_EQUAL": lambda value, wanted: str(value) != str(wanted),
    "CONTAIN": lambda value, wanted: str(wanted).lower() in str(value).lower(),
    "NOT_CONTAIN": lambda value, wanted: str(wanted).lower() not in str(value).lower(),
    "GREATER_THAN": lambda value, wanted: float(value or 0) > float(wanted),
    "LESS_THAN": lambda value, wanted: float(value or 0) < float(wanted),
}
METRIC_FIELDS = {"impressions", "spend", "clicks"}


def _filter(filtering: Any, *, numbers: bool = False) -> Callable[[dict[str, Any]], bool]:
    """What a `filtering` keeps, of objects or (with `numbers`) of rows."""
    if filtering in (None, ""):
        return lambda _fields: True
    if not isinstance(filtering, list) or not all(isinstance(one, dict) for one in filtering):
        raise invalid("filtering must be a list of field, operator and value.", field="filtering")
    rules = []
    for one in filtering:
        name = str(one.get("field", "")).rpartition(".")[2]
        operator = OPERATORS.get(str(one.get("operator")))
        if operator is None:
            raise invalid(f"{one.get('operator')} is not a valid operator.", field="filtering")
        if (name in METRIC_FIELDS) is numbers:
            rules.append((name, operator, one.get("value")))
    return lambda fields: all(operator(fields.get(name), wanted) for name, operator, wanted in rules)
