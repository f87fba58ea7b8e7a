"""The quota meter: what Meta's throttle headers say, shared by all processes, and who may call now."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping
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


class Pacing:
    """Paces the calls of one app and one ad account (or, without an account, of one connection)."""

    def __init__(self, redis: Redis, *, app_id: str, account: str | None, key: str) -> None:
        self._redis = redis
        self._app = f"meta:quota:app:{app_id}"
        self._own = f"meta:quota:account:{account}" if account else f"meta:quota:connection:{key}"
        self._account = account

    def wait(self, lane: Lane, *, insights: bool | None = None) -> float:
        """Seconds to wait before a call of this lane; Throttled when it must come back later.

        Below half everybody is free; up to three quarters the background slows down; above that only
        people and alerts call, until the reading ends. `insights` None asks for every bucket.
        """
        levels = [level for level in self.levels() if throttles.counts(level.bucket, insights=insights)]
        blocks = [level.until for level in levels if level.blocked]
        if blocks:
            raise errors.Throttled(max(blocks))
        if lane not in BACKGROUND:
            return 0.0
        tight = [level.until for level in levels if level.percent >= TIGHT]
        if tight:
            raise errors.Throttled(max(tight))
        percent = max((level.percent for level in levels), default=0.0)
        if percent < BUSY:
            return 0.0
        return random.uniform(0.2, 1.0) * (percent - BUSY) / 10  # noqa: S311 - jitter

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


# -- counters


def count(redis: Redis, key: str, account: str | None, lane: Lane, outcome: str, number: int = 1) -> None:
    """Count calls of a connection; sixteen days are kept, since Meta's own review looks at fifteen."""
    name = f"meta:calls:{key}:{now():%Y%m%d}"
    pipe = redis.pipeline(transaction=False)
    pipe.hincrby(name, f"{account or '-'}:{lane.value}:{outcome}", number)
    pipe.expire(name, timedelta(days=16))
    pipe.execute()


def counted(redis: Redis, key: str, day: datetime) -> Iterator[tuple[str, Lane, str, int]]:
    """Account (`-` for none), lane, outcome and number of a connection's calls on a day."""
    kept: Any = redis.hgetall(f"meta:calls:{key}:{day:%Y%m%d}")
    for name, number in kept.items():
        account, lane, outcome = name.decode().split(":")
        yield account, Lane(lane), outcome, int(number)
