"""Alerts that people want most, as drafts to start from; their names are `alerts.template.<key>`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# each a condition with the window, the cooldown and the lag that make sense of it; amounts are to be adapted
TEMPLATES: Mapping[str, dict[str, Any]] = {
    "wasted": {
        "condition": {
            "all": [
                {"metric": "spend", "operator": ">", "value": 50},
                {"metric": "conversions", "operator": "=", "value": 0},
            ]
        },
        "window": "last_3d",
        "cooldown_minutes": 1440,
    },
    "roas_drop": {
        "condition": {
            "all": [
                {"metric": "spend", "operator": ">", "value": 50},
                {"metric": "roas", "operator": "<", "value": -30, "compare": "baseline", "periods": 4},
            ]
        },
        "window": "last_7d",
        "maturity_hours": 72,
        "cooldown_minutes": 1440,
    },
    "expensive": {
        "condition": {
            "all": [
                {"metric": "conversions", "operator": ">=", "value": 3},
                {"metric": "cpa", "operator": ">", "value": 40},
            ]
        },
        "window": "last_7d",
        "maturity_hours": 24,
        "cooldown_minutes": 1440,
    },
    "runaway": {
        "condition": {"metric": "spend", "operator": ">", "value": 130, "compare": "pacing"},
        "window": "today",
        "cooldown_minutes": 240,
    },
    "silent": {
        "condition": {"metric": "impressions", "operator": "=", "value": 0},
        "window": "last_3h",
        "cooldown_minutes": 720,
    },
    "tracking": {
        "condition": {
            "all": [
                {"metric": "clicks", "operator": ">=", "value": 50},
                {
                    "metric": "conversionRate",
                    "operator": "<=",
                    "value": -80,
                    "compare": "baseline",
                    "periods": 7,
                },
            ]
        },
        "window": "today",
        "cooldown_minutes": 720,
    },
    "rejected": {
        "condition": {"metric": "disapprovedAds", "operator": ">=", "value": 1},
        "window": "today",
        "cooldown_minutes": 1440,
    },
    "worn": {
        "condition": {"metric": "wornAds", "operator": ">=", "value": 1},
        "window": "today",
        "cooldown_minutes": 4320,
    },
}
