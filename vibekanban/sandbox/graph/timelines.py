"""When an object was on and what its budget was, over time: the seed's start, then its history of edits."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any

from vibekanban.sandbox.graph import seeded
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.clock import midnight
from vibekanban.sandbox.graph.incidents import RUNAWAY
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import Account, place

NEVER, ALWAYS = float("inf"), float("-inf")
LIFETIME_DAYS = 30  # over which a lifetime budget without an end is laid out
Steps = tuple[tuple[float, int], ...]


class Timeline:
    """The history of one object, as steps: from a moment on, a value."""

    def __init__(self, store: Store, catalogue: Catalogue, account: Account, object_id: str) -> None:
        self._history = store.rows("SELECT field, at, value FROM history WHERE id = ? ORDER BY at", object_id)
        self._seed = catalogue.seed
        self._account = account
        self._at = place(object_id)
        incident = catalogue.incidents.of(account)
        runs = (
            incident is not None
            and incident.kind == "runaway"
            and self._at is not None
            and self._at.campaign == 0
        )
        self._runaway = incident.since if incident is not None and runs else None
        self._made: dict[str, Any] = catalogue.made(account).get(object_id, {})
        self._now: dict[str, Any] = catalogue.find(object_id) or {}

    @property
    def created(self) -> float:
        """The moment of creation; the seed's objects were always there."""
        return self._made.get("_created", NEVER) if self._at is None else ALWAYS

    @cached_property
    def on(self) -> Steps:
        """1 from the moments it was switched on, 0 from those it was switched off."""
        steps: list[tuple[float, int]] = []
        if self._at is None:
            begins = max(self.created, moment(self._made.get("start_time")) or ALWAYS)
            steps += [(ALWAYS, 0), (begins, int(self._made.get("status") == "ACTIVE"))]
        elif not seeded.starts_paused(self._at):
            steps.append((ALWAYS, 1))
        elif self._at.level == "campaign":
            steps += [(ALWAYS, 1), (midnight(seeded.STOPPED, self._account.timezone), 0)]
        else:
            steps.append((ALWAYS, 0))
        steps += [(at, int(value == "ACTIVE")) for field, at, value in self._history if field == "status"]
        ends = moment(self._now.get("end_time") or self._now.get("stop_time"))
        kept = steps if ends is None else [step for step in steps if step[0] < ends] + [(ends, 0)]
        return tuple(kept)

    @cached_property
    def budget(self) -> Steps:
        """The daily budget in minor units from each moment on; 0 when it holds none."""
        first = self._first_budget()
        steps = [(ALWAYS, first)]
        if self._runaway is not None:
            steps.append((self._runaway, first * RUNAWAY))
        for field, at, value in self._history:
            if field == "daily_budget":
                steps.append((at, int(value or 0)))
            elif field == "lifetime_budget":
                steps.append((at, self._daily(int(value or 0))))
        return tuple(sorted(steps, key=lambda step: step[0]))

    def _first_budget(self) -> int:
        if self._at is None:
            daily, lifetime = self._made.get("daily_budget"), self._made.get("lifetime_budget")
            return int(daily) if daily else self._daily(int(lifetime or 0))
        campaign = self._at.campaign
        holds = seeded.campaign_holds(self._account, campaign)
        if self._at.level == "campaign":
            return seeded.budget(self._seed, self._account, campaign) if holds else 0
        if self._at.level == "adset" and not holds:
            return seeded.adset_budget(self._seed, self._account, campaign)
        return 0

    def _daily(self, lifetime: int) -> int:
        begins = moment(self._now.get("start_time")) or self._made.get("_created")
        ends = moment(self._now.get("end_time") or self._now.get("stop_time"))
        days = LIFETIME_DAYS if begins is None or ends is None else max(1, round((ends - begins) / 86400))
        return lifetime // days


def moment(text: Any) -> float | None:
    """A time as people write it to Meta: ISO 8601, or Unix seconds."""
    if not text:
        return None
    if isinstance(text, int | float) or str(text).isdigit():
        return float(text)
    try:
        return datetime.fromisoformat(str(text).replace("+0000", "+00:00")).timestamp()
    except ValueError:
        return None
