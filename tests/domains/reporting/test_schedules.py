"""When a saved report is due, also where the clocks change and months are short."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vibekanban.domains.reporting.models import Cadence
from vibekanban.domains.reporting.schedules import Schedule

MADRID, MEXICO = "Europe/Madrid", "America/Mexico_City"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "due"),
    [
        (Schedule(Cadence.DAILY, hour=8), MADRID, "2026-01-10 06:59", "2026-01-10 07:00"),
        (Schedule(Cadence.DAILY, hour=8), MADRID, "2026-01-10 07:00", "2026-01-11 07:00"),
        (Schedule(Cadence.DAILY, hour=8), MADRID, "2026-07-10 07:00", "2026-07-11 06:00"),
        (Schedule(Cadence.DAILY, hour=23), MEXICO, "2026-01-10 04:59", "2026-01-10 05:00"),
        (Schedule(Cadence.WEEKLY, hour=8, weekday=1), MADRID, "2026-11-24 12:00", "2026-11-30 07:00"),
        (Schedule(Cadence.WEEKLY, hour=8, weekday=2), MADRID, "2026-11-24 06:00", "2026-11-24 07:00"),
        (Schedule(Cadence.MONTHLY, hour=8, month_day=31), MADRID, "2026-02-01 12:00", "2026-02-28 07:00"),
        (Schedule(Cadence.MONTHLY, hour=8, month_day=31), MADRID, "2026-02-28 07:00", "2026-03-31 06:00"),
        (Schedule(Cadence.MONTHLY, hour=8, month_day=1), MADRID, "2026-12-01 07:00", "2027-01-01 07:00"),
    ],
)
def test_it_is_due_at_the_hour_of_its_owners_day(schedule: Schedule, zone: str, after: str, due: str) -> None:
    assert schedule.following(at(after), zone) == at(due)


def test_an_hour_that_the_clocks_skip_is_due_when_they_have() -> None:
    daily = Schedule(Cadence.DAILY, hour=2)
    assert daily.following(at("2026-03-28 12:00"), MADRID) == at("2026-03-29 01:00")


def test_an_hour_that_the_clocks_repeat_is_due_once() -> None:
    daily = Schedule(Cadence.DAILY, hour=2)
    first = daily.following(at("2026-10-24 12:00"), MADRID)
    assert first == at("2026-10-25 00:00")
    assert daily.following(at("2026-10-25 00:00"), MADRID) == at("2026-10-26 01:00")


def test_what_is_not_sent_is_never_due() -> None:
    assert Schedule(Cadence.NONE).following(at("2026-01-01 00:00"), MADRID) is None
