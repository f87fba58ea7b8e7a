"""The quota meter: what Meta's throttle headers say, shared by all processes, and who may call now."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from redis import Redis

from vibekanban.clients.meta import errors, throttles
from vibekanban.core.columns import now
from vibekanban.core.queue import Lane

DEFAULT_BLOCK = timedelta(minutes=5)
HOLDS = timedelta(minutes=5)  # a reading without an end of its own; afterwards one call finds out anew
LONGEST = timedelta(hours=24)
FORGET = 25 * 3600
BUSY, TIGHT = 50, 75
BACKGROUND = frozenset({Lane.TODAY, Lane.HISTORY})


@dataclass(frozen=True)
class Level:
    """How full a bucket is until when; `blocked`: Meta takes no calls before that."""

    bucket: str
    percent: float
    until: datetime
    blocked: bool


@dataclass(frozen=True)
class Verdict:
    """Whether a lane may call: not before `held_until`, or slowly, or freely; `percent` is its fullest bucket."""

    held_until: datetime | None
    slowed: bool
    percent: float


def verdict(levels: Iterable[Level], lane: Lane, *, insights: bool | None) -> Verdict:
    """Below half everybody is free; up to three quarters the background slows down; above that only people
    and alerts call, until the reading ends; while Meta blocks, nobody.
    """
    counting = [level for level in levels if throttles.counts(level.bucket, insights=insights)]
    background = lane in BACKGROUND
    held = [level.until for level in counting if level.blocked or (background and level.percent >= TIGHT)]
    blocks = [level.until for level in counting if level.blocked]
    percent = max((level.percent for level in counting), default=0.0)
    return Verdict(max(blocks or held, default=None), background and percent >= BUSY, percent)


class Pacing:
    """Paces the calls of one app and one ad account (or, without an account, of one connection)."""

    def __init__(self, redis: Redis, *, app_id: str, account: str | None, key: str) -> None:
        self._redis = redis
        self._app = f"meta:quota:app:{app_id}"
        self._own = f"meta:quota:account:{account}" if account else f"meta:quota:connection:{key}"
        self._account = account

    def wait(self, lane: Lane, *, insights: bool | None = None) -> float:
        """Seconds to wait before a call of this lane; Throttled when it must come back later.

        `insights` None asks for every bucket.
        """
        found = verdict(self.levels(), lane, insights=insights)
        if found.held_until is not None:
            raise errors.Throttled(found.held_until)
        if not found.slowed:
            return 0.0
        return random.uniform(0.2, 1.0) * (found.percent - BUSY) / 10  # noqa: S311 - jitter

    def levels(self) -> list[Level]:
        """Every bucket of app and account that still counts: the quota meter."""
        pipe = self._redis.pipeline(transaction=False)
        for key in (self._app, self._own):
            pipe.hgetall(key)
        found, present = [], now()
        for kept in pipe.execute():
            for name, value in kept.items():
                percent, until, blocked = json.loads(value)
                ends = datetime.fromtimestamp(until, UTC)
                if ends > present:
                    found.append(Level(name.decode().removeprefix("!"), percent, ends, blocked))
        return found

    def learn(self, headers: Mapping[str, Any]) -> None:
        """Keep what the headers of an answer say."""
        readings = list(throttles.readings(headers))
        if not readings:
            return
        pipe = self._redis.pipeline(transaction=False)
        for reading in readings:
            full = reading.percent >= 100 and reading.regain is not None
            self._keep(pipe, reading.bucket, reading.percent, reading.regain or HOLDS, blocked=full)
        pipe.execute()

    def block(self, headers: Mapping[str, Any], code: int | None, subcode: int | None) -> datetime:
        """A throttle error came: nobody calls before Meta's own estimate for that bucket."""
        bucket = throttles.bucket_of(code, subcode)
        told = [
            reading.regain
            for reading in throttles.readings(headers)
            if reading.regain and reading.bucket == bucket
        ]
        regain = min(max(told, default=DEFAULT_BLOCK), LONGEST)
        pipe = self._redis.pipeline(transaction=False)
        # apart from readings: a late answer of another process must not lift it
        self._keep(pipe, f"!{bucket}", 100.0, regain, blocked=True)
        pipe.execute()
        return now() + regain

    def _keep(self, pipe: Any, name: str, percent: float, lasts: timedelta, *, blocked: bool) -> None:
        key = self._app if throttles.of_app(name.removeprefix("!")) else self._own
        until = (now() + min(lasts, LONGEST)).timestamp()
        pipe.hset(key, name, json.dumps([percent, until, blocked]))
        pipe.expire(key, FORGET)
