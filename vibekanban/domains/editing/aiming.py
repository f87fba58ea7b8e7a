"""Places, details, languages and audiences within Meta's targeting: what is chosen, and choosing other ones.

All else of a targeting stays as it is, and so does what Meta keeps with a thing that stays chosen, a city's radius.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from vibekanban.core import i18n
from vibekanban.core.errors import Invalid
from vibekanban.domains.editing.audiences import DETAILS, Sought, Target

MOST = 1000  # of one kind, as many as Meta takes in a group


class Aim(StrEnum):
    """A list within a targeting that is chosen from what Meta knows."""

    PLACES = "places"
    EXCLUDED_PLACES = "excluded_places"
    LANGUAGES = "languages"
    DETAILS = "details"
    NARROWED = "narrowed"
    AUDIENCES = "audiences"
    EXCLUDED_AUDIENCES = "excluded_audiences"


# what is searched for each; the account's own audiences are few enough to be listed
SOUGHT: Mapping[Aim, Sought | None] = {
    Aim.PLACES: Sought.PLACES,
    Aim.EXCLUDED_PLACES: Sought.PLACES,
    Aim.LANGUAGES: Sought.LANGUAGES,
    Aim.DETAILS: Sought.DETAILS,
    Aim.NARROWED: Sought.DETAILS,
    Aim.AUDIENCES: None,
    Aim.EXCLUDED_AUDIENCES: None,
}
MEMBERS: Mapping[Aim, str] = {
    Aim.PLACES: "geo_locations",
    Aim.EXCLUDED_PLACES: "excluded_geo_locations",
    Aim.LANGUAGES: "locales",
    Aim.DETAILS: "flexible_spec",
    Aim.NARROWED: "flexible_spec",
    Aim.AUDIENCES: "custom_audiences",
    Aim.EXCLUDED_AUDIENCES: "excluded_custom_audiences",
}
GROUPS: Mapping[Aim, int] = {Aim.DETAILS: 0, Aim.NARROWED: 1}
PLACES: Mapping[str, str] = {"regions": "region", "cities": "city"}


def chosen(
    targeting: Mapping[str, Any], aim: Aim, locale: str, languages: Mapping[str, str] | None = None
) -> list[Target]:
    """What a targeting has of one kind, by the names that are known."""
    held = targeting.get(MEMBERS[aim])
    if aim in GROUPS:
        group = _group(targeting, GROUPS[aim])
        return [_named(one, kind) for kind in DETAILS for one in _things(group.get(kind))]
    if aim is Aim.LANGUAGES:
        known = languages or {}
        keys = [str(one) for one in held] if isinstance(held, list) else []
        return [Target(key, known.get(key, f"#{key}"), "language") for key in keys]
    if aim in {Aim.AUDIENCES, Aim.EXCLUDED_AUDIENCES}:
        return [_named(one, "audience") for one in _things(held)]
    places = held if isinstance(held, Mapping) else {}
    countries = places.get("countries")
    codes = [str(one) for one in countries] if isinstance(countries, list) else []
    found = [Target(code, i18n.country(code, locale), "country", country=code) for code in codes]
    for member, kind in PLACES.items():
        found += [_place(one, kind) for one in _things(places.get(member), "key")]
    return found


def choose(targeting: Mapping[str, Any], wanted: Mapping[Aim, Sequence[Target]]) -> dict[str, Any]:
    """The targeting with these chosen instead; empty lists are left out."""
    found = dict(targeting)
    # the last group first: without the one before it, it would take that one's place
    for aim in sorted(wanted, key=lambda one: -GROUPS.get(one, 0)):
        found = _choose(found, aim, wanted[aim])
    return found


def _choose(targeting: Mapping[str, Any], aim: Aim, targets: Sequence[Target]) -> dict[str, Any]:
    if len(targets) > MOST:
        raise Invalid({"targeting": "editing.rule.aims_many"}, most_aims=MOST)
    found, member = dict(targeting), MEMBERS[aim]
    value: Any
    if aim in GROUPS:
        value = _with_group(targeting, GROUPS[aim], targets)
    elif aim is Aim.LANGUAGES:
        value = [int(one.key) for one in targets if one.key.isdecimal()]
    elif aim in {Aim.AUDIENCES, Aim.EXCLUDED_AUDIENCES}:
        value = _entries(targeting.get(member), targets)
    else:
        value = _with_places(targeting.get(member), targets)
    found[member] = value
    return {name: one for name, one in found.items() if name != member or one}


def _with_places(held: Any, targets: Sequence[Target]) -> dict[str, Any]:
    places = dict(held) if isinstance(held, Mapping) else {}
    places["countries"] = [one.key for one in targets if one.kind == "country"]
    for member, kind in PLACES.items():
        kept = {str(one.get("key")): one for one in _things(places.get(member), "key")}
        places[member] = [kept.get(one.key) or _written(one) for one in targets if one.kind == kind]
    return {name: one for name, one in places.items() if one}


def _with_group(targeting: Mapping[str, Any], number: int, targets: Sequence[Target]) -> list[dict[str, Any]]:
    groups = targeting.get("flexible_spec")
    every = [dict(one) for one in groups if isinstance(one, Mapping)] if isinstance(groups, list) else []
    while len(every) <= number:
        every.append({})
    group = every[number]
    for kind in DETAILS:
        own = [one for one in targets if one.kind == kind]
        if own or kind in group:
            group[kind] = _entries(group.get(kind), own)
    every[number] = {kind: value for kind, value in group.items() if value}
    return [one for one in every if one]


def _entries(held: Any, targets: Iterable[Target]) -> list[dict[str, Any]]:
    kept = {str(one.get("id")): one for one in _things(held)}
    return [dict(kept.get(one.key) or {"id": one.key, "name": one.name}) for one in targets]


def _written(one: Target) -> dict[str, Any]:
    told = {"key": one.key, "name": one.name, "country": one.country}
    return {name: value for name, value in told.items() if value}


def _group(targeting: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    groups = targeting.get("flexible_spec")
    every = [one for one in groups if isinstance(one, Mapping)] if isinstance(groups, list) else []
    return every[number] if number < len(every) else {}


def _things(held: Any, key: str = "id") -> list[Mapping[str, Any]]:
    every = held if isinstance(held, list) else []
    return [one for one in every if isinstance(one, Mapping) and one.get(key)]


def _named(one: Mapping[str, Any], kind: str) -> Target:
    key = str(one["id"])
    return Target(key, str(one.get("name") or f"#{key}"), kind)


def _place(one: Mapping[str, Any], kind: str) -> Target:
    key, country = str(one["key"]), str(one.get("country") or "")
    about = ", ".join(part for part in (str(one.get("region") or ""), country) if part)
    return Target(key, str(one.get("name") or f"#{key}"), kind, about, country=country)
