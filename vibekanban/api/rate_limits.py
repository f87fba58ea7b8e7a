"""How often a caller may call: the rules, and one count in Redis that every process shares."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

from limits import RateLimitItem, RateLimitItemPerSecond
from limits.aio.storage import RedisStorage

from vibekanban.core.settings import settings

UNLIMITED = ("/healthz", "/readyz", "/metrics", "/api/webhooks/")
# what tries passwords, links and addresses
SIGN_IN = frozenset(
    {
        "/api/auth/login",
        "/api/auth/register",
        "/api/auth/verify-email",
        "/api/auth/forgot-password",
        "/api/auth/reset-password",
        "/auth/sign-in",
        "/auth/register",
    }
)


@dataclass(frozen=True)
class Count:
    """Where a caller stands in the window."""

    limit: int
    window: int
    used: int
    reset_in: int

    @property
    def exceeded(self) -> bool:
        return self.used > self.limit

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f"{self.limit};w={self.window}",
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(0, self.limit - self.used)),
            "RateLimit-Reset": str(self.reset_in),
        }


def general() -> RateLimitItem:
    """Calls of the API, per user or address."""
    return _item("api", settings().rate_limit_requests, settings().rate_limit_window)


def sign_in() -> RateLimitItem:
    """Tries of passwords and links, per address."""
    return _item("sign-in", settings().sign_in_limit_requests, settings().sign_in_limit_window)


def bad_tokens() -> RateLimitItem:
    """Unknown MCP tokens, per address; known ones have an allowance of their own."""
    return _item("bad-token", settings().rate_limit_requests, settings().rate_limit_window)


def _item(name: str, amount: int, window: int) -> RateLimitItem:
    return RateLimitItemPerSecond(amount, window, namespace=f"limits:{name}")


class Counter:
    """Counts in fixed windows; belongs to one application and its event loop."""

    def __init__(self) -> None:
        self._storage = RedisStorage(f"async+{settings().redis}", implementation="redispy")

    async def take(self, item: RateLimitItem, who: str) -> Count:
        """Count one call of somebody, and say where they stand."""
        key = item.key_for(who)
        used = await self._storage.incr(key, item.get_expiry())
        expires_at = await self._storage.get_expiry(key)
        reset_in = max(1, math.ceil(expires_at - time.time()))
        return Count(item.amount, item.get_expiry(), int(used), min(reset_in, item.get_expiry()))
