"""The quota meter: what Meta's throttle headers say, shared by all processes, and who may call now."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis

from vibekanban.clients.meta import errors
from vibekanban.core.columns import now
from vibekanban.core.queue import Lane

DEFAULT_BLOCK = timedelta(minutes=5)
FORGET = 3600  # Meta's own windows are an hour
BUSY, TIGHT, FULL = 50, 75, 90
BACKGROUND = frozenset({Lane.TODAY, Lane.HISTORY})


@dataclass(frozen=True)
class Reading:
    """One bucket's use in percent, and when it regains access if it has none."""

    bucket: str
    percent: float
    regain: timedelta | None


class Pacing:
    """Paces the calls of one app and one ad account through Redis."""

    def __init__(self, redis: Redis, *, app_id: str, account: str | None) -> None:
        self._redis = redis
        self._app = f"meta:quota:app:{app_id}"
        self._account = f"meta:quota:account:{account}" if account else None

    def wait(self, lane: Lane) -> float:
        """Seconds to wait before a call of this lane; Throttled when it must come back later."""
        until = self._blocked_until()
        if until is not None:
            raise errors.Throttled(until)
        percent = self.percent()
        if lane in BACKGROUND and percent >= FULL:
            raise errors.Throttled(now() + self._pause())
        if lane is Lane.HISTORY and percent >= TIGHT:
            raise errors.Throttled(now() + self._pause())
        if lane in BACKGROUND and percent >= BUSY:
            return random.uniform(0.2, 1.0) * (percent - BUSY) / 10  # noqa: S311 - jitter
        return 0.0

    def percent(self) -> float:
        """The fullest bucket of app and account, 0 to 100 and beyond."""
        found: list[float] = []
        for key in self._keys():
            found += [float(value) for value in self._hash(key).values()]
        return max(found, default=0.0)

    def buckets(self) -> dict[str, float]:
        """Every bucket's percent, for the meter."""
        return {
            f"{key.split(':')[2]}:{name}": float(value)
            for key in self._keys()
            for name, value in self._hash(key).items()
        }

    def learn(self, headers: Mapping[str, Any]) -> None:
        """Keep what the headers of an answer say."""
        pipe = self._redis.pipeline(transaction=False)
        for reading in readings(headers):
            of_app = reading.bucket.startswith("app")
            key = self._app if of_app or self._account is None else self._account
            pipe.hset(key, reading.bucket, str(reading.percent))
            pipe.expire(key, FORGET)
            if reading.percent >= 100 and reading.regain:
                pipe.set(f"{key}:until", _stamp(reading.regain), ex=_seconds(reading.regain))
        pipe.execute()

    def block(self, headers: Mapping[str, Any], code: int | None) -> datetime:
        """A throttle error came: block the account (or the app) until Meta's own estimate."""
        regain = max((r.regain for r in readings(headers) if r.regain), default=DEFAULT_BLOCK)
        key = self._app if code == 4 or self._account is None else self._account
        self._redis.set(f"{key}:until", _stamp(regain), ex=_seconds(regain))
        return now() + regain

    def _blocked_until(self) -> datetime | None:
        stamps = self._redis.mget([f"{key}:until" for key in self._keys()])
        times = [datetime.fromtimestamp(float(stamp), UTC) for stamp in stamps if stamp]  # pyright: ignore[reportGeneralTypeIssues]
        return max(times, default=None)

    def _pause(self) -> timedelta:
        return timedelta(seconds=random.uniform(60, 180))  # noqa: S311 - jitter

    def _keys(self) -> list[str]:
        return [key for key in (self._app, self._account) if key]

    def _hash(self, key: str) -> dict[str, str]:
        raw: Any = self._redis.hgetall(key)
        return {name.decode(): value.decode() for name, value in raw.items()}


def readings(headers: Mapping[str, Any]) -> Iterator[Reading]:
    """The five throttle headers as readings; a malformed header tells nothing."""
    app = _json(headers.get("x-app-usage"))
    if app:
        yield Reading("app", _highest(app, "call_count", "total_cputime", "total_time"), None)
    account = _json(headers.get("x-ad-account-usage"))
    if account:
        reset = _float(account.get("reset_time_duration"))
        regain = timedelta(seconds=reset) if reset else None
        yield Reading("score", _float(account.get("acc_id_util_pct")), regain)
    for entries in _json(headers.get("x-business-use-case-usage")).values():
        for entry in entries if isinstance(entries, list) else []:
            minutes = _float(entry.get("estimated_time_to_regain_access"))
            yield Reading(
                str(entry.get("type") or "business"),
                _highest(entry, "call_count", "total_cputime", "total_time"),
                timedelta(minutes=minutes) if minutes else None,
            )
    insights = _json(headers.get("x-fb-ads-insights-throttle"))
    if insights:
        yield Reading("app_insights", _float(insights.get("app_id_util_pct")), None)
        yield Reading("insights", _float(insights.get("acc_id_util_pct")), None)
    reach = _json(headers.get("x-fb-ads-insights-reach-throttle"))
    if reach:
        yield Reading("reach", _highest(reach, "app_id_util_pct", "acc_id_util_pct"), None)


def _json(text: Any) -> dict[str, Any]:
    try:
        found = json.loads(text) if text else {}
    except (TypeError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _highest(source: Mapping[str, Any], *names: str) -> float:
    return max((_float(source.get(name)) for name in names), default=0.0)


def _float(value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return 0.0


def _stamp(regain: timedelta) -> str:
    return str((now() + regain).timestamp())


def _seconds(regain: timedelta) -> int:
    return max(1, int(regain.total_seconds()))
