"""Reading edges: the lists that hang on persons, accounts, campaigns, ad sets and ads."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from vibekanban.sandbox.graph import filters, paging, params, seeded
from vibekanban.sandbox.graph.accounts import RARITY
from vibekanban.sandbox.graph.catalogue import GONE
from vibekanban.sandbox.graph.problems import GraphError, forbidden
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import Account

if TYPE_CHECKING:
    from vibekanban.sandbox.graph.reading import Reading

CHILDREN = {"campaigns": "campaign", "adsets": "adset", "ads": "ad", "adcreatives": "creative"}
BELOW = {
    "user": {"adaccounts", "businesses", "accounts", "permissions"},
    "account": {
        "campaigns",
        "adsets",
        "ads",
        "adcreatives",
        "insights",
        "activities",
        "minimum_budgets",
        "adspixels",
    },
    "campaign": {"adsets", "ads", "insights", "copies"},
    "adset": {"ads", "insights", "activities", "adcreatives", "copies"},
    "ad": {"insights", "adcreatives", "copies"},
}


class Edges:
    """Answers GET on edges."""

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store = store
        self._reading = reading

    def has(self, level: str, edge: str) -> bool:
        return edge in BELOW.get(level, ())

    def answer(
        self, token: Token, object_id: str, edge: str, asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        """A page of an edge."""
        how = paging.switches(self._store)
        if object_id in {"me", token.person.user_id}:
            return paging.page(self._of_person(token, edge, asked), asked, url, how)
        account, parents = self._reading.scope(token, object_id)
        level = next(iter(parents), "account")
        if edge == "activities":
            return paging.page(self._activities(account, parents, asked), asked, url, how)
        if not self.has(level, edge):
            raise unknown(edge)
        if edge == "insights":
            return self._reading.insights.page(account, parents, asked, url, how)
        if edge == "copies":
            copies = self._copies(account, level, object_id)
            return self._page(token, copies, asked, url)
        if edge in CHILDREN:
            return self._listed(token, account, CHILDREN[edge], parents, asked, url)
        if edge == "adspixels":
            pixel = {"id": seeded.pixel(account), "name": f"Píxel de {account.name}"}
            return paging.page([pixel], asked, url, how)
        least = self._reading.accounts.minimum(account)
        kinds = {f"min_daily_budget_{name}": least * times for name, times in RARITY.items()}
        return {"data": [{"currency": account.currency, **kinds}]}

    def _of_person(self, token: Token, edge: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        reading = self._reading
        if edge == "adaccounts":
            if not token.scopes & {"ads_read", "ads_management"}:
                raise forbidden("ads_read or ads_management")
            wanted = params.fields(asked.get("fields") or "id,account_id")
            return [
                reading.expanded(token, reading.accounts.fields(account), wanted)
                for account in token.person.accounts
            ]
        if edge == "businesses":
            return [{"id": "88" + token.person.user_id, "name": token.person.name}]
        if edge == "accounts":
            return [
                {"id": seeded.page(one), "name": one.name, "category": "Shop"}
                for one in token.person.accounts[:25]
            ]
        raise unknown(edge)

    def _activities(
        self, account: Account, parents: dict[str, str], asked: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Newest first, between ?since= and ?until=."""
        query, values = "SELECT entry FROM activities WHERE account = ?", [account.id]
        for name, sign in (("since", ">="), ("until", "<=")):
            if str(asked.get(name, "")).isdigit():
                query += f" AND at {sign} ?"
                values.append(asked[name])
        rows = [json.loads(row[0]) for row in self._store.rows(query + " ORDER BY n DESC", *values)]
        wanted = set(params.words(asked.get("fields"))) | {"event_type", "event_time"}
        own = set(parents.values())
        return [
            {name: value for name, value in row.items() if name in wanted or "fields" not in asked}
            for row in rows
            if not own or row["object_id"] in own
        ]

    def _listed(
        self,
        token: Token,
        account: Account,
        level: str,
        parents: dict[str, str],
        asked: dict[str, Any],
        url: str,
    ) -> dict[str, Any]:
        catalogue = self._reading.catalogue
        filtering = params.value(asked.get("filtering"))
        conditions = filters.read(filtering)
        statuses = set(params.words(asked.get("effective_status")))
        for one in list(conditions):
            if one.name == "effective_status" and one.level in {"", level} and one.operator == "IN":
                wanted_here = {str(status) for status in one.wanted}
                statuses = statuses & wanted_here if statuses else wanted_here
                conditions.remove(one)

        def keep(fields: dict[str, Any]) -> bool:
            return filters.holds(conditions, level, fields, catalogue.find)

        if level == "creative":
            ids: Any = self._creatives(account, parents)
            if conditions or any(one.get("status") in GONE for one in catalogue.edits(account).values()):
                seen = ((one, catalogue.find(one) or {}) for one in ids)
                ids = [one for one, fields in seen if fields.get("status") != "DELETED" and keep(fields)]
        else:
            ids = catalogue.listed(
                account,
                level,
                campaign=parents.get("campaign"),
                adset=parents.get("adset"),
                statuses=frozenset(statuses),
                keep=keep if conditions else None,
                key=json.dumps(filtering, sort_keys=True) if conditions else "",
            )
        return self._page(token, ids, asked, url)

    def _page(self, token: Token, ids: Any, asked: dict[str, Any], url: str) -> dict[str, Any]:
        reading = self._reading
        wanted = params.fields(asked.get("fields") or "id")
        window = paging.page(ids, asked, url, paging.switches(self._store))
        window["data"] = [
            reading.expanded(token, reading.object(token, one), wanted) for one in window["data"]
        ]
        return window

    def _copies(self, account: Account, level: str, object_id: str) -> list[str]:
        """What was copied from an object, and is not deleted."""
        catalogue = self._reading.catalogue
        made = list(catalogue.made(account).values())
        copies = [one["id"] for one in made if one.get(f"source_{level}_id") == object_id]
        return [one for one in copies if (catalogue.find(one) or {}).get("effective_status") != "DELETED"]

    def _creatives(self, account: Account, parents: dict[str, str]) -> Any:
        catalogue = self._reading.catalogue
        if not parents:
            return catalogue.ids(account, "creative")
        ads = [parents["ad"]] if "ad" in parents else catalogue.ids(account, "ad", adset=parents["adset"])
        found = [catalogue.find(one) for one in ads]
        return [str(ad["creative"]["id"]) for ad in found if ad and isinstance(ad.get("creative"), dict)]


def unknown(edge: str) -> GraphError:
    return GraphError(100, f"(#100) Tried accessing nonexisting field ({edge})")
