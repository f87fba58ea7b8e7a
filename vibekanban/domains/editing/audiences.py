"""Who an ad set can reach: places, interests, languages and audiences to choose from, and how many people that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from vibekanban.core import db
from vibekanban.core.errors import Invalid
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import edits, naming
from vibekanban.domains.meta import accounts, connections, objects
from vibekanban.domains.meta.models import Level, MetaAccount

MANY = 25
MOST_LANGUAGES = 500
PLATFORMS = ("facebook", "instagram", "messenger", "audience_network")
MEN, WOMEN = 1, 2
# the members of a flexible spec that are lists of things with an id
DETAILS = (
    "interests", "behaviors", "life_events", "family_statuses", "industries", "income", "work_employers",
    "work_positions", "education_schools", "education_majors", "user_adclusters", "custom_audiences",
)  # fmt: skip


class Sought(StrEnum):
    """What is searched for; `places` are countries, regions and cities, `details` interests, behaviours and so on."""

    PLACES = "places"
    INTERESTS = "interests"
    DETAILS = "details"
    LANGUAGES = "languages"


TYPES: Mapping[Sought, str] = {
    Sought.PLACES: "adgeolocation",
    Sought.INTERESTS: "adinterest",
    Sought.LANGUAGES: "adlocale",
}


@dataclass(frozen=True)
class Target:
    """One thing to aim at: `key` is what Meta's targeting calls it, `kind` country, region, city, interest…

    A detail's `kind` is its member of a flexible spec, and a place knows the code of its `country`.
    """

    key: str
    name: str
    kind: str
    about: str = ""
    people: int | None = None
    country: str = ""


@dataclass(frozen=True)
class Estimate:
    """How many people an audience has; None while Meta can not say."""

    least: int | None
    most: int | None


def search(user_id: UUID, account_id: UUID, sought: Sought, q: str, *, limit: int = MANY) -> list[Target]:
    """What Meta finds by a part of its name."""
    account = _account(user_id, account_id)
    path, asked = "search", {"q": q.strip()[:100], "limit": limit}
    if sought is Sought.DETAILS:
        path = f"act_{account.meta_account_id}/targetingsearch"
    else:
        asked["type"] = TYPES[sought]
    if sought is Sought.PLACES:
        asked["location_types"] = ["country", "region", "city"]
    with connections.opened(account.id, Lane.HUMAN) as meta:
        rows = edits.told(lambda: meta.get(path, **asked)).get("data", [])
    found = [_target(sought, row) for row in rows]
    if sought is Sought.LANGUAGES:
        naming.remember({one.key: one.name for one in found})
    return [one for one in found if sought is not Sought.DETAILS or one.kind in DETAILS]


def languages(user_id: UUID, account_id: UUID) -> list[Target]:
    """Every language there is, whose names are kept for what shows only numbers."""
    return search(user_id, account_id, Sought.LANGUAGES, "", limit=MOST_LANGUAGES)


def custom_audiences(user_id: UUID, account_id: UUID) -> list[Target]:
    """The account's own audiences, to aim at or to leave out."""
    account = _account(user_id, account_id)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        edge = f"act_{account.meta_account_id}/customaudiences"
        fields = "id,name,subtype,approximate_count_upper_bound"
        rows = [row for page in meta.pages(edge, fields=fields, limit=100) for row in page]
    return [
        Target(
            str(row["id"]),
            str(row.get("name") or row["id"]),
            str(row.get("subtype") or "CUSTOM").lower(),
            people=row.get("approximate_count_upper_bound"),
        )
        for row in rows
    ]


def estimate(user_id: UUID, account_id: UUID, targeting: Mapping[str, Any], goal: str = "REACH") -> Estimate:
    """How many people Meta says a targeting reaches in a month."""
    if not targeting:
        raise Invalid({"targeting": "editing.rule.targeting_missing"})
    account = _account(user_id, account_id)
    with connections.opened(account.id, Lane.HUMAN) as meta:
        edge = f"act_{account.meta_account_id}/delivery_estimate"
        told = edits.told(lambda: meta.get(edge, targeting_spec=dict(targeting), optimization_goal=goal))
    row = next(iter(told.get("data") or []), {})
    if not row.get("estimate_ready"):
        return Estimate(None, None)
    return Estimate(row.get("estimate_mau_lower_bound"), row.get("estimate_mau_upper_bound"))


def estimate_of(
    user_id: UUID, level: Level, reference: UUID, targeting: Mapping[str, Any], goal: str
) -> Estimate:
    """The same for an ad set that is edited, or made under a campaign."""
    with db.transaction() as session:
        account_id = objects.found(session, user_id, level, reference).account_id
    return estimate(user_id, account_id, targeting, goal or "REACH")


def _target(sought: Sought, row: Mapping[str, Any]) -> Target:
    name = str(row.get("name") or "")
    if sought in {Sought.INTERESTS, Sought.DETAILS}:
        path = " › ".join(str(one) for one in row.get("path") or ())
        kind = "interest" if sought is Sought.INTERESTS else str(row.get("type") or "")
        return Target(str(row["id"]), name, kind, path, row.get("audience_size_upper_bound"))
    if sought is Sought.LANGUAGES:
        return Target(str(row["key"]), name, "language")
    about = ", ".join(str(row[part]) for part in ("region", "country_name") if row.get(part))
    kind, key = str(row.get("type") or ""), str(row["key"])
    country = key if kind == "country" else str(row.get("country_code") or "")
    return Target(key, name, kind, about, country=country)


def _account(user_id: UUID, account_id: UUID) -> MetaAccount:
    with db.transaction() as session:
        return accounts.account(session, user_id, account_id)
