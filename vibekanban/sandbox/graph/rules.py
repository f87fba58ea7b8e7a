"""What Meta refuses in a new or changed object, with its codes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from vibekanban.sandbox.graph import params
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.seeded import GOALS
from vibekanban.sandbox.graph.timelines import moment
from vibekanban.sandbox.graph.world import mix

STATUSES = {"ACTIVE", "PAUSED", "ARCHIVED", "DELETED"}
CATEGORIES = {
    "NONE", "EMPLOYMENT", "HOUSING", "FINANCIAL_PRODUCTS_SERVICES", "ISSUES_ELECTIONS_POLITICS",
    "ONLINE_GAMBLING_AND_GAMING",
}  # fmt: skip
PROTECTED = {"EMPLOYMENT", "HOUSING", "FINANCIAL_PRODUCTS_SERVICES"}
BILLING = {
    "IMPRESSIONS",
    "LINK_CLICKS",
    "THRUPLAY",
    "POST_ENGAGEMENT",
    "PAGE_LIKES",
    "APP_INSTALLS",
    "CLICKS",
}
BIDDING = {"LOWEST_COST_WITHOUT_CAP", "LOWEST_COST_WITH_BID_CAP", "COST_CAP", "LOWEST_COST_WITH_MIN_ROAS"}
_PIXEL = ("pixel_id", "custom_event_type")
PROMOTED = {
    "OFFSITE_CONVERSIONS": _PIXEL, "VALUE": _PIXEL, "APP": ("application_id", "object_store_url"),
    **dict.fromkeys(("LEAD_GENERATION", "QUALITY_LEAD", "PAGE_LIKES", "CONVERSATIONS"), ("page_id",)),
}  # fmt: skip
EU = set("AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split())  # noqa: SIM905
BUDGETS = ("daily_budget", "lifetime_budget")
UPDATABLE: Mapping[str, set[str]] = {
    "campaign": {
        "name", "status", *BUDGETS, "bid_strategy", "special_ad_categories", "special_ad_category_country", "spend_cap",
        "start_time", "stop_time", "is_adset_budget_sharing_enabled", "adset_budgets", "pacing_type", "adlabels",
        "promoted_object", "campaign_budget_optimization", "budget_rebalance_flag",
    },
    "adset": {
        "name", "status", *BUDGETS, "bid_amount", "bid_strategy", "bid_constraints", "targeting", "start_time",
        "end_time", "optimization_goal", "billing_event", "attribution_spec", "promoted_object", "destination_type",
        "dsa_beneficiary", "dsa_payor", "pacing_type", "adlabels", "frequency_control_specs", "daily_min_spend_target",
        "daily_spend_cap", "lifetime_min_spend_target", "lifetime_spend_cap", "adset_schedule",
    },
    "ad": {"name", "status", "creative", "tracking_specs", "conversion_domain", "adlabels", "bid_amount"},
    "creative": {"name", "status", "adlabels"},
    "account": {"name", "spend_cap", "spend_cap_action", "default_dsa_beneficiary", "default_dsa_payor", "end_advertiser"},
}  # fmt: skip


def need(fields: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if fields.get(name) in (None, ""):
            raise invalid(f"The field {name} is required.", field=name)


def common(fields: Mapping[str, Any]) -> None:
    """Status and name, of any object."""
    if "status" in fields and fields["status"] not in STATUSES:
        raise GraphError(100, f"(#100) Param status must be one of {{{', '.join(sorted(STATUSES))}}}")
    if "name" in fields and not str(fields["name"]).strip():
        raise invalid("Name must not be empty.", field="name")


def objective(fields: Mapping[str, Any]) -> None:
    if fields["objective"] not in GOALS:
        raise invalid(
            f"The objective {fields['objective']} is not available for new campaigns.", field="objective",
            subcode=1815702, title="Objective is invalid",
        )  # fmt: skip


def categories(fields: Mapping[str, Any]) -> list[str]:
    """The special ad categories, which must always be named."""
    if "special_ad_categories" not in fields:
        raise invalid(
            "special_ad_categories is required, if only as an empty list.", field="special_ad_categories"
        )
    named = params.words(fields["special_ad_categories"])
    for one in named:
        if one not in CATEGORIES:
            raise GraphError(
                100, f"(#100) Param special_ad_categories[0] must be one of {sorted(CATEGORIES)}"
            )
    special = [one for one in named if one != "NONE"]
    if special and not params.words(fields.get("special_ad_category_country")):
        raise invalid("Say in which countries the category is shown.", field="special_ad_category_country")
    return special


def one_budget(fields: Mapping[str, Any]) -> None:
    if fields.get("daily_budget") and fields.get("lifetime_budget"):
        raise invalid("Choose a daily or a lifetime budget, not both.", field="daily_budget")


def budgets(fields: Mapping[str, Any], least: int, currency: str) -> dict[str, str]:
    """The budgets as whole minor units, none below the minimum."""
    found = {}
    for name in BUDGETS:
        if fields.get(name) in (None, ""):
            continue
        try:
            amount = int(str(fields[name]))
        except ValueError:
            raise GraphError(100, f"(#100) Param {name} must be an integer") from None
        if amount < least:
            raise invalid(
                f"Your budget is too low. The minimum is {least} in the smallest unit of {currency}.", field=name,
                subcode=1885272, title="Budget is too low",
            )  # fmt: skip
        found[name] = str(amount)
    return found


def above_spent(budget: int, spent: int) -> None:
    """A lifetime budget can not fall below what was spent of it."""
    if budget < spent:
        raise invalid(
            f"The budget must be more than what was spent already ({spent}).", field="lifetime_budget",
            subcode=1885650, title="Budget is too low",
        )  # fmt: skip


def cap(fields: Mapping[str, Any], least: int, currency: str) -> None:
    """A campaign's spend cap is not below the account's least one."""
    if fields.get("spend_cap") in (None, ""):
        return
    if not str(fields["spend_cap"]).isdigit():
        raise GraphError(100, "(#100) Param spend_cap must be an integer")
    if int(fields["spend_cap"]) < least:
        raise invalid(
            f"The spend cap is too low. The minimum is {least} in the smallest unit of {currency}.",
            field="spend_cap", subcode=1487901, title="Spend cap is too low",
        )  # fmt: skip


def labels(fields: dict[str, Any]) -> None:
    """Labels named for the first time are made."""
    if "adlabels" not in fields:
        return
    given = fields["adlabels"]
    if not isinstance(given, list) or not all(isinstance(one, dict) and one for one in given):
        raise GraphError(100, "(#100) Param adlabels must be an array of objects")
    fields["adlabels"] = [{"id": f"60{mix(sum(map(ord, str(one)))) % 10**13:013d}", **one} for one in given]


def goal(fields: Mapping[str, Any], campaign: Mapping[str, Any]) -> None:
    allowed = GOALS.get(str(campaign.get("objective")), ())
    if allowed and fields["optimization_goal"] not in allowed:
        raise invalid(
            f"{fields['optimization_goal']} is not available for the objective {campaign.get('objective')}.",
            field="optimization_goal", title="Performance goal isn't available",
        )  # fmt: skip
    if "billing_event" in fields and fields["billing_event"] not in BILLING:
        raise GraphError(100, f"(#100) Param billing_event must be one of {sorted(BILLING)}")


def promoted(fields: Mapping[str, Any], campaign: Mapping[str, Any]) -> None:
    """What an ad set with a goal promotes."""
    goal = str(fields.get("optimization_goal"))
    needed = (
        PROMOTED["APP"] if campaign.get("objective") == "OUTCOME_APP_PROMOTION" else PROMOTED.get(goal, ())
    )
    given = fields.get("promoted_object")
    given = given if isinstance(given, dict) else {}
    if any(not given.get(name) for name in needed):
        raise invalid(
            f"To optimise for {goal} the promoted object must name {' and '.join(needed)}.", field="promoted_object",
            title="Promoted object is missing",
        )  # fmt: skip


def bidding(fields: Mapping[str, Any], strategy: str | None) -> None:
    """A bid belongs to a strategy with a cap, and a cap needs its bid."""
    strategy = str(fields.get("bid_strategy") or strategy or "LOWEST_COST_WITHOUT_CAP")
    if strategy not in BIDDING:
        raise GraphError(100, f"(#100) Param bid_strategy must be one of {sorted(BIDDING)}")
    if strategy == "LOWEST_COST_WITHOUT_CAP" and fields.get("bid_amount"):
        raise invalid("Bids are automatic with this strategy.", field="bid_amount", subcode=1885204)
    if strategy in {"LOWEST_COST_WITH_BID_CAP", "COST_CAP"} and not fields.get("bid_amount"):
        raise invalid("This bid strategy needs a bid amount.", field="bid_amount", subcode=1815857)
    if strategy == "LOWEST_COST_WITH_MIN_ROAS" and not fields.get("bid_constraints"):
        raise invalid("This bid strategy needs bid_constraints.roas_average_floor.", field="bid_constraints")


def schedule(fields: Mapping[str, Any], campaign: Mapping[str, Any], now: float) -> None:
    ends = moment(fields.get("end_time"))
    if ends is not None and ends <= now:
        raise invalid("The end time is in the past.", field="end_time", subcode=1487033)
    begins = moment(fields.get("start_time"))
    if ends is not None and begins is not None and ends <= begins:
        raise invalid("The end time must be after the start time.", field="end_time", subcode=1487033)
    if (fields.get("lifetime_budget") or campaign.get("lifetime_budget")) and ends is None:
        raise invalid("A lifetime budget needs an end time.", field="end_time")


def targeting(given: Any) -> None:
    if not isinstance(given, dict) or not isinstance(given.get("geo_locations", {}), dict):
        raise GraphError(100, "(#100) Param targeting must be an object")
    places = given.get("geo_locations")
    audiences = given.get("custom_audiences")
    if not places and not audiences:
        raise invalid(
            "Targeting needs at least one place.",
            field="targeting",
            subcode=1885364,
            title="Location is missing",
        )


def protected(given: Mapping[str, Any], campaign: Mapping[str, Any]) -> None:
    """Ads of jobs, homes and credit leave nobody out by age, gender or postcode."""
    if not PROTECTED & set(campaign.get("special_ad_categories") or ()):
        return
    places = given.get("geo_locations") or {}
    ages = given.get("age_min") or 18, given.get("age_max") or 65
    if given.get("genders") or tuple(int(age) for age in ages) != (18, 65) or places.get("zips"):
        raise invalid(
            "The special ad category does not allow targeting by age, gender or postcode.", field="targeting",
            title="Targeting isn't available for this special ad category",
        )  # fmt: skip


def transparency(fields: Mapping[str, Any], account: Mapping[str, Any]) -> None:
    """Ads shown in the EU name who benefits and who pays."""
    places = fields["targeting"].get("geo_locations", {})
    if not EU & set(_words(places.get("countries"))):
        return
    beneficiary = fields.get("dsa_beneficiary") or account.get("default_dsa_beneficiary")
    payor = fields.get("dsa_payor") or account.get("default_dsa_payor")
    if not beneficiary and not payor:
        raise invalid(
            "Ads in the EU must name who benefits and who pays.", field="dsa_beneficiary", subcode=3858152
        )
    if not beneficiary:
        raise invalid("Ads in the EU must name who benefits.", field="dsa_beneficiary", subcode=3858079)
    if not payor:
        raise invalid("Ads in the EU must name who pays.", field="dsa_payor", subcode=3858081)


def _words(raw: Any) -> Iterable[str]:
    return [str(one) for one in raw] if isinstance(raw, list) else []
