"""Research edges: targeting search, audience estimates, previews, recommendations."""

from __future__ import annotations

from typing import Any

from vibekanban.sandbox.graph import aims, paging, params, previews, reach
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.seeded import page
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import Account

EDGES = frozenset(
    {
        "targetingsearch", "targetingbrowse", "reachestimate", "delivery_estimate", "generatepreviews", "previews",
        "recommendations", "client_pages", "assigned_pages", "promote_pages", "targetingsentencelines",
    }
)  # fmt: skip


class Extras:
    """Answers GET /search and the edges above."""

    def __init__(self, store: Store, reading: Reading) -> None:
        self._store = store
        self._reading = reading

    @staticmethod
    def has(edge: str) -> bool:
        return edge in EDGES

    def search(self, asked: dict[str, Any], url: str) -> dict[str, Any]:
        """GET /search?type=…&q=…"""
        kind, text = str(asked.get("type") or ""), str(asked.get("q") or "").lower()
        found = self._found(kind, text, asked)
        return paging.page(found, asked, url, paging.switches(self._store))

    def _found(self, kind: str, text: str, asked: dict[str, Any]) -> list[dict[str, Any]]:
        if kind == "adinterest":
            return [aims.interest(name) for name in aims.INTERESTS if text in name.lower()]
        if kind == "adinterestsuggestion":
            listed = {one.lower() for one in params.words(asked.get("interest_list"))}
            return [aims.interest(name) for name in aims.INTERESTS if name.lower() not in listed][:10]
        if kind == "adinterestvalid":
            known = {name.lower() for name in aims.INTERESTS}
            return [
                {"name": one, "valid": one.lower() in known}
                for one in params.words(asked.get("interest_list"))
            ]
        if kind == "adgeolocation":
            return aims.found_places(text, set(params.words(asked.get("location_types"))))
        if kind == "adTargetingCategory":
            sort = str(asked.get("class") or "behaviors")
            return [aims.behaviour(name) | {"type": sort} for name in aims.BEHAVIOURS]
        if kind == "adlocale":
            return [{"key": key, "name": name} for key, name in aims.LANGUAGES if text in name.lower()]
        raise GraphError(
            100, "(#100) Param type must be one of {adinterest, adgeolocation, adTargetingCategory, adlocale}"
        )

    def edge(
        self, token: Token, object_id: str, edge: str, asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        account, parents = self._reading.scope(token, object_id)
        how = paging.switches(self._store)
        if edge in {"targetingsearch", "targetingbrowse"}:
            text = str(asked.get("q") or "").lower() if edge == "targetingsearch" else ""
            return paging.page(aims.found_details(text), asked, url, how)
        if edge in {"reachestimate", "delivery_estimate"}:
            return self._estimate(account, edge, asked)
        if edge in {"generatepreviews", "previews"}:
            return self._preview(token, account, object_id, asked, url)
        if edge == "recommendations":
            return {"data": [{"recommendations": self._advice(account)}]}
        if edge == "targetingsentencelines":
            return {
                "targetingsentencelines": [{"content": "Ubicación:", "children": ["España"]}],
                "id": object_id,
            }
        mine = {"id": page(account), "name": account.name, "category": "Shop"}
        return paging.page([mine] if not parents else [], asked, url, how)

    def _estimate(self, account: Account, edge: str, asked: dict[str, Any]) -> dict[str, Any]:
        spec = params.value(asked.get("targeting_spec"))
        if not isinstance(spec, dict):
            raise invalid("targeting_spec is required.", field="targeting_spec")
        own = [*aims.audiences(account), *self._store.things("customaudiences", account.id)]
        sizes = {one["id"]: one.get("approximate_count_lower_bound", reach.UNKNOWN_AUDIENCE) for one in own}
        low, high = reach.bounds(spec, sizes)
        people = reach.people(spec, sizes)
        if edge == "reachestimate":
            return {"data": {"users_lower_bound": low, "users_upper_bound": high, "estimate_ready": True}}
        curve = [
            {"spend": spend, "reach": people * spend // (spend + 90_000)} for spend in (500, 2000, 10_000)
        ]
        return {
            "data": [
                {
                    "estimate_ready": True, "estimate_dau": people // 3, "estimate_mau_lower_bound": low,
                    "estimate_mau_upper_bound": high, "daily_outcomes_curve": curve,
                }
            ]
        }  # fmt: skip

    def _preview(
        self, token: Token, account: Account, object_id: str, asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        """Of an ad, of its creative, or of a creative that is only described."""
        known = {} if object_id.startswith("act_") else self._reading.object(token, object_id)
        creative = known or params.value(asked.get("creative"))
        if isinstance(creative, dict):
            named = creative.get("creative_id") or (creative.get("creative") or {}).get("id")
            creative = self._reading.object(token, str(named)) if named else creative
        if not isinstance(creative, dict):
            raise invalid("creative is required.", field="creative")
        return previews.frame(asked.get("ad_format"), account.name, creative, url)

    @staticmethod
    def _advice(account: Account) -> list[dict[str, Any]]:
        return [
            {
                "type": "CREATIVE_FATIGUE", "title": "Renueva las creatividades con más frecuencia",
                "message": "La tasa de clics de varios anuncios baja desde hace dos semanas.", "importance": "HIGH",
                "confidence": "MEDIUM", "code": 1942004 + account.number % 3,
            }
        ]  # fmt: skip
