"""What Meta refuses, known before it refuses: each rule names the field and the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vibekanban.core.errors import Invalid
from vibekanban.domains.editing import choices, fields, money_rules
from vibekanban.domains.editing.errors import NotEditable, NotSwitchable
from vibekanban.domains.editing.situation import Findings, Rule, Situation
from vibekanban.domains.meta.models import Level

NAME = 400  # characters Meta keeps


def needs_limits(level: Level, values: Mapping[str, Any]) -> bool:
    """Whether the account's limits matter for these values."""
    names = {*fields.BUDGETS, "spend_cap"} | ({"targeting"} if level is Level.AD_SET else set())
    return bool(names & values.keys())


def check(situation: Situation) -> None:
    """Invalid with every field that Meta would refuse."""
    found = Findings()
    for rule in (*SHARED, *OF_LEVEL[situation.level]):
        rule(situation, found)
    if found.fields:
        raise Invalid(found.fields, about=None, **found.params)


def check_alive(row: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Archived objects may only be deleted, deleted ones not be touched."""
    gone = next(
        (
            word
            for word in (row.get("status"), row.get("effective_status"))
            if word in {"ARCHIVED", "DELETED"}
        ),
        None,
    )
    if gone is None or (gone == "ARCHIVED" and values == {"status": "DELETED"}):
        return
    switching = values.keys() == {"status"} and values["status"] in {"ACTIVE", "PAUSED"}
    raise (NotSwitchable if switching else NotEditable)(status=gone)


# -- of any object


def _name(situation: Situation, found: Findings) -> None:
    if "name" not in situation.values and not situation.making:
        return
    name = situation.values.get("name")
    if not name:
        found.add("name", "name_missing")
    elif len(name) > NAME:
        found.add("name", "name_long")


def _choices(situation: Situation, found: Findings) -> None:
    """Only values that exist; an old value that stays is not looked at."""
    for name, allowed in CHOICES.items():
        if name in situation.values and situation.values[name] not in allowed:
            found.add(name, "choice")


CHOICES: Mapping[str, tuple[str, ...]] = {
    "status": choices.STATUSES,
    "objective": choices.OBJECTIVES,
    "buying_type": choices.BUYING_TYPES,
    "bid_strategy": choices.BID_STRATEGIES,
    "billing_event": tuple(choices.BILLING),
}


# -- categories, schedule, goal, audience


def _categories(situation: Situation, found: Findings) -> None:
    named = set(situation.then("special_ad_categories") or ()) - {"NONE"}
    if not {"special_ad_categories", "special_ad_category_country"} & situation.values.keys():
        return
    if named - set(choices.CATEGORIES):
        found.add("special_ad_categories", "choice")
    elif named and not situation.then("special_ad_category_country"):
        found.add("special_ad_category_country", "category_needs_country")


def _schedule(situation: Situation, found: Findings) -> None:
    end = "stop_time" if situation.level is Level.CAMPAIGN else "end_time"
    if not {"start_time", end} & situation.values.keys():
        return
    begins, ends = situation.then("start_time"), situation.then(end)
    if ends is not None and end in situation.values and ends <= situation.now:
        found.add(end, "end_past")
    elif ends is not None and begins is not None and ends <= begins:
        found.add(end, "end_before_start")
    if "start_time" in situation.values and not situation.making:
        began = situation.held("start_time")
        if began is not None and began <= situation.now and situation.row.get("status") == "ACTIVE":
            found.add("start_time", "started_already")


def _goal(situation: Situation, found: Findings) -> None:
    if not {"optimization_goal", "billing_event"} & situation.values.keys():
        return
    objective = str(situation.campaign.get("objective") or "")
    goal, billing = situation.then("optimization_goal"), situation.then("billing_event")
    allowed = choices.GOALS.get(objective)
    if "optimization_goal" in situation.values and allowed and goal not in allowed:
        found.add("optimization_goal", "goal_of_objective")
    wanted = choices.BILLING.get(str(billing or "IMPRESSIONS"), frozenset())
    if wanted and goal not in wanted:
        found.add("billing_event", "billing_of_goal")


def _promoted(situation: Situation, found: Findings) -> None:
    if not {"optimization_goal", "promoted_object"} & situation.values.keys():
        return
    objective = str(situation.campaign.get("objective") or "")
    needed = choices.promoted(objective, str(situation.then("optimization_goal") or ""))
    given = situation.then("promoted_object") or {}
    if any(not given.get(name) for name in needed):
        found.add("promoted_object", f"promote_{needed[0]}")


def _audience(situation: Situation, found: Findings) -> None:
    if "targeting" not in situation.values:
        return
    targeting = situation.values["targeting"]
    places = targeting.get("geo_locations")
    if not isinstance(places, Mapping | None):
        found.add("targeting", "place_missing")
        return
    if not any((places or {}).get(name) for name in choices.PLACES) and not targeting.get("custom_audiences"):
        found.add("targeting", "place_missing")
    ages = targeting.get("age_min"), targeting.get("age_max")
    if all(isinstance(age, int) for age in ages) and ages[0] > ages[1]:
        found.add("targeting", "ages")
    if choices.PROTECTED & set(situation.campaign.get("special_ad_categories") or ()):
        _protected(targeting, places or {}, found)


def _protected(targeting: Mapping[str, Any], places: Mapping[str, Any], found: Findings) -> None:
    """Ads of jobs, homes and credit reach everybody alike."""
    if targeting.get("genders"):
        found.add("targeting", "category_genders")
    elif (targeting.get("age_min") or choices.YOUNGEST) != choices.YOUNGEST or (
        targeting.get("age_max") or choices.OLDEST
    ) != choices.OLDEST:
        found.add("targeting", "category_ages")
    elif places.get("zips"):
        found.add("targeting", "category_zips")


def _transparency(situation: Situation, found: Findings) -> None:
    """Ads shown in the EU name who benefits and who pays, here or once for the account."""
    if "targeting" not in situation.values or situation.limits is None:
        return
    places = situation.values["targeting"].get("geo_locations")
    countries = places.get("countries") if isinstance(places, Mapping) else None
    if not choices.EU & set(countries if isinstance(countries, list) else ()):
        return
    for name, known in (
        ("dsa_beneficiary", situation.limits.names_beneficiary),
        ("dsa_payor", situation.limits.names_payor),
    ):
        if not known and not situation.then(name):
            found.add(name, name)


# -- needed when an object is made


def _campaign_needs(situation: Situation, found: Findings) -> None:
    if situation.making and not situation.values.get("objective"):
        found.add("objective", "objective_missing")


def _ad_set_needs(situation: Situation, found: Findings) -> None:
    if not situation.making:
        return
    for name in ("optimization_goal", "targeting"):
        if not situation.values.get(name):
            found.add(name, f"{name}_missing")
    if not situation.campaign_holds and not money_rules.named(situation):
        found.add("daily_budget", "budget_missing")


def _ad_needs(situation: Situation, found: Findings) -> None:
    if "creative_id" in situation.values or situation.making:
        creative = str(situation.values.get("creative_id") or "")
        if not creative.isascii() or not creative.isdigit():
            found.add("creative_id", "creative_missing")


SHARED: tuple[Rule, ...] = (_name, _choices)
OF_LEVEL: Mapping[Level, tuple[Rule, ...]] = {
    Level.CAMPAIGN: (_campaign_needs, *money_rules.OF_CAMPAIGNS, _categories, _schedule),
    Level.AD_SET: (
        _ad_set_needs,
        *money_rules.OF_AD_SETS,
        _schedule,
        _goal,
        _promoted,
        _audience,
        _transparency,
    ),
    Level.AD: (_ad_needs,),
}
