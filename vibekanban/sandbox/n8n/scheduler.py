"""The clock that wakes published schedules, by the sandbox's time."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from vibekanban.core.logging import logger
from vibekanban.sandbox.graph.clock import Clock
from vibekanban.sandbox.n8n.known import SCHEDULE
from vibekanban.sandbox.n8n.rules import Rule, rules_of
from vibekanban.sandbox.n8n.runs import Runs
from vibekanban.sandbox.n8n.shelf import Entry, Shelf, serving

TICK = 0.2
log = logger(__name__)


@dataclass
class Alarm:
    """A rule of a published version, and when it is due next."""

    workflow: str
    version: str
    node: Entry
    rule: Rule
    due: float


class Scheduler:
    """One loop over every schedule that is awake."""

    def __init__(self, shelf: Shelf, runs: Runs, clock: Clock) -> None:
        self._shelf = shelf
        self._runs = runs
        self._clock = clock
        self._alarms: dict[tuple[str, str, str, int], Alarm] = {}

    async def run(self) -> None:
        while True:
            await asyncio.sleep(TICK)
            try:
                self.tick()
            except Exception as error:
                log.warning("n8n_schedule_failed", error=type(error).__name__)

    def tick(self) -> None:
        """Start what is due. After a jump of the clock each rule fires once, not once for all it missed."""
        now = self._clock.now()
        self._alarms = self._set(now)
        for alarm in self._alarms.values():
            if alarm.due > now:
                # the clock may have been set back: then the rule is due earlier than it was
                if alarm.due - now > 1 and (again := alarm.rule.following(now)) is not None:
                    alarm.due = again
                continue
            workflow = self._shelf.workflow(alarm.workflow)
            version = self._shelf.version(alarm.workflow, alarm.version)
            name = f"{alarm.node['id']}:{alarm.rule.cron}"
            alarm.due = alarm.rule.following(now) or float("inf")
            if workflow is None or version is None:
                continue
            if alarm.rule.may_fire(now, self._shelf.fired(alarm.workflow, name)):
                self._shelf.keep_fired(alarm.workflow, name, now)
                item = {"json": _told(now, alarm.rule.zone), "pairedItem": {"item": 0}}
                self._runs.begin(workflow, version, alarm.node, [item], "trigger")

    def _set(self, now: float) -> dict[tuple[str, str, str, int], Alarm]:
        """The alarms of what is published now; those that were set stay as they were."""
        found = {}
        for workflow in self._shelf.published():
            number = serving(workflow)
            version = self._shelf.version(workflow["id"], number) if number else None
            if number is None or version is None:
                continue
            zone = workflow["settings"].get("timezone") or "UTC"
            for node in version["nodes"]:
                if node["type"] != SCHEDULE or node.get("disabled"):
                    continue
                for position, rule in enumerate(rules_of(workflow["id"], node, zone)):
                    key = (workflow["id"], number, node["id"], position)
                    due = rule.following(now)
                    if due is not None:
                        new = Alarm(workflow["id"], number, node, rule, due)
                        found[key] = self._alarms.get(key, new)
        return found


def _told(at: float, zone: str) -> dict[str, Any]:
    """What a schedule gives its workflow."""
    there = datetime.fromtimestamp(at, ZoneInfo(zone))
    offset = there.isoformat()[-6:]
    hour = there.strftime("%I").lstrip("0")
    time = f"{hour}:{there:%M:%S} {there:%p}".lower()
    ending = {1: "st", 2: "nd", 3: "rd"}.get(there.day % 10 if there.day not in (11, 12, 13) else 0, "th")
    return {
        "timestamp": there.isoformat(timespec="milliseconds"),
        "Readable date": f"{there:%B} {there.day}{ending} {there.year}, {time}",
        "Readable time": time,
        "Day of week": f"{there:%A}",
        "Year": f"{there:%Y}",
        "Month": f"{there:%B}",
        "Day of month": f"{there:%d}",
        "Hour": f"{there:%H}",
        "Minute": f"{there:%M}",
        "Second": f"{there:%S}",
        "Timezone": f"{zone} (UTC{offset})",
    }
