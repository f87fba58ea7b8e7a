"""Research edges: targeting search, audience estimates, previews, recommendations."""

from __future__ import annotations

from typing import Any

from vibekanban.sandbox.graph import paging, params, previews
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.reading import Reading
from vibekanban.sandbox.graph.seeded import page
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.tokens import Token
from vibekanban.sandbox.graph.world import Account, mix

INTERESTS = (
    "Moda sostenible", "Zapatillas", "Yoga", "Running", "Cocina mediterránea", "Jardinería", "Viajes", "Fotografía",
    "Decoración", "Café de especialidad", "Marketing digital", "Emprendimiento", "Fitness", "Belleza", "Mascotas",
    "Coffee", "Travel", "Online shopping", "Gardening", "Cooking",
)  # fmt: skip
PLACES = (
    ("ES", "España", "country"), ("MX", "México", "country"), ("AR", "Argentina", "country"),
    ("CO", "Colombia", "country"), ("CL", "Chile", "country"), ("PE", "Perú", "country"),
    ("US", "United States", "country"), ("FR", "France", "country"), ("DE", "Germany", "country"),
    ("3872", "Madrid", "region"), ("3853", "Cataluña", "region"), ("3860", "Andalucía", "region"),
    ("743265", "Madrid", "city"), ("737840", "Barcelona", "city"), ("745320", "Sevilla", "city"),
    ("673744", "Ciudad de México", "city"), ("2673660", "New York", "city"),
)  # fmt: skip
BEHAVIORS = (
    "Compradores online frecuentes",
    "Usuarios de iOS",
    "Viajeros frecuentes",
    "Administradores de páginas",
)
LANGUAGES = ((23, "Español"), (6, "English (US)"), (9, "Français"), (5, "Deutsch"))
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
            return [_interest(name) for name in INTERESTS if text in name.lower()]
        if kind == "adinterestsuggestion":
            listed = {one.lower() for one in params.words(asked.get("interest_list"))}
            return [_interest(name) for name in INTERESTS if name.lower() not in listed][:10]
        if kind == "adinterestvalid":
            known = {name.lower() for name in INTERESTS}
            return [
                {"name": one, "valid": one.lower() in known}
                for one in params.words(asked.get("interest_list"))
            ]
        if kind == "adgeolocation":
            kinds = set(params.words(asked.get("location_types")))
            return [
                {"key": key, "name": name, "type": level, "supports_region": True, "supports_city": True}
                for key, name, level in PLACES
                if text in name.lower() and (not kinds or level in kinds)
            ]
        if kind == "adTargetingCategory":
            return [
                {"id": f"60{n:011d}", "name": name, "type": str(asked.get("class") or "behaviors")}
                for n, name in enumerate(BEHAVIORS)
            ]
        if kind == "adlocale":
            return [{"key": key, "name": name} for key, name in LANGUAGES if text in name.lower()]
        raise GraphError(
            100, "(#100) Param type must be one of {adinterest, adgeolocation, adTargetingCategory, adlocale}"
        )

    def edge(
        self, token: Token, object_id: str, edge: str, asked: dict[str, Any], url: str
    ) -> dict[str, Any]:
        account, parents = self._reading.scope(token, object_id)
        how = paging.switches(self._store)
        if edge == "targetingsearch":
            text = str(asked.get("q") or "").lower()
            found = [_interest(name) | {"type": "interests"} for name in INTERESTS if text in name.lower()]
            return paging.page(found, asked, url, how)
        if edge == "targetingbrowse":
            return paging.page(
                [_interest(name) | {"type": "interests"} for name in INTERESTS], asked, url, how
            )
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

    @staticmethod
    def _estimate(account: Account, edge: str, asked: dict[str, Any]) -> dict[str, Any]:
        spec = params.value(asked.get("targeting_spec"))
        if not isinstance(spec, dict):
            raise invalid("targeting_spec is required.", field="targeting_spec")
        people = 400_000 + mix(account.number, len(str(spec)), sum(map(ord, str(spec)))) % 9_000_000
        low, high = people * 85 // 100, people
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


def _interest(name: str) -> dict[str, Any]:
    size = 200_000 + mix(sum(map(ord, name))) % 90_000_000
    return {
        "id": f"600{mix(len(name), sum(map(ord, name))) % 10**10:010d}", "name": name,
        "audience_size_lower_bound": size, "audience_size_upper_bound": size * 118 // 100,
        "path": ["Intereses", name], "topic": "Intereses",
    }  # fmt: skip
