"""Tasks and the like as tests need them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlmodel import Session

from vibekanban.domains.accounts.models import User
from vibekanban.domains.board import comments, pacing, tasks, views
from vibekanban.domains.board.filters import Filters
from vibekanban.domains.board.models import BoardComment, BoardTask, BoardView, PacingTarget
from vibekanban.domains.meta.models import MetaAccount


def a_task(session: Session, user: User, *, title: str = "Revisar creatividades", **values: Any) -> BoardTask:
    """A task of the person's, under attention."""
    return tasks.write_down(session, user.id, title=title, **values)


def a_comment(session: Session, user: User, task: BoardTask, *, text: str = "Hecho.") -> BoardComment:
    """Something the person said about a task of theirs."""
    return comments.say(session, user.id, task.id, text)


def a_view(
    session: Session, user: User, *, name: str = "Tareas", filters: Filters | None = None
) -> BoardView:
    """A saved view of tasks only."""
    return views.save(session, user.id, name, filters or Filters(kind="task"))


def a_target(
    session: Session, account: MetaAccount, *, amount: Decimal = Decimal(1000), **values: Any
) -> PacingTarget:
    """What the account is meant to spend this month."""
    return pacing.aim(session, account.user_id, account_id=account.id, amount=amount, **values)
