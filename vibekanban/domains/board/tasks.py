"""Tasks: writing one down, changing it, putting it in a column, throwing it away."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from vibekanban.core import columns, events
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.board.models import BoardAssignment, BoardComment, BoardPlacement, BoardTask, Stage
from vibekanban.domains.meta import objects

MOST_TITLE, MOST_NOTES = 200, 5000


def task(session: Session, owner: UUID, task_id: UUID, *, lock: bool = False) -> BoardTask:
    query = select(BoardTask).where(BoardTask.id == task_id, BoardTask.user_id == owner)
    found = session.exec(query.with_for_update() if lock else query).first()
    if found is None:
        raise NotFound()
    return found


def write_down(
    session: Session,
    owner: UUID,
    *,
    title: str,
    notes: str = "",
    stage: Stage = Stage.ATTENTION,
    account_id: UUID | None = None,
    due_on: date | None = None,
) -> BoardTask:
    """A new task; Invalid without a title, NotFound for somebody else's account."""
    _own(session, owner, account_id)
    made = BoardTask(
        user_id=owner,
        title=_title(title),
        notes=_notes(notes),
        stage=stage,
        account_id=account_id,
        due_on=due_on,
        done_at=columns.now() if stage is Stage.DONE else None,
    )
    session.add(made)
    session.flush()
    _told(session, made)
    return made


def rewrite(
    session: Session,
    owner: UUID,
    task_id: UUID,
    *,
    title: str,
    notes: str,
    account_id: UUID | None,
    due_on: date | None,
) -> BoardTask:
    """Change what the task says; its column is changed by moving it."""
    found = task(session, owner, task_id, lock=True)
    _own(session, owner, account_id)
    found.title, found.notes = _title(title), _notes(notes)
    found.account_id, found.due_on = account_id, due_on
    found.updated_at = columns.now()
    session.flush()
    _told(session, found)
    return found


def put(session: Session, owner: UUID, task_id: UUID, stage: Stage) -> BoardTask:
    """Move a task to a column; in DONE it is done."""
    found = task(session, owner, task_id, lock=True)
    if found.stage is not stage:
        found.stage = stage
        found.done_at = columns.now() if stage is Stage.DONE else None
        found.updated_at = columns.now()
        session.flush()
        _told(session, found)
    return found


def throw_away(session: Session, owner: UUID, task_id: UUID) -> None:
    """With all that was added to its card."""
    found = task(session, owner, task_id, lock=True)
    for table in (BoardPlacement, BoardAssignment, BoardComment):
        session.execute(delete(table).where(col(table.user_id) == owner, col(table.card_id) == task_id))
    session.delete(found)
    session.flush()
    _told(session, found)


def _told(session: Session, found: BoardTask) -> None:
    events.publish(
        session, found.user_id, events.Topic.BOARD, account_id=found.account_id, card=str(found.id)
    )


def _own(session: Session, owner: UUID, account_id: UUID | None) -> None:
    if account_id is not None and not objects.owns_accounts(session, owner, [account_id]):
        raise NotFound()


def _title(text: str) -> str:
    clean = " ".join(text.replace("\x00", "").split())
    if not clean:
        raise Invalid({"title": "board.field.title"})
    if len(clean) > MOST_TITLE:
        raise Invalid({"title": "board.field.title_long"})
    return clean


def _notes(text: str) -> str:
    clean = text.replace("\x00", "").strip()
    if len(clean) > MOST_NOTES:
        raise Invalid({"notes": "board.field.notes_long"})
    return clean
