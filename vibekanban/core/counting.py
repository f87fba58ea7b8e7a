"""How often somebody came within a window of time: one count in Redis, shared by every process."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from redis.exceptions import NoScriptError

from vibekanban.core import broker
from vibekanban.core.gathering import Gathered

# the window of each key opens with its first call; ARGV has their seconds in the order of KEYS. They are one text, and
# so is the answer: redis-py handles values one by one, which for company of ten costs more than all the rest
_COUNT = """
local found = {}
local window = string.gmatch(ARGV[1], '%d+')
for _, key in ipairs(KEYS) do
    local used = redis.call('INCR', key)
    local left = redis.call('PTTL', key)
    local seconds = window()
    if left < 0 then
        left = seconds * 1000
        redis.call('PEXPIRE', key, left)
    end
    found[#found + 1] = string.format('%d', used)
    found[#found + 1] = string.format('%d', left)
end
return table.concat(found, ' ')
"""
_SHA = hashlib.sha1(_COUNT.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Count:
    """Where somebody stands in their window."""

    limit: int
    window: int
    used: int
    reset_in: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(self.remaining),
            "RateLimit-Reset": str(self.reset_in),
        }


async def count(key: str, limit: int, window: int) -> Count:
    """Count one call under a key; a window of so many seconds. RedisError when Redis is away."""
    used, left = await _COUNTS.ask((key, window))
    return Count(limit, window, used, min(window, max(1, math.ceil(left / 1000))))


async def _counted(asked: Sequence[tuple[str, int]]) -> list[tuple[int, int]]:
    keys = [key.encode() for key, _window in asked]
    given = (len(asked), *keys, " ".join([str(window) for _key, window in asked]))
    redis = broker.async_connection()
    try:
        answer: Any = await redis.execute_command("EVALSHA", _SHA, *given)
    except NoScriptError:  # a server that just started
        answer = await redis.execute_command("EVAL", _COUNT, *given)
    found = [int(number) for number in answer.split()]
    return list(zip(found[::2], found[1::2], strict=True))


_COUNTS = Gathered(_counted, most=500)
