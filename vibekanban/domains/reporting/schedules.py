"""When a saved report is due: at an hour of its owner's day, each day, week or month."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from vibekanban.core import columns
from vibekanban.domains.reporting.models import Cadence, SavedReport

A_MONTH_AND_MORE = 63  # days within which any schedule is due at least once


@dataclass(frozen=True)
class Schedule:
    """`weekday` counts from Monday, 1; a `month_day` that a month does not have is its last day."""

    cadence: Cadence
    hour: int = 8
    weekday: int = 1
    month_day: int = 1
    is_paused: bool = False

    def falls_on(self, day: date) -> bool:
        match self.cadence:
            case Cadence.DAILY:
                return True
            case Cadence.WEEKLY:
                return day.isoweekday() == self.weekday
            case Cadence.MONTHLY:
                return day.day == min(self.month_day, calendar.monthrange(day.year, day.month)[1])
            case Cadence.NONE:
                return False

    def following(self, after: datetime, zone: str) -> datetime | None:
        """The first due time after a moment; one that the clocks skip is due when they have."""
        local = ZoneInfo(zone)
        first = after.astimezone(local).date()
        for day in (first + timedelta(days=n) for n in range(A_MONTH_AND_MORE)):
            moment = datetime.combine(day, time(self.hour), local).astimezone(UTC)
            if self.falls_on(day) and moment > after:
                return moment
        return None


def of(report: SavedReport) -> Schedule:
    return Schedule(report.cadence, report.hour, report.weekday, report.month_day, report.is_paused)


def plan(report: SavedReport, zone: str, *, after: datetime | None = None) -> None:
    """Work out when it is due next; a paused one never is."""
    schedule = of(report)
    moment = after or columns.now()
    report.planned_zone = zone
    report.next_due_at = None if schedule.is_paused else schedule.following(moment, zone)


def due_next(report: SavedReport, zone: str) -> datetime | None:
    """When it is due next for somebody who lives in a timezone, also before it was planned for it."""
    if report.next_due_at is None or report.planned_zone == zone:
        return report.next_due_at
    return of(report).following(columns.now(), zone)
