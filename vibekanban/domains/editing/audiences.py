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
from vibekanban.domains.editing import edits
from vibekanban.domains.meta import accounts, connections, objects
from vibekanban.domains.meta.models import Level, MetaAccount

MANY = 25
PLATFORMS = ("facebook", "instagram", "messenger", "audience_network")
MEN, WOMEN = 1, 2


class Sought(StrEnum):
    """What is searched for; `places` are countries, regions and cities."""

    PLACES = "places"
    INTERESTS = "interests"
    LANGUAGES = "languages"


TYPES: Mapping[Sought, str] = {
    Sought.PLACES: "adgeolocation",
    Sought.INTERESTS: "adinterest",
    Sought.LANGUAGES: "adlocale",
}


@dataclass(frozen=True)
class Target:
    """One thing to aim at: `key` is what Meta's targeting calls it, `kind` country, region, city, interest…"""

    key: str
    name: str
    kind: str
    about: str = ""
    people: int | None = None


@dataclass(frozen=True)
class Estimate:
    """How many people an audience has; None while Meta can not say."""

    least: int | None
    most: int | None


def search(user_id: UUID, account_id: UUID, sought: Sought, q: str) -> list[Target]:
    """What Meta finds by a part of its name."""
    account = _account(user_id, account_id)
    asked: dict[str, Any] = {"type": TYPES[sought], "q": q.strip()[:100], "limit": MANY}
    if sought is Sought.PLACES:
        asked["location_types"] = ["country", "region", "city"]
    with connections.opened(account.id, Lane.HUMAN) as meta:
        rows = edits.told(lambda: meta.get("search", **asked)).get("data", [])
    return [_target(sought, row) for row in rows]


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
    if sought is Sought.INTERESTS:
        path = " › ".join(str(one) for one in row.get("path") or ())
        return Target(str(row["id"]), name, "interest", path, row.get("audience_size_upper_bound"))
    if sought is Sought.LANGUAGES:
        return Target(str(row["key"]), name, "language")
    about = ", ".join(str(row[part]) for part in ("region", "country_name") if row.get(part))
    return Target(str(row["key"]), name, str(row.get("type") or ""), about)


def _account(user_id: UUID, account_id: UUID) -> MetaAccount:
    with db.transaction() as session:
        return accounts.account(session, user_id, account_id)
