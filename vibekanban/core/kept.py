"""Answers that this process gave before, for as long as what they were made of stays as it was.

An answer is kept with the state of all it was made of, as one look at the database told it together with the answer.
It is given again only to whoever has just read the same state: nobody has to tell a process what changed.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from cachetools import LRUCache

from vibekanban.core.settings import settings

C = TypeVar("C")
BESIDE = 1024  # bytes that an entry takes besides its answer, counted generously


@dataclass(frozen=True, slots=True)
class _Entry:
    state: Any
    answer: Any
    size: int


class Answers:
    """At most so many bytes; what was not asked for longest goes first."""

    def __init__(self, most: int) -> None:
        self._entries: LRUCache[Hashable, _Entry] = LRUCache(most, getsizeof=lambda entry: entry.size)

    @property
    def size(self) -> int:
        return int(self._entries.currsize)

    def get(self, key: Hashable, state: Any) -> Any:
        """The answer that was made of this state; None when there is none."""
        try:
            entry = self._entries[key]
        except KeyError:
            return None
        return entry.answer if entry.state == state else None

    def keep(self, key: Hashable, state: Any, answer: Any, size: int) -> None:
        """Keep an answer of so many bytes in place of an earlier one; one that is larger than all room is not."""
        size += BESIDE
        if size <= self._entries.maxsize:
            self._entries[key] = _Entry(state, answer, size)


@lru_cache
def answers() -> Answers:
    """Those of this process."""
    return Answers(settings().kept_answers_mb * 1_048_576)
