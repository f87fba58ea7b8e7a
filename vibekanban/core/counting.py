"""How often somebody came within a window of time: one count in Redis, shared by every process."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from vibekanban.core import broker
from vibekanban.core.gathering import Gathered

# the window of each key opens with its first call; KEYS and ARGV (seconds) go in pairs
_COUNT = """
local found = {}
for place, key in ipairs(KEYS) do
    local used = redis.call('INCR', key)
    local left = redis.call('PTTL', key)
    if left < 0 then
        left = ARGV[place] * 1000
        redis.call('PEXPIRE', key, left)
    end
    found[#found + 1] = used
    found[#found + 1] = left
end
return found
"""


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
    script = broker.async_connection().register_script(_COUNT)
    found: Any = await script(keys=[key for key, _window in asked], args=[window for _key, window in asked])
    return list(zip(found[::2], found[1::2], strict=True))


_COUNTS = Gathered(_counted, most=500)
