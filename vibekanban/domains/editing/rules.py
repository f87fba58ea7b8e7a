"""What Meta refuses, known before it refuses: each rule names the field and the sentence."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from pydantic.alias_generators import to_camel

from vibekanban.core import columns
from vibekanban.core.errors import Invalid
from vibekanban.domains.editing import choices, fields
from vibekanban.domains.editing.errors import NotEditable, NotSwitchable
from vibekanban.domains.editing.limits import Limits
from vibekanban.domains.meta import money
from vibekanban.domains.meta.models import Level

NAME = 400  # characters Meta keeps


@dataclass(frozen=True)
class Situation:
    """What an edit meets: Meta's rows of the object (empty while it is being made) and of its campaign."""

    level: Level
    currency: str
    values: Mapping[str, Any]
    row: Mapping[str, Any] = field(default_factory=dict)
    campaign: Mapping[str, Any] = field(default_factory=dict)
    limits: Limits | None = None
    now: datetime = field(default_factory=columns.now)

    @property
    def making(self) -> bool:
        return not self.row

    def then(self, name: str) -> Any:
        """The value of a field once the edit is done."""
        if name in self.values:
            return self.values[name]
        return self.held(name)

    def held(self, name: str) -> Any:
        """The value at Meta."""
        found = fields.known(self.level, name, making=True)
        return fields.read(found, self.row) if found else None

    @property
    def holder(self) -> Mapping[str, Any]:
        """The campaign's own row: an ad set looks at the campaign above it."""
        return self.row if self.level is Level.CAMPAIGN else self.campaign

    @property
    def campaign_holds(self) -> bool:
        """Whether the campaign holds the budget."""
        return any(_amount(self.holder, name) for name in fields.BUDGETS)


class Findings:
    """What is wrong, by field; a sentence may name an amount."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self.params: dict[str, str] = {}

    def add(self, name: str, rule: str, **params: str) -> None:
        self.fields.setdefault(to_camel(name), f"editing.rule.{rule}")
        self.params |= params


Rule = Callable[[Situation, Findings], None]


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
        raise Invalid(found.fields, **found.params)


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


# -- budgets


def _one_budget(situation: Situation, found: Findings) -> None:
    if all(situation.values.get(name) is not None for name in fields.BUDGETS):
        found.add("lifetime_budget", "one_budget")


def _budget_kind(situation: Situation, found: Findings) -> None:
    """A daily budget stays daily, and one that is held elsewhere can not be set here."""
    for name in _named(situation):
        other = "lifetime_budget" if name == "daily_budget" else "daily_budget"
        if situation.level is Level.AD_SET and situation.campaign_holds:
            found.add(name, "campaign_holds_budget")
        elif situation.level is Level.CAMPAIGN and not situation.making and not situation.campaign_holds:
            found.add(name, "ad_sets_hold_budgets")
        elif not situation.making and situation.held(other) and not situation.held(name):
            found.add(name, "budget_kind")


def _budget_least(situation: Situation, found: Findings) -> None:
    if situation.limits is None:
        return
    least = situation.limits.least_daily(str(situation.then("billing_event") or "IMPRESSIONS"))
    for name in _named(situation):
        needed = least * (_days(situation) if name == "lifetime_budget" else 1)
        if situation.values[name] < max(needed, 1):
            amount = money.text(money.budget(max(needed, 1), situation.currency), situation.currency) or ""
            found.add(name, "budget_least", minimum=amount, currency=situation.currency)


def _lifetime_needs_end(situation: Situation, found: Findings) -> None:
    if not {"lifetime_budget", "end_time"} & situation.values.keys() and not situation.making:
        return
    lifetime = situation.then("lifetime_budget") or _amount(situation.campaign, "lifetime_budget")
    if lifetime and not situation.then("end_time"):
        found.add("end_time", "lifetime_needs_end")


def _sharing(situation: Situation, found: Findings) -> None:
    """Sibling ad sets share daily budgets only, and there is nothing to share under a campaign budget."""
    if not situation.values.get("is_adset_budget_sharing_enabled"):
        return
    if any(situation.then(name) for name in fields.BUDGETS):
        found.add("is_adset_budget_sharing_enabled", "sharing_needs_ad_set_budgets")


def _shared_daily_only(situation: Situation, found: Findings) -> None:
    sharing = str(situation.campaign.get("is_adset_budget_sharing_enabled")).lower() == "true"
    if sharing and situation.values.get("lifetime_budget"):
        found.add("lifetime_budget", "sharing_is_daily")


def _cap(situation: Situation, found: Findings) -> None:
    cap = situation.values.get("spend_cap")
    if cap is None or situation.limits is None or cap >= situation.limits.least_spend_cap:
        return
    least = money.budget(situation.limits.least_spend_cap, situation.currency)
    minimum = money.text(least, situation.currency) or ""
    found.add("spend_cap", "cap_least", minimum_cap=minimum, currency=situation.currency)


def _named(situation: Situation) -> list[str]:
    return [name for name in fields.BUDGETS if situation.values.get(name) is not None]


def _days(situation: Situation) -> int:
    ends = situation.then("end_time") or situation.then("stop_time")
    begins = situation.then("start_time") or situation.now
    return max(1, (ends - begins) // timedelta(days=1)) if ends else 1


def _amount(row: Mapping[str, Any], name: str) -> int:
    return int(row.get(name) or 0)


# -- bidding


def _bidding(situation: Situation, found: Findings) -> None:
    if not {"bid_strategy", "bid_amount", "roas_floor"} & situation.values.keys() and not situation.making:
        return
    own = situation.then("bid_strategy")
    above = situation.campaign.get("bid_strategy") if situation.campaign_holds else None
    if above and "bid_strategy" in situation.values and own != above:
        found.add("bid_strategy", "campaign_holds_strategy")
        return
    strategy = above or own or choices.UNCAPPED
    given = {name for name in ("bid_amount", "roas_floor") if situation.values.get(name) is not None}
    if strategy == choices.UNCAPPED:
        for name in given:
            found.add(name, "bid_automatic")
    elif strategy in choices.CAPPED and not situation.then("bid_amount"):
        found.add("bid_amount", "bid_needed")
    elif strategy == choices.MIN_ROAS:
        if not situation.then("roas_floor"):
            found.add("roas_floor", "roas_needed")
        if (situation.then("optimization_goal") or "VALUE") != "VALUE":
            found.add("bid_strategy", "roas_needs_value")


def _campaign_bidding(situation: Situation, found: Findings) -> None:
    """A campaign has a bid strategy when it holds the budget."""
    holds = situation.campaign_holds or bool(_named(situation))
    if situation.values.get("bid_strategy") and not holds:
        found.add("bid_strategy", "strategy_needs_budget")


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
    if not situation.campaign_holds and not _named(situation):
        found.add("daily_budget", "budget_missing")


def _ad_needs(situation: Situation, found: Findings) -> None:
    if "creative_id" in situation.values or situation.making:
        creative = str(situation.values.get("creative_id") or "")
        if not creative.isascii() or not creative.isdigit():
            found.add("creative_id", "creative_missing")


SHARED: tuple[Rule, ...] = (_name, _choices)
_MONEY: tuple[Rule, ...] = (_one_budget, _budget_kind, _budget_least)
OF_LEVEL: Mapping[Level, tuple[Rule, ...]] = {
    Level.CAMPAIGN: (_campaign_needs, *_MONEY, _sharing, _cap, _campaign_bidding, _categories, _schedule),
    Level.AD_SET: (
        _ad_set_needs,
        *_MONEY,
        _shared_daily_only,
        _lifetime_needs_end,
        _bidding,
        _schedule,
        _goal,
        _promoted,
        _audience,
        _transparency,
    ),
    Level.AD: (_ad_needs,),
}
