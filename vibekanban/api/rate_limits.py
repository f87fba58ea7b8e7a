"""How often a caller may call: the rules; the counts are shared by every process."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from vibekanban.core import counting
from vibekanban.core.counting import Count
from vibekanban.core.settings import settings

# mail services end the summaries and reports of all their readers from a few addresses
LEAVING = ("/api/notifications/unsubscribe", "/api/meta/reports/unsubscribe")
UNLIMITED = ("/healthz", "/readyz", "/metrics", "/api/webhooks/", *LEAVING)
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
SHARED = "/s/"  # share links: a POST there tries a password


@dataclass(frozen=True)
class Rule:
    """So many calls within a window of seconds."""

    name: str
    amount: int
    window: int

    async def take(self, who: str) -> Count:
        """Count one call of somebody, and say where they stand; RedisError when Redis is away."""
        return await counting.count(f"limits:{self.name}:{who}", self.amount, self.window)


@dataclass
class Barred:
    """Addresses that tried too many unknown tokens, until when.

    The count is shared, the bar is remembered per process, so that a good token costs no look-up.
    """

    _until: dict[str, float] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self._until)

    def bar(self, who: str, seconds: int) -> None:
        self._until[who] = time.monotonic() + seconds

    def left(self, who: str) -> float:
        """The seconds that are left; 0 when it may come in."""
        left = self._until.get(who, 0) - time.monotonic()
        if left > 0:
            return left
        self._until.pop(who, None)
        return 0


def general() -> Rule:
    """Calls of the API, per user or address."""
    return Rule("api", settings().rate_limit_requests, settings().rate_limit_window)


def sign_in() -> Rule:
    """Tries of passwords and links, per address."""
    return Rule("sign-in", settings().sign_in_limit_requests, settings().sign_in_limit_window)


def bad_tokens() -> Rule:
    """Unknown MCP tokens, per address; known ones have an allowance of their own."""
    return Rule("bad-token", settings().rate_limit_requests, settings().rate_limit_window)


def headers(count: Count) -> dict[str, str]:
    return {"RateLimit-Policy": f"{count.limit};w={count.window}", **count.headers}
