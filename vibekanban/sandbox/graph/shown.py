"""How insights rows look: every number a string, money in major units, actions that overlap on purpose."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from vibekanban.sandbox.graph.delivery import Numbers
from vibekanban.sandbox.graph.insights import HOURLY, Asked, Row
from vibekanban.sandbox.graph.problems import invalid
from vibekanban.sandbox.graph.world import Account

DEFAULT = ("account_id", "date_start", "date_stop", "impressions", "spend")
# of all conversions, how many a window sees, in hundredths
WINDOWS = {"1d_click": 62, "7d_click": 91, "28d_click": 97, "1d_view": 9, "1d_ev": 4, "dda": 94}
GONE_WINDOWS = {"7d_view", "28d_view"}
NAMES = ("account_name", "campaign_name", "adset_name", "ad_name")
PURCHASES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
METRICS = frozenset(
    {
        *DEFAULT, "account_currency", "clicks", "inline_link_clicks", "reach", "frequency", "ctr", "cpc",
        "cpm", "cpp", "actions", "action_values", "cost_per_action_type", "purchase_roas",
        "website_purchase_roas", "attribution_setting", "objective", "campaign_id", "adset_id", "ad_id",
        "unique_clicks", "results", "cost_per_result", "quality_ranking", "engagement_rate_ranking",
        "conversion_rate_ranking", "optimization_goal", "buying_type", "created_time", "updated_time", *NAMES,
    }
)  # fmt: skip

Find = Callable[[str], dict[str, Any] | None]


def check(fields: Sequence[str]) -> None:
    for name in fields:
        if name not in METRICS:
            raise invalid(f"{name} is not valid for fields param.", field="fields")


def shown(
    row: Row, asked: Asked, fields: Sequence[str], find: Find, windows: Sequence[str] = ()
) -> dict[str, Any]:
    """One row with the fields asked for, in Meta's formatting; a missing metric is zero."""
    account, numbers = asked.account, row.numbers
    reach = reached(numbers.impressions, (row.stop - row.start).days + 1)
    known: dict[str, Any] = {
        "account_id": account.id,
        "account_name": account.name,
        "account_currency": account.currency,
        "impressions": str(numbers.impressions),
        "clicks": str(numbers.clicks),
        "inline_link_clicks": str(numbers.link_clicks),
        "spend": money(numbers.spend, account),
        "attribution_setting": "7d_click_1d_view",
        "quality_ranking": "AVERAGE",
        "engagement_rate_ranking": "ABOVE_AVERAGE",
        "conversion_rate_ranking": "AVERAGE",
        **_ratios(numbers, account),
        **_conversions(numbers, account, windows),
        **_names(row, asked, find),
    }
    if HOURLY not in asked.breakdowns:
        known["reach"] = str(reach)
        known["unique_clicks"] = str(numbers.clicks * 92 // 100)
        known["frequency"] = f"{numbers.impressions / reach:.6f}" if reach else "0"
        if reach:
            known["cpp"] = f"{numbers.spend / account.offset * 1000 / reach:.6f}"
    answer = {name: known[name] for name in fields if name in known}
    answer["date_start"] = row.start.isoformat()
    answer["date_stop"] = row.stop.isoformat()
    answer.update(zip(asked.breakdowns, row.cut, strict=True))
    return answer


def money(minor: int, account: Account) -> str:
    """Insights speak major units: `12.34`, or whole yen."""
    return str(minor) if account.offset == 1 else f"{minor // 100}.{minor % 100:02d}"


def reached(impressions: int, days: int) -> int:
    """People: concave in impressions and days, so never the sum of its parts."""
    if impressions == 0:
        return 0
    return max(1, int(impressions / (1.12 + 0.21 * math.log1p(days) + 0.03 * math.log1p(impressions))))


def _ratios(numbers: Numbers, account: Account) -> dict[str, str]:
    spend = numbers.spend / account.offset
    found = {}
    if numbers.impressions:
        found["ctr"] = f"{numbers.clicks * 100 / numbers.impressions:.6f}"
        found["cpm"] = f"{spend * 1000 / numbers.impressions:.6f}"
    if numbers.clicks:
        found["cpc"] = f"{spend / numbers.clicks:.6f}"
    return found


def _conversions(numbers: Numbers, account: Account, windows: Sequence[str]) -> dict[str, Any]:
    counts = {
        "link_click": numbers.link_clicks,
        "landing_page_view": numbers.link_clicks * 81 // 100,
        "page_engagement": numbers.clicks,
        "post_engagement": numbers.clicks,
        "add_to_cart": numbers.carts,
        "omni_add_to_cart": numbers.carts,
        "lead": numbers.leads,
        "offsite_conversion.fb_pixel_lead": numbers.leads,
        **dict.fromkeys(PURCHASES, numbers.purchases),
    }
    actions = [_action(kind, count, windows) for kind, count in counts.items() if count]
    found: dict[str, Any] = {}
    if actions:
        found["actions"] = actions
        found["cost_per_action_type"] = [
            {"action_type": kind, "value": f"{numbers.spend / account.offset / count:.6f}"}
            for kind, count in counts.items()
            if count
        ]
    if numbers.value:
        found["action_values"] = [
            {
                "action_type": kind,
                "value": money(numbers.value, account),
                **_windows(numbers.value, windows, account),
            }
            for kind in PURCHASES
        ]
    if numbers.spend and numbers.value:
        roas = f"{numbers.value / numbers.spend:.6f}"
        found["purchase_roas"] = [{"action_type": "omni_purchase", "value": roas}]
        found["website_purchase_roas"] = [
            {"action_type": "offsite_conversion.fb_pixel_purchase", "value": roas}
        ]
    return found


def _action(kind: str, count: int, windows: Sequence[str]) -> dict[str, str]:
    return {"action_type": kind, "value": str(count)} | {
        name: str(count * WINDOWS[name] // 100) for name in windows if name in WINDOWS
    }


def _windows(value: int, windows: Sequence[str], account: Account) -> dict[str, str]:
    return {name: money(value * WINDOWS[name] // 100, account) for name in windows if name in WINDOWS}


def _names(row: Row, asked: Asked, find: Find) -> dict[str, Any]:
    if asked.level == "account":
        return {}
    fields = find(row.object_id) or {}
    found = {f"{asked.level}_id": row.object_id, f"{asked.level}_name": fields.get("name", "")}
    for parent in ("campaign", "adset"):
        parent_id = fields.get(f"{parent}_id")
        if parent_id:
            found[f"{parent}_id"] = parent_id
            found[f"{parent}_name"] = (find(parent_id) or {}).get("name", "")
    campaign = find(found["campaign_id"]) if "campaign_id" in found else None
    if campaign:
        found["objective"] = campaign.get("objective", "")
        found["buying_type"] = campaign.get("buying_type", "AUCTION")
    return found
