"""What there is to aim at: places, interests, behaviours, languages, and the audiences every account has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vibekanban.sandbox.graph.world import Account, mix

MILLION = 1_000_000
INTERESTS = (
    "Moda sostenible", "Zapatillas", "Yoga", "Running", "Cocina mediterránea", "Jardinería", "Viajes", "Fotografía",
    "Decoración", "Café de especialidad", "Marketing digital", "Emprendimiento", "Fitness", "Belleza", "Mascotas",
    "Coffee", "Travel", "Online shopping", "Gardening", "Cooking",
)  # fmt: skip
BEHAVIOURS = (
    "Compradores online frecuentes",
    "Usuarios de iOS",
    "Viajeros frecuentes",
    "Administradores de páginas",
)
LANGUAGES = ((23, "Español"), (6, "English (US)"), (9, "Français"), (5, "Deutsch"))
AUDIENCES = (
    ("Compradores de 180 días", "WEBSITE"),
    ("Visitantes de la web de 30 días", "WEBSITE"),
    ("Similares a los compradores (1 %)", "LOOKALIKE"),
)


@dataclass(frozen=True)
class Place:
    """`people` are those a month; `within` is the region of a city."""

    key: str
    name: str
    kind: str
    people: int
    country: str
    within: str = ""


COUNTRIES = {
    one.key: one
    for one in (
        Place("ES", "España", "country", 34 * MILLION, "ES"), Place("MX", "México", "country", 90 * MILLION, "MX"),
        Place("AR", "Argentina", "country", 31 * MILLION, "AR"), Place("CO", "Colombia", "country", 38 * MILLION, "CO"),
        Place("CL", "Chile", "country", 15 * MILLION, "CL"), Place("PE", "Perú", "country", 26 * MILLION, "PE"),
        Place("US", "United States", "country", 240 * MILLION, "US"),
        Place("FR", "France", "country", 46 * MILLION, "FR"), Place("DE", "Germany", "country", 52 * MILLION, "DE"),
    )
}  # fmt: skip
PLACES = (
    *COUNTRIES.values(),
    Place("3872", "Madrid", "region", 4_900_000, "ES"), Place("3853", "Cataluña", "region", 5_600_000, "ES"),
    Place("3860", "Andalucía", "region", 6_100_000, "ES"),
    Place("743265", "Madrid", "city", 2_700_000, "ES", "3872"), Place("737840", "Barcelona", "city", 1_500_000, "ES", "3853"),
    Place("745320", "Sevilla", "city", 640_000, "ES", "3860"),
    Place("673744", "Ciudad de México", "city", 8_400_000, "MX"), Place("2673660", "New York", "city", 7_600_000, "US"),
)  # fmt: skip
BY_KEY = {one.key: one for one in PLACES}
SMALLEST = {"country": 2 * MILLION, "region": 600_000, "city": 80_000}


def place(key: str, kind: str, country: str = "") -> Place:
    """A place that is named nowhere here has people too: as many as its key says."""
    known = BY_KEY.get(key)
    if known is not None and known.kind == kind:
        return known
    least = SMALLEST.get(kind, 20_000)
    return Place(key, key, kind, least + mix(*map(ord, key)) % (4 * least), country)


def found_places(text: str, kinds: set[str]) -> list[dict[str, Any]]:
    return [_told(one) for one in PLACES if text in one.name.lower() and (not kinds or one.kind in kinds)]


def _told(one: Place) -> dict[str, Any]:
    told: dict[str, Any] = {"key": one.key, "name": one.name, "type": one.kind}
    if one.kind != "country":
        country = COUNTRIES[one.country]
        told |= {"country_code": one.country, "country_name": country.name}
    if one.within:
        told |= {"region": BY_KEY[one.within].name, "region_id": int(one.within)}
    return told | {"supports_region": one.kind == "country", "supports_city": one.kind != "city"}


def found_details(text: str) -> list[dict[str, Any]]:
    """Interests and behaviours by a part of their name, as `targetingsearch` tells them."""
    every = [interest(name) | {"type": "interests"} for name in INTERESTS]
    every += [behaviour(name) | {"type": "behaviors"} for name in BEHAVIOURS]
    return [one for one in every if text in one["name"].lower()]


def interest(name: str) -> dict[str, Any]:
    return _detail(f"600{mix(len(name), sum(map(ord, name))) % 10**10:010d}", name, "Intereses") | {
        "topic": "Intereses"
    }


def behaviour(name: str) -> dict[str, Any]:
    return _detail(f"60{BEHAVIOURS.index(name):011d}", name, "Comportamientos")


def _detail(key: str, name: str, above: str) -> dict[str, Any]:
    size = 200_000 + mix(sum(map(ord, name))) % 90_000_000
    return {
        "id": key, "name": name, "audience_size_lower_bound": size,
        "audience_size_upper_bound": size * 118 // 100, "path": [above, name],
    }  # fmt: skip


def audiences(account: Account) -> list[dict[str, Any]]:
    """The audiences an account has from the beginning."""
    return [_audience(account, n, *one) for n, one in enumerate(AUDIENCES)]


def _audience(account: Account, number: int, name: str, subtype: str) -> dict[str, Any]:
    size = 12_000 + mix(account.number, number) % 900_000
    return {
        "id": f"16{account.number:04d}{9_000_000_000 + number:010d}", "account_id": account.id, "name": name,
        "subtype": subtype, "approximate_count_lower_bound": size, "approximate_count_upper_bound": size * 118 // 100,
    }  # fmt: skip
