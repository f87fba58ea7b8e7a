"""Tasks and the like as tests need them."""

from __future__ import annotations

from typing import Any

from sqlmodel import Session

from vibekanban.domains.accounts.models import User
from vibekanban.domains.board import tasks
from vibekanban.domains.board.models import BoardTask


def a_task(session: Session, user: User, *, title: str = "Revisar creatividades", **values: Any) -> BoardTask:
    """A task of the person's, under attention."""
    return tasks.write_down(session, user.id, title=title, **values)
