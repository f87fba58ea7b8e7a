"""The quota meter of an account: how full Meta's buckets are, who may call now, and what was called lately."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from vibekanban.clients.meta import pacing, tally, throttles
from vibekanban.core import broker
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings
from vibekanban.domains.meta import accounts

NOT_CALLED = frozenset({"held_back", "not_run"})  # counted, but Meta never saw them
OK = "ok"


class Pace(StrEnum):
    FREE = "free"
    SLOWED = "slowed"
    HELD = "held"


@dataclass(frozen=True)
class Bucket:
    """One of Meta's limits; an app's is shared by all accounts. Its reading counts until `until`."""

    name: str
    of_app: bool
    percent: float
    blocked: bool
    until: datetime


@dataclass(frozen=True)
class LanePace:
    """What a lane may do now; insights and all other calls have buckets of their own."""

    lane: Lane
    insights: bool
    pace: Pace
    until: datetime | None


@dataclass(frozen=True)
class Calls:
    """Calls of the last hour about the account."""

    lane: Lane
    outcome: str
    calls: int


@dataclass(frozen=True)
class Quota:
    """`blocked_until`: Meta takes some calls before that from nobody. `reviewed` are the connection's calls of the
    fifteen days that Meta looks at before it gives an app more, `failed` how many of them Meta did not serve.
    """

    account_id: UUID
    blocked_until: datetime | None
    buckets: list[Bucket]
    lanes: list[LanePace]
    last_hour: list[Calls]
    reviewed: int
    failed: int


def quota(session: Session, user_id: UUID, account_id: UUID) -> Quota:
    """What Redis knows of the quota of one of the user's accounts; calls are their own connection's."""
    account = accounts.account(session, user_id, account_id)
    redis, key = broker.connection(), str(account.connection_id)
    meter = pacing.Pacing(redis, app_id=settings().meta_app_id, account=account.meta_account_id, key=key)
    levels = meter.levels()
    lately = tally.last_hour(redis, key)
    reviewed = {kind: calls for kind, calls in tally.reviewed(redis, key).items() if _called(kind)}
    return Quota(
        account_id=account.id,
        blocked_until=max((level.until for level in levels if level.blocked), default=None),
        buckets=_buckets(levels),
        lanes=[_pace(levels, lane, insights=insights) for lane in Lane for insights in (True, False)],
        last_hour=sorted(
            (
                Calls(kind.lane, kind.outcome, calls)
                for kind, calls in lately.items()
                if kind.account == account.meta_account_id
            ),
            key=lambda one: (list(Lane).index(one.lane), one.outcome),
        ),
        reviewed=sum(reviewed.values()),
        failed=sum(calls for kind, calls in reviewed.items() if kind.outcome != OK),
    )


def _called(kind: tally.Kind) -> bool:
    return kind.outcome not in NOT_CALLED


def _buckets(levels: list[pacing.Level]) -> list[Bucket]:
    """The fullest reading of each: a block is kept beside what headers say."""
    fullest: dict[str, pacing.Level] = {}
    for level in levels:
        known = fullest.get(level.bucket)
        if known is None or (level.blocked, level.percent) > (known.blocked, known.percent):
            fullest[level.bucket] = level
    return [
        Bucket(name, throttles.of_app(name), level.percent, level.blocked, level.until)
        for name, level in sorted(fullest.items(), key=lambda item: (-item[1].percent, item[0]))
    ]


def _pace(levels: list[pacing.Level], lane: Lane, *, insights: bool) -> LanePace:
    found = pacing.verdict(levels, lane, insights=insights)
    pace = Pace.HELD if found.held_until else Pace.SLOWED if found.slowed else Pace.FREE
    return LanePace(lane, insights, pace, found.held_until)
