"""How insights rows look: every number a string, money in major units, a missing metric left out."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from vibekanban.sandbox.graph.actions import conversions
from vibekanban.sandbox.graph.insights import HOURLY, HOURLY_AUDIENCE, Asked, Row
from vibekanban.sandbox.graph.numbers import Numbers, freshness
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.world import Account, mix

DEFAULT = ("account_id", "date_start", "date_stop", "impressions", "spend")
NAMES = ("account_name", "campaign_name", "adset_name", "ad_name")
UNIQUE = frozenset(
    {
        "reach", "frequency", "unique_clicks", "unique_ctr", "cpp", "cost_per_unique_click",
        "unique_inline_link_clicks", "unique_inline_link_click_ctr", "unique_actions",
    }
)  # fmt: skip
METRICS = frozenset(
    {
        *DEFAULT, *NAMES, *UNIQUE, "account_currency", "clicks", "inline_link_clicks", "inline_link_click_ctr",
        "cost_per_inline_link_click", "ctr", "cpc", "cpm", "actions", "action_values", "cost_per_action_type",
        "conversions", "conversion_values", "cost_per_conversion", "purchase_roas", "website_purchase_roas",
        "outbound_clicks", "outbound_clicks_ctr", "website_ctr", "attribution_setting", "objective", "campaign_id",
        "adset_id", "ad_id", "results", "cost_per_result", "result_rate", "quality_ranking",
        "engagement_rate_ranking", "conversion_rate_ranking", "optimization_goal", "buying_type", "created_time",
        "updated_time", "social_spend", "full_view_impressions", "full_view_reach", "video_play_actions",
        "video_p25_watched_actions", "video_p50_watched_actions", "video_p75_watched_actions",
        "video_p95_watched_actions", "video_p100_watched_actions", "video_thruplay_watched_actions",
        "video_avg_time_watched_actions", "creative_fatigue", "creative_diversity", "opportunity_score",
        "inline_post_engagement", "estimated_ad_recallers", "catalog_segment_value",
        "cost_per_thruplay", "cost_per_outbound_click", "cost_per_unique_inline_link_click",
    }
)  # fmt: skip
VIDEO = (
    ("play", 310), ("p25_watched", 160), ("p50_watched", 92), ("p75_watched", 58), ("p95_watched", 39),
    ("p100_watched", 33), ("thruplay_watched", 74),
)  # fmt: skip
RESULTS = {
    "OUTCOME_SALES": ("actions:offsite_conversion.fb_pixel_purchase", "purchases"),
    "OUTCOME_LEADS": ("actions:lead", "leads"),
    "OUTCOME_TRAFFIC": ("actions:link_click", "link_clicks"),
    "OUTCOME_ENGAGEMENT": ("actions:post_engagement", "clicks"),
}
RANKS = ("BELOW_AVERAGE_20", "BELOW_AVERAGE_35", "AVERAGE", "AVERAGE", "ABOVE_AVERAGE")

Find = Callable[[str], dict[str, Any] | None]


@dataclass(frozen=True)
class Shape:
    """How an answer is to look."""

    fields: Sequence[str]
    windows: Sequence[str] = ()
    by_action: bool = True


def check(fields: Sequence[str]) -> None:
    for name in fields:
        if name not in METRICS:
            raise GraphError(100, f"(#100) {name} is not valid for fields param. please check {name}")


def shown(row: Row, asked: Asked, shape: Shape, find: Find) -> dict[str, Any]:
    """One row with the fields asked for."""
    account, numbers = asked.account, row.numbers
    hourly = bool({HOURLY, HOURLY_AUDIENCE} & set(asked.breakdowns))
    on_platform = hourly or bool({"region", "comscore_market"} & set(asked.breakdowns))
    known: dict[str, Any] = {
        "account_id": account.id,
        "account_name": account.name,
        "account_currency": account.currency,
        "impressions": str(numbers.impressions),
        "clicks": str(numbers.clicks),
        "inline_link_clicks": str(numbers.link_clicks),
        "inline_post_engagement": str(numbers.clicks),
        "spend": money(numbers.spend, account),
        "social_spend": money(numbers.spend * 7 // 100, account),
        "attribution_setting": "7d_click_1d_view",
        "created_time": row.start.isoformat(),
        "updated_time": row.stop.isoformat(),
        **_ratios(numbers, account),
        **conversions(
            numbers, account, shape.windows, off_platform=not on_platform, by_action=shape.by_action
        ),
    }
    wanted = set(shape.fields)
    if any(name.startswith("video_") for name in wanted):
        known |= _video(numbers)
    if wanted & UNIQUE or "full_view_reach" in wanted:
        known |= _unique(row, account, hourly=hourly)
    if asked.level != "account":
        known |= _names(row, asked, find)
    if wanted & {"results", "cost_per_result", "result_rate"}:
        known |= _results(numbers, account, known.get("objective", ""))
    if asked.level == "ad" and wanted & {
        "quality_ranking",
        "engagement_rate_ranking",
        "conversion_rate_ranking",
    }:
        known |= _rankings(row)
    if asked.level == "ad" and "creative_fatigue" in wanted:
        left = freshness(mix(int(row.object_id)), row.stop.toordinal())
        known["creative_fatigue"] = "HIGH" if left < 65 else "MEDIUM" if left < 80 else "LOW"
    answer = {name: known[name] for name in shape.fields if name in known}
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


def _ratios(numbers: Numbers, account: Account) -> dict[str, Any]:
    spend = numbers.spend / account.offset
    found: dict[str, Any] = {"outbound_clicks": [_action("outbound_click", numbers.link_clicks)]}
    if numbers.impressions:
        rate = f"{numbers.link_clicks * 100 / numbers.impressions:.6f}"
        found["ctr"] = f"{numbers.clicks * 100 / numbers.impressions:.6f}"
        found["cpm"] = f"{spend * 1000 / numbers.impressions:.6f}"
        found["inline_link_click_ctr"] = rate
        found["website_ctr"] = [{"action_type": "link_click", "value": rate}]
        found["outbound_clicks_ctr"] = [{"action_type": "outbound_click", "value": rate}]
        found["full_view_impressions"] = str(numbers.impressions * 61 // 100)
    if numbers.clicks:
        found["cpc"] = f"{spend / numbers.clicks:.6f}"
    if numbers.link_clicks:
        each = f"{spend / numbers.link_clicks:.6f}"
        found["cost_per_inline_link_click"] = each
        found["cost_per_outbound_click"] = [{"action_type": "outbound_click", "value": each}]
    return found


def _action(kind: str, count: int) -> dict[str, str]:
    return {"action_type": kind, "value": str(count)}


def _unique(row: Row, account: Account, *, hourly: bool) -> dict[str, Any]:
    """Metrics of people; with hours they are zero."""
    numbers = row.numbers
    if hourly:
        return {"reach": "0", "frequency": "0", "unique_clicks": "0", "unique_inline_link_clicks": "0"}
    reach = reached(numbers.impressions, (row.stop - row.start).days + 1)
    clicks, links = numbers.clicks * 92 // 100, numbers.link_clicks * 93 // 100
    spend = numbers.spend / account.offset
    found: dict[str, Any] = {
        "reach": str(reach),
        "full_view_reach": str(reach * 63 // 100),
        "unique_clicks": str(clicks),
        "unique_inline_link_clicks": str(links),
        "frequency": f"{numbers.impressions / reach:.6f}" if reach else "0",
    }
    if reach:
        found["cpp"] = f"{spend * 1000 / reach:.6f}"
        found["unique_ctr"] = f"{clicks * 100 / reach:.6f}"
        found["unique_inline_link_click_ctr"] = f"{links * 100 / reach:.6f}"
    if clicks:
        found["cost_per_unique_click"] = f"{spend / clicks:.6f}"
    if links:
        found["cost_per_unique_inline_link_click"] = f"{spend / links:.6f}"
    return found


def _video(numbers: Numbers) -> dict[str, Any]:
    found: dict[str, Any] = {
        f"video_{name}_actions": [_action("video_view", numbers.impressions * share // 1000)]
        for name, share in VIDEO
    }
    found["video_avg_time_watched_actions"] = [_action("video_view", 5)]
    return found


def _results(numbers: Numbers, account: Account, objective: str) -> dict[str, Any]:
    indicator, name = RESULTS.get(objective, ("reach", "impressions"))
    count: int = getattr(numbers, name)
    found: dict[str, Any] = {"results": [{"indicator": indicator, "values": [{"value": str(count)}]}]}
    if count:
        cost = f"{numbers.spend / account.offset / count:.6f}"
        found["cost_per_result"] = [{"indicator": indicator, "values": [{"value": cost}]}]
    return found


def _rankings(row: Row) -> dict[str, str]:
    """Ads with few impressions are not ranked."""
    if row.numbers.impressions < 500:
        return dict.fromkeys(
            ("quality_ranking", "engagement_rate_ranking", "conversion_rate_ranking"), "UNKNOWN"
        )
    luck = mix(int(row.object_id), row.stop.toordinal() // 14)
    return {
        "quality_ranking": RANKS[luck % 5],
        "engagement_rate_ranking": RANKS[(luck >> 8) % 5],
        "conversion_rate_ranking": RANKS[(luck >> 16) % 5],
    }


def _names(row: Row, asked: Asked, find: Find) -> dict[str, Any]:
    fields = find(row.object_id) or {}
    found = {f"{asked.level}_id": row.object_id, f"{asked.level}_name": fields.get("name", "")}
    for parent in ("campaign", "adset"):
        parent_id = fields.get(f"{parent}_id")
        if parent_id:
            above = find(parent_id) or {}
            found[f"{parent}_id"] = parent_id
            found[f"{parent}_name"] = above.get("name", "")
            found["optimization_goal"] = above.get("optimization_goal", "")
    campaign = find(found["campaign_id"]) if "campaign_id" in found else None
    if campaign:
        found["objective"] = campaign.get("objective", "")
        found["buying_type"] = campaign.get("buying_type", "AUCTION")
    if asked.level == "adset":
        found["optimization_goal"] = fields.get("optimization_goal", "")
    return found
