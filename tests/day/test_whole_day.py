"""Ten accounts live a day on Meta's smallest tier, minute by minute, with incidents at several hours."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.workers.limited_day import Day, day, nothing_was_throttled
from vibekanban.domains.meta.models import SyncKind, SyncStatus

__all__ = ["day"]
STRIKES = {
    3: ("Tienda Santiago", "runaway"),
    8: ("Oleada de rechazos", "disapprovals"),
    11: ("Gasto desbocado", "runaway"),
    15: ("Mezcla CBO y ABO", "runaway"),
    20: ("Mumbai Handloom", "runaway"),
}


@pytest.mark.timeout(0)  # at its own pace
def test_ten_accounts_live_a_day_without_a_throttle_and_every_alert_is_in_time(day: Day) -> None:
    day.begin()
    for hour in range(25):  # the 25th has the next day's last weeks
        if hour in STRIKES:
            day.strike(*STRIKES[hour])
        day.live(timedelta(hours=1))
    assert set(day.statuses(SyncKind.ACCOUNT)) == {SyncStatus.DONE}
    assert SyncStatus.DONE in day.statuses(SyncKind.TRAILING)
    nothing_was_throttled(day)
