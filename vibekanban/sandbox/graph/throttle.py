"""Meta's limits: the score of an account and its hourly buckets, told in five headers on every answer."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.store import Store

TIERS = {
    "development_access": {"score": 60, "block": 300, "ads_management": 300, "ads_insights": 600},
    "standard_access": {"score": 9000, "block": 60, "ads_management": 100_000, "ads_insights": 190_000},
}
DECAY = 300.0
HOUR = 3600.0
PER_AD = {"ads_management": 40, "ads_insights": 400}


@dataclass
class _Meter:
    score: float = 0.0
    at: float = 0.0
    blocked_until: float = 0.0
    calls: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


class Throttle:
    """Counts in memory: a restart forgives, as nobody would rely on it."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._meters: dict[str, _Meter] = defaultdict(_Meter)

    def reset(self) -> None:
        self._meters.clear()

    @property
    def limits(self) -> dict[str, Any]:
        kept: dict[str, Any] = self._store.setting("limits", {})
        tier = kept.get("tier", "standard_access")
        return {**TIERS[tier], "tier": tier, "active_ads": 50, **kept}

    def count(self, account: str, *, write: bool, insights: bool) -> None:
        """Count a call; refuse it when a limit is reached."""
        now, limits, meter = self._clock.now(), self.limits, self._meters[account]
        meter.score = max(0.0, meter.score - (now - meter.at) * limits["score"] / DECAY) if meter.at else 0.0
        meter.at = now
        if meter.blocked_until > now:
            raise self._too_many(write)
        meter.score += 3 if write else 1
        if meter.score > limits["score"]:
            meter.blocked_until = now + limits["block"]
            raise self._too_many(write)
        bucket = "ads_insights" if insights else "ads_management"
        calls = meter.calls[bucket]
        calls.append(now)
        while calls and calls[0] < now - HOUR:
            calls.pop(0)
        if len(calls) > self._capacity(bucket, limits):
            code, subcode = (80000, 2446079) if insights else (80004, 2446079)
            raise GraphError(
                code,
                f"(#{code}) There have been too many calls to this ad-account. Wait a bit and try again.",
                subcode=subcode,
            )

    def headers(self, account: str | None) -> dict[str, str]:
        """The five headers, as they stand after a call."""
        limits = self.limits
        tier = limits["tier"]
        found = {"x-app-usage": json.dumps({"call_count": 1, "total_cputime": 1, "total_time": 1})}
        if account is None:
            return found
        now, meter = self._clock.now(), self._meters[account]
        left = max(0.0, meter.blocked_until - now)
        percent = 100.0 if left else round(min(100.0, meter.score * 100 / limits["score"]), 2)
        found["x-ad-account-usage"] = json.dumps(
            {"acc_id_util_pct": percent, "reset_time_duration": math.ceil(left or DECAY * percent / 100),
             "ads_api_access_tier": tier}
        )  # fmt: skip
        uses = []
        for bucket in ("ads_management", "ads_insights"):
            used = len(meter.calls[bucket]) * 100 / self._capacity(bucket, limits)
            oldest = meter.calls[bucket][0] if meter.calls[bucket] else now
            regain = math.ceil((HOUR - (now - oldest)) / 60) if used >= 100 else 0
            uses.append(
                {"type": bucket, "call_count": int(used), "total_cputime": int(used / 3), "total_time": int(used / 3),
                 "estimated_time_to_regain_access": regain, "ads_api_access_tier": tier}
            )  # fmt: skip
        found["x-business-use-case-usage"] = json.dumps({account: uses})
        insights = min(100.0, round(uses[1]["call_count"], 2))
        found["x-fb-ads-insights-throttle"] = json.dumps(
            {"app_id_util_pct": 0.5, "acc_id_util_pct": insights, "ads_api_access_tier": tier}
        )
        found["x-fb-ads-insights-reach-throttle"] = json.dumps(
            {"app_id_util_pct": 0.1, "acc_id_util_pct": 0.2}
        )
        return found

    @staticmethod
    def _capacity(bucket: str, limits: dict[str, Any]) -> float:
        return limits[bucket] + PER_AD[bucket] * limits["active_ads"]

    @staticmethod
    def _too_many(write: bool) -> GraphError:
        if write:
            return GraphError(613, "(#613) Calls to this api have exceeded the rate limit.", subcode=1487742)
        return GraphError(
            17, "(#17) User request limit reached", subcode=2446079, title="Ad account has too many API calls"
        )
