"""What goes wrong in an account, and since when: by its scenario, or because a test says so."""

from __future__ import annotations

from dataclasses import dataclass

from vibekanban.sandbox.graph.clock import Clock, midnight
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import Account

DAY = 86400.0
AGO = 3  # days before the sandbox began that the scenarios' incidents started
RUNAWAY = 10  # times the budget of the first campaign, or of its ad sets
KINDS = ("runaway", "pixel_outage", "disapprovals", "halt")


@dataclass(frozen=True)
class Incident:
    """`runaway`: somebody typed a zero too many into a budget; `pixel_outage`: no conversions;
    `disapprovals`: some ads are rejected; `halt`: nothing is delivered."""

    kind: str
    since: float


class Incidents:
    """One incident an account at most."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._began: float | None = None
        self._told: dict[str, list[object]] | None = None

    def of(self, account: Account) -> Incident | None:
        if self._told is None:
            self._told = self._store.setting("incidents", {})
        told = self._told.get(account.id) if self._told else None
        if told is not None:
            return Incident(str(told[0]), float(str(told[1]))) if told else None
        if account.scenario not in KINDS:
            return None
        return Incident(account.scenario, self._start(account))

    def struck(self, account: Account, kind: str) -> bool:
        """Whether the account suffers it now."""
        found = self.of(account)
        return found is not None and found.kind == kind and found.since <= self._clock.now()

    def tell(self, account: Account, kind: str | None, since: float) -> None:
        """Make an account suffer from a moment on; no kind: nothing is wrong there."""
        told = dict(self._store.setting("incidents", {}))
        told[account.id] = [kind, since] if kind else []
        self._store.set("incidents", told)
        self._told = None

    def forget(self) -> None:
        self._began = self._told = None

    def _start(self, account: Account) -> float:
        if self._began is None:
            self._began = self._store.setting("began")
            if self._began is None:
                self._began = self._clock.now()
                self._store.set("began", self._began)
        day = self._clock.local(account.timezone, self._began - AGO * DAY).date()
        return midnight(day, account.timezone)
