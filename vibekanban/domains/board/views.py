"""Saved views: filters and an order under a name."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from vibekanban.core import columns, events
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.board.errors import ViewNameTaken
from vibekanban.domains.board.filters import Filters
from vibekanban.domains.board.models import BoardView
from vibekanban.domains.meta import objects

LONGEST, MOST = 80, 50


def views(session: Session, me: UUID) -> list[BoardView]:
    """One's own, by name."""
    return list(
        session.exec(select(BoardView).where(BoardView.user_id == me).order_by(func.lower(BoardView.name)))
    )


def view(session: Session, me: UUID, view_id: UUID) -> BoardView:
    found = session.exec(select(BoardView).where(BoardView.id == view_id, BoardView.user_id == me)).first()
    if found is None:
        raise NotFound()
    return found


def save(session: Session, me: UUID, name: str, filters: Filters) -> BoardView:
    """Keep a view under a name; one of that name is there already: ViewNameTaken."""
    if len(views(session, me)) >= MOST:
        raise Invalid({"name": "board.field.views"})
    made = BoardView(user_id=me, name=_free(session, me, name), filters=_kept(session, me, filters))
    session.add(made)
    session.flush()
    events.publish(session, me, events.Topic.BOARD)
    return made


def change(
    session: Session, me: UUID, view_id: UUID, *, name: str | None, filters: Filters | None
) -> BoardView:
    """Another name or other filters for a view."""
    found = view(session, me, view_id)
    if name is not None:
        found.name = _free(session, me, name, but=view_id)
    if filters is not None:
        found.filters = _kept(session, me, filters)
    found.updated_at = columns.now()
    session.flush()
    events.publish(session, me, events.Topic.BOARD)
    return found


def forget(session: Session, me: UUID, view_id: UUID) -> None:
    session.delete(view(session, me, view_id))
    session.flush()
    events.publish(session, me, events.Topic.BOARD)


def _kept(session: Session, me: UUID, filters: Filters) -> dict[str, object]:
    if filters.account_id is not None and not objects.owns_accounts(session, me, [filters.account_id]):
        raise NotFound()
    return filters.kept()


def _free(session: Session, me: UUID, name: str, *, but: UUID | None = None) -> str:
    clean = " ".join(name.replace("\x00", "").split())
    if not clean or len(clean) > LONGEST:
        raise Invalid({"name": "board.field.view_name"})
    query = select(BoardView.id).where(
        BoardView.user_id == me, func.lower(col(BoardView.name)) == clean.lower()
    )
    if any(found != but for found in session.exec(query)):
        raise ViewNameTaken()
    return clean
