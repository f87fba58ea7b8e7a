"""The hardest minutes of Meta's smallest tier: ten accounts begin at once, suffer at noon, and are read anew for weeks.

`make test-day` lives the whole day, minute by minute.
"""

from __future__ import annotations

from datetime import timedelta

from tests.workers.limited_day import Day, day, nothing_was_throttled
from vibekanban.domains.meta.models import SyncKind, SyncStatus

__all__ = ["day"]
WHILE = timedelta(minutes=14)


def test_ten_accounts_of_the_smallest_tier_are_never_throttled_and_alerts_are_in_time(day: Day) -> None:
    began = day.at
    day.begin()
    day.live(WHILE)
    day.to(began + timedelta(hours=12))
    day.live(timedelta(minutes=2))
    day.oldest = timedelta()  # nobody read while the clock jumped
    day.strike("Oleada de rechazos", "disapprovals")
    day.strike("Gasto desbocado", "runaway")
    day.live(WHILE)
    day.to(began + timedelta(hours=36, minutes=30))
    day.live(timedelta(minutes=2))
    day.oldest = timedelta()
    day.live(WHILE)
    assert set(day.statuses(SyncKind.ACCOUNT)) == {SyncStatus.DONE}
    assert SyncStatus.DONE in day.statuses(SyncKind.TRAILING)
    nothing_was_throttled(day)
