"""How many calls a minute a token may make; counted in Redis, so that all processes share it."""

from __future__ import annotations

from uuid import UUID

import redis.exceptions

from vibekanban.core import counting
from vibekanban.core.counting import Count
from vibekanban.core.errors import TooMany
from vibekanban.core.logging import logger
from vibekanban.core.settings import settings

MINUTE = 60

log = logger(__name__)


class Spent(TooMany):
    """The minute's calls are used up."""

    code = "token_rate_limited"


async def take(token_id: UUID) -> Count:
    """Count one call; Spent when the minute's allowance is used up."""
    most = settings().mcp_rate_limit_per_minute
    try:
        found = await counting.count(f"limits:mcp:{token_id}", most, MINUTE)
    except redis.exceptions.RedisError as error:
        # a door without a limit is better than none
        log.warning("allowance_unavailable", reason=type(error).__name__)
        return Count(most, MINUTE, 0, MINUTE)
    if found.exceeded:
        raise Spent(retry_after=found.reset_in)
    return found
