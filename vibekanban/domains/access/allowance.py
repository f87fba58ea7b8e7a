"""How many calls a minute a token may make; counted in Redis, so that all processes share it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import FixedWindowRateLimiter

from vibekanban.core import broker
from vibekanban.core.errors import TooMany
from vibekanban.core.logging import logger
from vibekanban.core.settings import settings

log = logger(__name__)


@dataclass(frozen=True)
class Allowance:
    """What is left of the minute; `resets_in` is in seconds."""

    limit: int
    remaining: int
    resets_in: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.resets_in),
        }


class Spent(TooMany):
    """The minute's calls are used up."""

    code = "token_rate_limited"


@lru_cache
def _limiter() -> FixedWindowRateLimiter:
    storage = RedisStorage(
        settings().redis, connection_pool=broker.connection().connection_pool, wrap_exceptions=True
    )
    return FixedWindowRateLimiter(storage)


def take(token_id: UUID) -> Allowance:
    """Count one call; Spent when the minute's allowance is used up."""
    limit = RateLimitItemPerMinute(settings().mcp_rate_limit_per_minute)
    try:
        granted = _limiter().hit(limit, "mcp", str(token_id))
        window = _limiter().get_window_stats(limit, "mcp", str(token_id))
    except StorageError as error:
        # a door without a limit is better than none
        log.warning("allowance_unavailable", reason=type(error).__name__)
        return Allowance(limit.amount, limit.amount, 60)
    resets_in = max(1, round(window.reset_time - time.time()))
    if not granted:
        raise Spent(retry_after=resets_in)
    return Allowance(limit.amount, window.remaining, resets_in)
