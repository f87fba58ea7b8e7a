"""When a schedule's rules are due, in the workflow's own time."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from croniter import CroniterError, croniter

FIELDS = ("seconds", "minutes", "hours", "days", "weeks", "months", "cronExpression")


@dataclass(frozen=True)
class Rule:
    """A cron expression with seconds, and how many units of time lie between two firings at least."""

    cron: str
    zone: str
    unit: str = ""
    gap: int = 1

    def following(self, at: float) -> float | None:
        """The first moment after this one; None when the expression is none."""
        try:
            begin = datetime.fromtimestamp(at, ZoneInfo(self.zone))
            seconds = len(self.cron.split()) == 6
            found = croniter(self.cron, begin, ret_type=datetime, second_at_beginning=seconds)
            return found.get_next(datetime).timestamp()
        except (CroniterError, ZoneInfoNotFoundError, ValueError, KeyError):
            return None

    def may_fire(self, at: float, last: float | None) -> bool:
        """Whether enough time has passed since the last firing."""
        if last is None or not self.unit:
            return True
        now, before = self._count(at), self._count(last)
        return now - before >= self.gap or (self.unit == "weeks" and now == before)

    def _count(self, at: float) -> int:
        """Whole units since the beginning of time."""
        there = datetime.fromtimestamp(at, ZoneInfo(self.zone))
        day = there.toordinal()
        return {
            "minutes": int(at // 60),
            "hours": day * 24 + there.hour,
            "days": day,
            "weeks": day // 7,  # weeks begin on Sunday
            "months": there.year * 12 + there.month,
        }[self.unit]


def rules_of(workflow_id: str, node: dict[str, Any], zone: str) -> list[Rule]:
    """A schedule node's rules; those that n8n would never run are left out."""
    intervals = node["parameters"].get("rule", {}).get("interval", [{}])
    found = (_rule(f"{workflow_id}:{node['id']}", interval, zone) for interval in intervals)
    return [rule for rule in found if rule is not None and rule.following(0) is not None]


def _rule(key: str, interval: dict[str, Any], zone: str) -> Rule | None:
    unit = interval.get("field", "days")
    if unit not in FIELDS:
        unit = "days"
    if unit == "cronExpression":
        return Rule(str(interval.get("expression", "")).lstrip("="), zone)
    try:
        every = int(interval.get(f"{unit}Interval", {"seconds": 30, "minutes": 5}.get(unit, 1)))
    except (TypeError, ValueError):
        return None
    if every < 1:
        return None
    if unit == "seconds":
        return Rule(f"*/{every} * * * * *", zone)
    second = _steady(key, "second", 60)
    if unit == "minutes":
        even = 60 % every == 0
        return Rule(f"{second} */{every} * * * *" if even else f"{second} * * * * *", zone, "minutes", every)
    minute = interval.get("triggerAtMinute", _steady(key, "minute", 60))
    if unit == "hours":
        even = 24 % every == 0
        hours = f"*/{every}" if even else "*"
        return Rule(f"{second} {minute} {hours} * * *", zone, "" if even else "hours", every)
    hour = interval.get("triggerAtHour", _steady(key, "hour", 24))
    if unit == "days":
        return Rule(f"{second} {minute} {hour} * * *", zone, "days", every)
    if unit == "weeks":
        days = ",".join(str(day) for day in interval.get("triggerAtDay", [0])) or "*"
        return Rule(f"{second} {minute} {hour} * * {days}", zone, "weeks", every)
    day = interval.get("triggerAtDayOfMonth", 1 + _steady(key, "dayOfMonth", 28))
    return Rule(f"{second} {minute} {hour} {day} * *", zone, "months", every)


def _steady(key: str, label: str, end: int) -> int:
    """A number below `end` that is always the same for this node: schedules spread, and stay where they are."""
    digest = hashlib.sha256(f"{key}:{label}".encode()).digest()
    return int.from_bytes(digest[:4]) % end
