"""Meta's throttle headers and codes as data: which bucket each one is about."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

# Meta's own names where the business use case header gives them
APP, APP_INSIGHTS, SCORE, INSIGHTS, REACH = "app", "app_insights", "score", "insights", "reach"
OF_INSIGHTS = frozenset({APP_INSIGHTS, INSIGHTS, REACH, "ads_insights"})
OF_ALL = frozenset({APP, SCORE, "all"})
BUCKETS: Mapping[int, str] = {
    4: APP,
    341: APP,
    17: SCORE,
    613: SCORE,
    80000: "ads_insights",
    80001: "pages",
    80002: "instagram",
    80003: "custom_audience",
    80004: "ads_management",
    80005: "leadgen",
    80014: "catalog_batch",
}
APP_INSIGHTS_SUBCODES = frozenset({1504022, 1504039})


@dataclass(frozen=True)
class Reading:
    """One bucket's use in percent, and when it regains access if Meta says so."""

    bucket: str
    percent: float
    regain: timedelta | None


def bucket_of(code: int | None, subcode: int | None) -> str:
    """The bucket a throttle error is about; `all` when that is not known."""
    if code == 4 and subcode in APP_INSIGHTS_SUBCODES:
        return APP_INSIGHTS
    return BUCKETS.get(code or 0, "all")


def of_app(bucket: str) -> bool:
    """Shared by all accounts of our app."""
    return bucket in {APP, APP_INSIGHTS}


def counts(bucket: str, *, insights: bool | None) -> bool:
    """Whether a call draws on the bucket: insights calls and the others have buckets of their own."""
    if insights is None or bucket in OF_ALL:
        return True
    return (bucket in OF_INSIGHTS) is insights


def readings(headers: Mapping[str, Any]) -> Iterator[Reading]:
    """The five throttle headers, with lower-case names, as readings; a malformed one tells nothing."""
    app = _mapping(headers.get("x-app-usage"))
    if app:
        yield Reading(APP, _highest(app, "call_count", "total_cputime", "total_time"), None)
    account = _mapping(headers.get("x-ad-account-usage"))
    if account:
        reset = _number(account.get("reset_time_duration"))
        regain = timedelta(seconds=reset) if reset else None
        yield Reading(SCORE, _number(account.get("acc_id_util_pct")), regain)
    yield from _business(_mapping(headers.get("x-business-use-case-usage")))
    insights = _mapping(headers.get("x-fb-ads-insights-throttle"))
    if insights:
        yield Reading(APP_INSIGHTS, _number(insights.get("app_id_util_pct")), None)
        yield Reading(INSIGHTS, _number(insights.get("acc_id_util_pct")), None)
    reach = _mapping(headers.get("x-fb-ads-insights-reach-throttle"))
    if reach:
        yield Reading(REACH, _highest(reach, "app_id_util_pct", "acc_id_util_pct"), None)


def _business(uses: Mapping[str, Any]) -> Iterator[Reading]:
    """The fullest reading of each bucket: the header may name more than one business object."""
    fullest: dict[str, Reading] = {}
    for entries in uses.values():
        for entry in entries if isinstance(entries, list) else []:
            if not isinstance(entry, dict):
                continue
            minutes = _number(entry.get("estimated_time_to_regain_access"))
            reading = Reading(
                str(entry.get("type") or "all"),
                # Meta blocks while it names a time, whatever the percentages say
                max(_highest(entry, "call_count", "total_cputime", "total_time"), 100.0 if minutes else 0.0),
                timedelta(minutes=minutes) if minutes else None,
            )
            known = fullest.get(reading.bucket)
            if known is None or reading.percent > known.percent:
                fullest[reading.bucket] = reading
    yield from fullest.values()


def _mapping(text: Any) -> Mapping[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _highest(source: Mapping[str, Any], *names: str) -> float:
    return max(_number(source.get(name)) for name in names)


def _number(value: Any) -> float:
    """A finite number of at least 0; 0 for anything else."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        return 0.0
    return min(found, 1e6) if math.isfinite(found) and found > 0 else 0.0
