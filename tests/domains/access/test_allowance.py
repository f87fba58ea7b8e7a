from __future__ import annotations

import pytest

from vibekanban.core.columns import new_id
from vibekanban.core.settings import settings
from vibekanban.domains.access import allowance


@pytest.fixture
def two_a_minute(redis: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "mcp_rate_limit_per_minute", 2)
    return


def test_the_call_after_the_last_is_refused_with_the_seconds_to_wait(two_a_minute: None) -> None:
    token = new_id()
    assert [allowance.take(token).remaining for _ in range(2)] == [1, 0]
    with pytest.raises(allowance.Spent) as refused:
        allowance.take(token)
    assert 1 <= refused.value.retry_after <= 60


def test_tokens_do_not_use_up_each_others_calls(two_a_minute: None) -> None:
    for _ in range(2):
        allowance.take(new_id())
    assert allowance.take(new_id()).headers["RateLimit-Remaining"] == "1"
