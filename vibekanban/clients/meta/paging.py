"""Listings that Meta forgets the place of: read from their beginning again, a few times."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from vibekanban.clients.meta import errors

RESTARTS = 3  # of one listing; a place that is lost again and again is not lost by its age

T = TypeVar("T")


def whole(read: Callable[[], T]) -> T:
    """What `read` makes of a whole listing; it begins afresh each time it is called."""
    for _ in range(RESTARTS):
        try:
            return read()
        except errors.CursorExpired:
            continue
    return read()
