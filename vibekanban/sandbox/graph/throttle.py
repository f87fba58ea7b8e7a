"""Meta's limits: the score of an account, its hourly buckets and the app's, told in five headers on every answer."""

from __future__ import annotations

import json
import math
from collections import deque
from threading import RLock
from typing import Any

from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.graph.problems import GraphError
from vibekanban.sandbox.graph.store import Store

TIERS = {
    "development_access": {"score": 60, "block": 300, "ads_management": 300, "ads_insights": 600},
    "standard_access": {"score": 9000, "block": 60, "ads_management": 100_000, "ads_insights": 190_000},
}
DEFAULTS = {"active_ads": 50, "app_calls": 1_000_000, "write_qps": 100}
DECAY = 300.0
HOUR = 3600.0
PER_AD = {"ads_management": 40, "ads_insights": 400}
CODES = {"ads_management": 80004, "ads_insights": 80000}
SAVE_EVERY = 200  # counted calls


class _Meter:
    """What one account, or the app, has used."""

    def __init__(self, kept: dict[str, Any] | None = None) -> None:
        kept = kept or {}
        self.score: float = kept.get("score", 0.0)
        self.at: float = kept.get("at", 0.0)
        self.blocked_until: float = kept.get("blocked_until", 0.0)
        self.calls = {name: deque[float](times) for name, times in kept.get("calls", {}).items()}

    def used(self, bucket: str, now: float, window: float = HOUR) -> int:
        times = self.calls.setdefault(bucket, deque())
        while times and (times[0] <= now - window or times[0] > now):
            times.popleft()
        return len(times)

    def add(self, bucket: str, now: float) -> None:
        self.calls.setdefault(bucket, deque()).append(now)

    def kept(self) -> dict[str, Any]:
        calls = {name: list(times)[-5000:] for name, times in self.calls.items()}
        return {"score": self.score, "at": self.at, "blocked_until": self.blocked_until, "calls": calls}


class Throttle:
    """Counts in memory and saves now and then, so that a restart forgives little."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        kept: dict[str, Any] = store.setting("meters", {})
        self._meters = {name: _Meter(one) for name, one in kept.items()}
        self._counted = 0
        self._lock = RLock()  # calls are answered by several threads

    def reset(self) -> None:
        with self._lock:
            self._meters.clear()
            self.save()

    def save(self) -> None:
        with self._lock:
            self._store.set("meters", {name: meter.kept() for name, meter in self._meters.items()})

    @property
    def limits(self) -> dict[str, Any]:
        kept: dict[str, Any] = self._store.setting("limits", {})
        tier = kept.get("tier", "standard_access")
        return {**DEFAULTS, **TIERS[tier], "tier": tier, **kept}

    # -- counting

    def count(self, account: str | None, *, write: bool, insights: bool) -> None:
        """Count a call; refuse it when a limit is reached."""
        with self._lock:
            self._count(account, write=write, insights=insights)

    def _count(self, account: str | None, *, write: bool, insights: bool) -> None:
        now, limits = self._clock.now(), self.limits
        self._counted += 1
        if self._counted % SAVE_EVERY == 0:
            self.save()
        app = self._meter("app")
        app.add("app", now)
        if app.used("app", now) > limits["app_calls"]:
            raise GraphError(4, "(#4) Application request limit reached", transient=True, status=403)
        if account is None:
            return
        meter = self._meter(account)
        self._score(meter, now, limits, write=write)
        if write:
            meter.add("writes", now)
            if meter.used("writes", now, 1.0) > limits["write_qps"]:
                raise GraphError(
                    613, "(#613) Calls to this api have exceeded the rate limit.", subcode=5044001
                )
        bucket = "ads_insights" if insights else "ads_management"
        meter.add(bucket, now)
        if meter.used(bucket, now) > _capacity(bucket, limits):
            self.save()
            code = CODES[bucket]
            raise GraphError(
                code,
                f"(#{code}) There have been too many calls to this ad-account. Wait a bit and try again.",
                subcode=2446079,
            )

    def _score(self, meter: _Meter, now: float, limits: dict[str, Any], *, write: bool) -> None:
        """A read counts one, a write three; points decay within five minutes; over the limit is a block."""
        if meter.blocked_until > now:
            raise _too_many(write=write)
        passed = max(0.0, now - meter.at)
        meter.score = max(0.0, meter.score - passed * limits["score"] / DECAY)
        meter.at = now
        meter.score += 3 if write else 1
        if meter.score > limits["score"]:
            meter.blocked_until = now + limits["block"]
            self.save()
            raise _too_many(write=write)

    def _meter(self, name: str) -> _Meter:
        if name not in self._meters:
            self._meters[name] = _Meter()
        return self._meters[name]

    # -- telling

    def headers(self, account: str | None) -> dict[str, str]:
        """The headers as they stand after a call; without an account only the app's."""
        with self._lock:
            return self._headers(account)

    def _headers(self, account: str | None) -> dict[str, str]:
        limits, now = self.limits, self._clock.now()
        tier = limits["tier"]
        share = int(self._meter("app").used("app", now) * 100 / limits["app_calls"])
        usage = {"call_count": share, "total_cputime": share // 3, "total_time": share // 3}
        found = {"x-app-usage": json.dumps(usage)}
        if account is None:
            return found
        meter = self._meter(account)
        left = max(0.0, meter.blocked_until - now)
        percent = 100.0 if left else round(min(100.0, meter.score * 100 / limits["score"]), 2)
        score = {
            "acc_id_util_pct": percent, "reset_time_duration": math.ceil(left or DECAY * percent / 100),
            "ads_api_access_tier": tier,
        }  # fmt: skip
        uses = [self._bucket(meter, bucket, now, limits) for bucket in PER_AD]
        insights = {
            "app_id_util_pct": share,
            "acc_id_util_pct": min(100, uses[1]["call_count"]),
            "ads_api_access_tier": tier,
        }
        return found | {
            "x-ad-account-usage": json.dumps(score),
            "x-business-use-case-usage": json.dumps({account: uses}),
            "x-fb-ads-insights-throttle": json.dumps(insights),
            "x-fb-ads-insights-reach-throttle": json.dumps({"app_id_util_pct": share, "acc_id_util_pct": 0}),
        }

    @staticmethod
    def _bucket(meter: _Meter, bucket: str, now: float, limits: dict[str, Any]) -> dict[str, Any]:
        used = meter.used(bucket, now) * 100 / _capacity(bucket, limits)
        times = meter.calls[bucket]
        regain = math.ceil((HOUR - (now - times[0])) / 60) if used >= 100 and times else 0
        return {
            "type": bucket, "call_count": int(used), "total_cputime": int(used / 3), "total_time": int(used / 3),
            "estimated_time_to_regain_access": regain, "ads_api_access_tier": limits["tier"],
        }  # fmt: skip


def _capacity(bucket: str, limits: dict[str, Any]) -> float:
    return limits[bucket] + PER_AD[bucket] * limits["active_ads"]


def _too_many(*, write: bool) -> GraphError:
    if write:
        return GraphError(613, "(#613) Calls to this api have exceeded the rate limit.", subcode=1487742)
    return GraphError(
        17, "(#17) User request limit reached", subcode=2446079, title="Ad account has too many API calls"
    )
