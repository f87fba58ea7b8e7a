"""One clock for expiry, decay, data and webhooks: real time unless a test moves it."""

from __future__ import annotations

import time
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from vibekanban.sandbox.graph.store import Store


class Clock:
    """Simulated time = `base` + (real time − `since`) × `speed`; frozen at speed 0. In Unix seconds."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._load()

    def _load(self) -> None:
        kept: dict[str, float] | None = self._store.setting("clock")
        self._base = kept["base"] if kept else 0.0
        self._since = kept["since"] if kept else 0.0
        self._speed = kept["speed"] if kept else 1.0
        self._moved = kept is not None

    def now(self) -> float:
        if not self._moved:
            return time.time()
        return self._base + (time.time() - self._since) * self._speed

    def move(self, *, to: float | None = None, by: float = 0.0, speed: float | None = None) -> None:
        """Jump to a moment or by some seconds; speed 0 freezes, 60 makes a minute of every second."""
        base = (self.now() if to is None else to) + by
        chosen = self._speed if speed is None else speed
        self._store.set("clock", {"base": base, "since": time.time(), "speed": chosen})
        self._load()

    def reset(self) -> None:
        self._load()

    @property
    def state(self) -> dict[str, Any]:
        return {"now": self.now(), "speed": self._speed if self._moved else 1.0, "moved": self._moved}

    def local(self, zone: str, moment: float | None = None) -> datetime:
        """A moment, or now, on the clocks of a place."""
        return datetime.fromtimestamp(self.now() if moment is None else moment, ZoneInfo(zone))


@lru_cache(maxsize=20_000)
def midnight(day: date, zone: str) -> float:
    """Unix seconds of the first moment of a local day."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp()
