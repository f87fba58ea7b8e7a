"""How many calls a connection made, of which lane, and how they ended: by five minutes and by days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from redis import Redis

from vibekanban.core.columns import now
from vibekanban.core.queue import Lane

SLOT = timedelta(minutes=5)
HOUR = timedelta(hours=1)
REVIEWED = 15  # days Meta looks at before it gives an app more calls


@dataclass(frozen=True)
class Kind:
    """What is counted apart; `account` (without `act_`) is `-` for calls about none."""

    account: str
    lane: Lane
    outcome: str


def count(redis: Redis, key: str, account: str | None, lane: Lane, outcome: str, number: int = 1) -> None:
    """Count calls of a connection."""
    pipe = redis.pipeline(transaction=False)
    field = f"{account or '-'}:{lane.value}:{outcome}"
    present = now()
    for name, kept in (
        (_slot(key, present), HOUR + 2 * SLOT),
        (_day(key, present), timedelta(days=REVIEWED + 1)),
    ):
        pipe.hincrby(name, field, number)
        pipe.expire(name, kept)
    pipe.execute()


def last_hour(redis: Redis, key: str) -> Counter[Kind]:
    """A connection's calls of the last hour, to five minutes."""
    present = now()
    return _sum(redis, (_slot(key, present - SLOT * n) for n in range(HOUR // SLOT + 1)))


def reviewed(redis: Redis, key: str) -> Counter[Kind]:
    """A connection's calls of the days that Meta reviews."""
    present = now()
    return _sum(redis, (_day(key, present - timedelta(days=n)) for n in range(REVIEWED)))


def _sum(redis: Redis, names: Iterable[str]) -> Counter[Kind]:
    pipe = redis.pipeline(transaction=False)
    for name in names:
        pipe.hgetall(name)
    found: Counter[Kind] = Counter()
    kept: list[dict[bytes, Any]] = pipe.execute()
    for fields in kept:
        for field, number in fields.items():
            account, lane, outcome = field.decode().split(":")
            found[Kind(account, Lane(lane), outcome)] += int(number)
    return found


def _slot(key: str, at: datetime) -> str:
    return f"meta:calls:{key}:5m:{int(at.timestamp()) // int(SLOT.total_seconds())}"


def _day(key: str, at: datetime) -> str:
    return f"meta:calls:{key}:{at:%Y%m%d}"
