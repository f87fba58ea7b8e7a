"""How many people a targeting reaches in a month: fewer with everything that narrows it, and never by chance."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

from vibekanban.sandbox.graph import aims
from vibekanban.sandbox.graph.world import mix

LEAST = 1000  # Meta tells of no smaller audience
YOUNGEST, OLDEST = 18, 65  # the last stands for all who are older
AGES = {**{age: 100 - abs(age - 32) for age in range(13, OLDEST)}, OLDEST: 900}
GENDERS = {"1": 0.49, "2": 0.51}
PLATFORMS = {"facebook": 0.82, "instagram": 0.64, "audience_network": 0.3, "messenger": 0.35}
SPEAKERS = {
    "ES": "23",
    "MX": "23",
    "AR": "23",
    "CO": "23",
    "CL": "23",
    "PE": "23",
    "US": "6",
    "FR": "9",
    "DE": "5",
}
OWN_LANGUAGE, OTHER_LANGUAGE = 0.92, 0.05
KINDS = {"countries": "country", "regions": "region", "cities": "city", "zips": "zip"}
UNKNOWN_AUDIENCE = 40_000


def people(targeting: Mapping[str, Any], sizes: Mapping[str, int]) -> int:
    """Those a targeting reaches; `sizes` are those of the account's own audiences."""
    chosen = _places(targeting.get("geo_locations"))
    living = sum(one.people for one in chosen)
    inside = [one for one in _places(targeting.get("excluded_geo_locations")) if _is_in(one, chosen)]
    living = max(living - sum(one.people for one in inside), 0)
    audiences = _listed(targeting.get("custom_audiences"))
    if audiences:
        own = sum(_size(one, sizes) for one in audiences)
        living = min(living, own) if chosen else own
    share = _ages(targeting) * _genders(targeting) * _languages(targeting, chosen) * _platforms(targeting)
    share *= prod(_group(one) for one in (*_listed(targeting.get("flexible_spec")), targeting))
    found = living * share
    for one in _listed(targeting.get("excluded_custom_audiences")):
        found -= min(found * 0.9, _size(one, sizes) * share)
    return max(int(found), LEAST)


def bounds(targeting: Mapping[str, Any], sizes: Mapping[str, int]) -> tuple[int, int]:
    """The same as Meta tells it, between two round numbers."""
    found = people(targeting, sizes)
    return max(found * 85 // 100 // 100 * 100, LEAST), max(-(-found // 100) * 100, LEAST)


def _places(given: Any) -> list[aims.Place]:
    """Every place once; those within another of them add nobody."""
    if not isinstance(given, Mapping):
        return []
    every = {
        one.key: one for name, kind in KINDS.items() for one in map(_place(kind), _listed(given.get(name)))
    }
    return [
        one
        for one in every.values()
        if not _is_in(one, [other for other in every.values() if other.key != one.key])
    ]


def _place(kind: str) -> Any:
    def read(given: Any) -> aims.Place:
        if isinstance(given, Mapping):
            return aims.place(str(given.get("key") or ""), kind, str(given.get("country") or ""))
        return aims.place(str(given), kind, str(given))

    return read


def _is_in(one: aims.Place, others: Iterable[aims.Place]) -> bool:
    return any(
        other.key == one.key
        or other.key == one.within
        or (other.kind == "country" and other.key == one.country)
        for other in others
    )


def _ages(targeting: Mapping[str, Any]) -> float:
    first, last = (
        _number(targeting.get(name)) or usual for name, usual in (("age_min", YOUNGEST), ("age_max", OLDEST))
    )
    chosen = sum(weight for age, weight in AGES.items() if first <= age <= last)
    return min(chosen / sum(weight for age, weight in AGES.items() if age >= YOUNGEST), 1.0)


def _genders(targeting: Mapping[str, Any]) -> float:
    chosen = {str(one) for one in _listed(targeting.get("genders"))}
    return sum(GENDERS.get(one, 0) for one in chosen) if chosen else 1.0


def _languages(targeting: Mapping[str, Any], places: Iterable[aims.Place]) -> float:
    chosen = {str(one) for one in _listed(targeting.get("locales"))}
    if not chosen:
        return 1.0
    own = {SPEAKERS.get(one.country, "") for one in places}
    return min(sum(OWN_LANGUAGE if one in own else OTHER_LANGUAGE for one in chosen), 1.0)


def _platforms(targeting: Mapping[str, Any]) -> float:
    chosen = {str(one) for one in _listed(targeting.get("publisher_platforms"))}
    return 1 - prod(1 - PLATFORMS.get(one, 0.1) for one in chosen) if chosen else 1.0


def _group(given: Any) -> float:
    """Whoever is any of a group's interests and behaviours; a group without any is everybody."""
    if not isinstance(given, Mapping):
        return 1.0
    chosen = [one for name in ("interests", "behaviors") for one in _listed(given.get(name))]
    return 1 - prod(1 - _detail(one) for one in chosen) if chosen else 1.0


def _detail(given: Any) -> float:
    key = str(given.get("id") if isinstance(given, Mapping) else given)
    return 0.02 + mix(*map(ord, key)) % 1000 / 6000


def _size(given: Any, sizes: Mapping[str, int]) -> int:
    key = str(given.get("id") if isinstance(given, Mapping) else given)
    return sizes.get(key, UNKNOWN_AUDIENCE)


def _listed(given: Any) -> list[Any]:
    return given if isinstance(given, list) else []


def _number(given: Any) -> int:
    return int(given) if str(given).isdecimal() else 0
