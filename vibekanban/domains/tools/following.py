"""How a caller follows a long call: how far it is on the way, and calling it off."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from vibekanban.domains.editing.errors import Cancelled

T = TypeVar("T")
STEP = 0.5  # seconds between two looks
LONGEST = 600.0  # seconds a call is followed; what it started goes on


def _untold(_done: float, _total: float, _message: str) -> None:
    """Nobody asked how far it is."""


@dataclass(frozen=True)
class Watch:
    """The caller's side of a call; only one that `follows` waits for what goes on without it."""

    follows: bool = False
    tell: Callable[[float, float, str], None] = _untold
    cancelled: Callable[[], bool] = lambda: False

    def check(self) -> None:
        """Cancelled once the caller has called it off."""
        if self.cancelled():
            raise Cancelled()

    def until(
        self, look: Callable[[], T], over: Callable[[T], bool], told: Callable[[T], tuple[float, float, str]]
    ) -> T:
        """What `look` finds once it is over, telling how far it is on the way; at once if nobody follows."""
        ends = time.monotonic() + LONGEST
        found = look()
        while self.follows and not over(found) and time.monotonic() < ends:
            self.check()
            self.tell(*told(found))
            time.sleep(STEP)
            found = look()
        if self.follows:
            self.tell(*told(found))
        return found


NOBODY = Watch()
