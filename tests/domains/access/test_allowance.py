from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest

from vibekanban.core import broker
from vibekanban.core.columns import new_id
from vibekanban.core.counting import Count
from vibekanban.core.settings import settings
from vibekanban.domains.access import allowance


@pytest.fixture
def two_a_minute(redis: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "mcp_rate_limit_per_minute", 2)
    return


def taken(*tokens: UUID) -> Sequence[Count | BaseException]:
    """All at once."""

    async def run() -> Sequence[Count | BaseException]:
        try:
            return await asyncio.gather(*map(allowance.take, tokens), return_exceptions=True)
        finally:
            await broker.close()

    return asyncio.run(run())


def test_the_call_after_the_last_is_refused_with_the_seconds_to_wait(two_a_minute: None) -> None:
    first, second, third = taken(*[new_id()] * 3)
    assert isinstance(first, Count)
    assert isinstance(second, Count)
    assert (first.remaining, second.remaining) == (1, 0)
    assert isinstance(third, allowance.Spent)
    assert 1 <= third.retry_after <= 60


def test_tokens_do_not_use_up_each_others_calls(two_a_minute: None) -> None:
    counts = taken(*[new_id() for _ in range(3)])
    assert [count.headers["RateLimit-Remaining"] for count in counts if isinstance(count, Count)] == ["1"] * 3
