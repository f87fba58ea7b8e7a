"""Actions of insights rows: types that contain each other on purpose, per attribution window when asked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from vibekanban.sandbox.graph.numbers import Numbers
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.world import Account

# of all conversions, how many a window sees, in hundredths
WINDOWS = {"1d_click": 62, "7d_click": 91, "28d_click": 97, "1d_view": 9, "1d_ev": 4, "dda": 94}
GONE = frozenset({"7d_view", "28d_view"})  # accepted, and silent since January 2026
SPECIAL = frozenset({"default", "value", "skan_view", "skan_click", "incrementality"})
PURCHASES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase", "web_in_store_purchase")
CARTS = ("omni_add_to_cart", "add_to_cart", "offsite_conversion.fb_pixel_add_to_cart")
LEADS = ("lead", "offsite_conversion.fb_pixel_lead", "onsite_web_lead")


def check(windows: Sequence[str]) -> None:
    for name in windows:
        if name not in WINDOWS and name not in GONE and name not in SPECIAL:
            raise GraphError(
                100,
                f"(#100) action_attribution_windows[0] must be one of the following values: {name} is not",
            )


def conversions(
    numbers: Numbers, account: Account, windows: Sequence[str], *, off_platform: bool, by_action: bool
) -> dict[str, Any]:
    """Actions, their values and what they cost; those off the platform only where Meta tells them."""
    seen = numbers if off_platform else Numbers(clicks=numbers.clicks, link_clicks=numbers.link_clicks)
    counts = _counts(seen)
    if not by_action:
        total = {"value": str(seen.clicks)}
        return {"actions": [total]} if seen.clicks else {}
    found: dict[str, Any] = {}
    spend = numbers.spend / account.offset
    if counts:
        found["actions"] = _listed(counts, windows, 1)
        found["cost_per_action_type"] = [
            {"action_type": kind, "value": f"{spend / count:.6f}"} for kind, count in counts.items()
        ]
    if seen.purchases:
        found["conversions"] = _listed({"website_purchase_total": seen.purchases}, windows, 1)
    if seen.value:
        found["action_values"] = _listed(dict.fromkeys(PURCHASES, seen.value), windows, account.offset)
    if numbers.spend and seen.value:
        roas = f"{seen.value / numbers.spend:.6f}"
        found["purchase_roas"] = [{"action_type": "omni_purchase", "value": roas}]
        found["website_purchase_roas"] = [{"action_type": PURCHASES[2], "value": roas}]
    return found


def _counts(numbers: Numbers) -> dict[str, int]:
    counts = {
        "link_click": numbers.link_clicks,
        "landing_page_view": numbers.link_clicks * 81 // 100 if numbers.impressions else 0,
        "page_engagement": numbers.clicks,
        "post_engagement": numbers.clicks,
        "post_reaction": numbers.clicks * 8 // 100,
        "view_content": numbers.link_clicks * 64 // 100 if numbers.impressions else 0,
        "initiate_checkout": numbers.purchases * 2,
        **dict.fromkeys(CARTS, numbers.carts),
        **dict.fromkeys(LEADS, numbers.leads),
        **dict.fromkeys(PURCHASES, numbers.purchases),
    }
    return {kind: count for kind, count in counts.items() if count}


def _listed(counts: Mapping[str, int], windows: Sequence[str], offset: int) -> list[dict[str, str]]:
    """Each type with its value, and a value per window that sees any."""
    return [
        {"action_type": kind, "value": _text(count, offset)}
        | {
            name: _text(seen, offset)
            for name in windows
            if name in WINDOWS and (seen := count * WINDOWS[name] // 100)
        }
        for kind, count in counts.items()
    ]


def _text(count: int, offset: int) -> str:
    return str(count) if offset == 1 else f"{count // 100}.{count % 100:02d}"
