"""Meta's insights rows as facts: exact integers, the conversion that counts, nothing that does not add up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from vibekanban.domains.meta.models import Level

PURCHASES = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
FIELDS = "impressions,clicks,inline_link_clicks,spend,actions,action_values,attribution_setting"
IDS = {
    Level.CAMPAIGN: "campaign_id",
    Level.AD_SET: "adset_id",
    Level.AD: "ad_id",
    Level.ACCOUNT: "account_id",
}
HOURLY = "hourly_stats_aggregated_by_advertiser_time_zone"
HOUR = "hour"  # how the store calls that breakdown; its values are 00 to 23


def fields(level: Level) -> str:
    """The fields to ask for; additive ones only, ratios are derived after summing."""
    return f"{IDS[level]},{FIELDS}"


def cut(breakdown: str) -> dict[str, str]:
    """What to ask for, besides, to have rows cut by a breakdown of the store."""
    return {"breakdowns": HOURLY if breakdown == HOUR else breakdown} if breakdown else {}


@dataclass(frozen=True)
class Fact:
    """One row of the store, of an object on a day."""

    object_id: str
    day: date
    breakdown_value: str
    attribution: str
    impressions: int
    clicks: int
    link_clicks: int
    spend_micros: int
    conversions_micros: int
    revenue_micros: int
    actions: str
    action_values: str
    conversion_event: str


def fact(row: Mapping[str, Any], level: Level, *, breakdown: str = "", event: str | None = None) -> Fact:
    """A fact of an answer row; `event` is the account's declared conversion."""
    actions, values = by_type(row.get("actions")), by_type(row.get("action_values"))
    chosen = chosen_event(actions, event)
    return Fact(
        object_id=str(row[IDS[level]]),
        day=date.fromisoformat(row["date_start"]),
        breakdown_value=_value(row, breakdown),
        attribution=str(row.get("attribution_setting") or ""),
        impressions=int(row.get("impressions") or 0),
        clicks=int(row.get("clicks") or 0),
        link_clicks=int(row.get("inline_link_clicks") or 0),
        spend_micros=micros(row.get("spend")),
        conversions_micros=micros(actions.get(chosen)),
        revenue_micros=micros(values.get(chosen)),
        actions=json.dumps(actions, separators=(",", ":")),
        action_values=json.dumps(values, separators=(",", ":")),
        conversion_event=chosen,
    )


def chosen_event(actions: Mapping[str, Any], declared: str | None) -> str:
    """The declared event, or the first purchase type present: the types overlap and are never added."""
    if declared:
        return declared
    return next((kind for kind in PURCHASES if kind in actions), PURCHASES[0])


def by_type(entries: Any) -> dict[str, str]:
    """`[{action_type, value}]` as a mapping; values stay text, exact."""
    return {str(entry["action_type"]): str(entry.get("value") or "0") for entry in entries or []}


def micros(text: Any) -> int:
    """Millionths of a decimal string, exactly."""
    if not text:
        return 0
    whole, _, rest = str(text).partition(".")
    if whole.isdigit() and len(rest) <= 6 and (not rest or rest.isdigit()):
        return int(whole) * 1_000_000 + int(rest.ljust(6, "0") if rest else 0)
    return int(Decimal(str(text)) * 1_000_000)


def _value(row: Mapping[str, Any], breakdown: str) -> str:
    if not breakdown:
        return ""
    if breakdown == HOUR:
        return str(row[HOURLY])[:2]
    return "|".join(str(row.get(name, "")) for name in breakdown.split(","))
