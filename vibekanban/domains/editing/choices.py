"""What Meta offers, as data: objectives, goals, bid strategies, categories, and what each of them needs."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

STATUSES = ("ACTIVE", "PAUSED", "ARCHIVED", "DELETED")
# the goals of each objective, the usual one first; objectives of older campaigns can no longer be chosen
GOALS: Mapping[str, tuple[str, ...]] = {
    "OUTCOME_SALES": ("OFFSITE_CONVERSIONS", "VALUE", "CONVERSATIONS"),
    "OUTCOME_LEADS": ("LEAD_GENERATION", "QUALITY_LEAD", "OFFSITE_CONVERSIONS", "CONVERSATIONS"),
    "OUTCOME_TRAFFIC": ("LINK_CLICKS", "LANDING_PAGE_VIEWS", "REACH", "CONVERSATIONS"),
    "OUTCOME_ENGAGEMENT": ("POST_ENGAGEMENT", "THRUPLAY", "PAGE_LIKES", "EVENT_RESPONSES", "CONVERSATIONS"),
    "OUTCOME_AWARENESS": ("REACH", "IMPRESSIONS", "AD_RECALL_LIFT", "THRUPLAY"),
    "OUTCOME_APP_PROMOTION": ("APP_INSTALLS", "OFFSITE_CONVERSIONS", "VALUE"),
}
OBJECTIVES = tuple(GOALS)
BUYING_TYPES = ("AUCTION", "RESERVED")
CATEGORIES = (
    "EMPLOYMENT",
    "HOUSING",
    "FINANCIAL_PRODUCTS_SERVICES",
    "ISSUES_ELECTIONS_POLITICS",
    "ONLINE_GAMBLING_AND_GAMING",
)
# of these nobody may be left out by age, gender or postcode
PROTECTED = frozenset({"EMPLOYMENT", "HOUSING", "FINANCIAL_PRODUCTS_SERVICES"})
YOUNGEST, OLDEST = 18, 65  # the ages that leave out nobody
UNCAPPED, BID_CAP, COST_CAP = "LOWEST_COST_WITHOUT_CAP", "LOWEST_COST_WITH_BID_CAP", "COST_CAP"
MIN_ROAS = "LOWEST_COST_WITH_MIN_ROAS"
BID_STRATEGIES = (UNCAPPED, COST_CAP, BID_CAP, MIN_ROAS)
CAPPED = frozenset({BID_CAP, COST_CAP})
# impressions can always be paid for; the others only with their own goal
BILLING: Mapping[str, frozenset[str]] = {
    "IMPRESSIONS": frozenset(),
    "LINK_CLICKS": frozenset({"LINK_CLICKS"}),
    "THRUPLAY": frozenset({"THRUPLAY"}),
    "POST_ENGAGEMENT": frozenset({"POST_ENGAGEMENT"}),
    "PAGE_LIKES": frozenset({"PAGE_LIKES"}),
    "APP_INSTALLS": frozenset({"APP_INSTALLS"}),
}
# what an ad set with a goal must promote, by objective where the objective decides
_PIXEL, _PAGE, _APP = ("pixel_id", "custom_event_type"), ("page_id",), ("application_id", "object_store_url")
PROMOTED: Mapping[str, tuple[str, ...]] = {
    "OFFSITE_CONVERSIONS": _PIXEL,
    "VALUE": _PIXEL,
    "LEAD_GENERATION": _PAGE,
    "QUALITY_LEAD": _PAGE,
    "PAGE_LIKES": _PAGE,
    "CONVERSATIONS": _PAGE,
    "APP_INSTALLS": _APP,
}
# what a pixel can count as a conversion
EVENTS = (
    "PURCHASE", "ADD_TO_CART", "INITIATED_CHECKOUT", "ADD_PAYMENT_INFO", "LEAD", "COMPLETE_REGISTRATION",
    "CONTENT_VIEW", "SEARCH", "ADD_TO_WISHLIST", "CONTACT", "SUBSCRIBE", "START_TRIAL", "SCHEDULE", "OTHER",
)  # fmt: skip
# what the button of an ad says, the usual one first
CALLS = (
    "LEARN_MORE", "SHOP_NOW", "SIGN_UP", "SUBSCRIBE", "CONTACT_US", "GET_OFFER", "BOOK_NOW", "DOWNLOAD", "APPLY_NOW",
    "GET_QUOTE",
)  # fmt: skip
EU = frozenset(
    "AT BE BG HR CY CZ DK EE FI FR DE GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE".split()  # noqa: SIM905
)
PLACES = (
    "countries", "country_groups", "regions", "cities", "zips", "places", "custom_locations", "geo_markets",
    "subcities", "neighborhoods", "medium_geo_areas", "large_geo_areas", "small_geo_areas", "metro_areas",
)  # fmt: skip


def promoted(objective: str, goal: str) -> tuple[str, ...]:
    """What `promoted_object` must name; everything of an app campaign is about the app."""
    return _APP if objective == "OUTCOME_APP_PROMOTION" else PROMOTED.get(goal, ())


class BudgetMode(StrEnum):
    """Who holds the budget; `shared` ad sets may lend each other up to a fifth."""

    CAMPAIGN = "campaign"
    AD_SETS = "adsets"
    SHARED = "shared"
