"""The learning phase of an ad set: about fifty results within a week of its last significant edit end it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from vibekanban.sandbox.graph.world import mix

SIGNIFICANT = frozenset(
    {"targeting", "optimization_goal", "bid_strategy", "bid_amount", "bid_constraints", "promoted_object"}
)
RESULTS = 50
DAYS = 7
FROM = "_learning_from"  # where the catalogue keeps the moment of the last significant edit


def stage(whole: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Meta's `learning_stage_info`."""
    begun = whole.get("_created") or datetime.fromisoformat(whole["created_time"]).timestamp()
    since = float(whole.get(FROM) or begun)
    days = max(0.0, now - since) / 86400
    a_day = 3 + mix(int(str(whole["id"])[-10:])) % 12
    results = int(min(days, DAYS) * a_day)
    status = "SUCCESS" if results >= RESULTS else "LEARNING" if days < DAYS else "FAIL"
    return {
        "status": status,
        "conversions": min(results, RESULTS) if status != "FAIL" else results,
        "last_sig_edit_ts": int(since),
        "attribution_windows": ["7d_click", "1d_view"],
    }
