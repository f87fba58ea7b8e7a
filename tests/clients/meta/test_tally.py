"""Calls are counted for an hour and for the days Meta reviews, and forgotten afterwards."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from redis import Redis

from vibekanban.clients.meta import tally
from vibekanban.core import columns
from vibekanban.core.queue import Lane

START = columns.now()


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch, redis: Redis) -> Redis:
    """Time is what the tests say; it begins with a call."""
    set_clock(monkeypatch, START)
    tally.count(redis, "one", "701", Lane.TODAY, "ok")
    return redis


def set_clock(monkeypatch: pytest.MonkeyPatch, moment: datetime) -> None:
    monkeypatch.setattr(tally, "now", lambda: moment)


@pytest.mark.parametrize(
    ("later", "hour", "days"),
    [
        (timedelta(), 1, 1),
        (timedelta(minutes=59), 1, 1),
        (timedelta(minutes=66), 0, 1),
        (timedelta(days=13), 0, 1),
        (timedelta(days=16), 0, 0),
    ],
)
def test_a_call_counts_as_long_as_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch, at: Redis, later: timedelta, hour: int, days: int
) -> None:
    set_clock(monkeypatch, START + later)
    assert tally.last_hour(at, "one").total() == hour
    assert tally.reviewed(at, "one").total() == days


def test_what_is_counted_goes_away_by_itself(at: Redis) -> None:
    assert all(0 < at.ttl(name) <= 16 * 86400 for name in at.keys("meta:calls:*"))  # pyright: ignore


def test_another_connection_has_counts_of_its_own(at: Redis) -> None:
    assert tally.last_hour(at, "another").total() == 0
