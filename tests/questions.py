"""What the product asks its database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from vibekanban.core import db


@contextmanager
def questions() -> Iterator[list[str]]:
    """The statements that are sent meanwhile, in their order."""
    asked: list[str] = []

    def noted(*told: Any) -> None:
        asked.append(told[2])

    event.listen(db.engine(), "before_cursor_execute", noted)
    try:
        yield asked
    finally:
        event.remove(db.engine(), "before_cursor_execute", noted)
