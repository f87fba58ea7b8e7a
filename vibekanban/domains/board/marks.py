"""Writing what people do to cards into `board_placements`, for those who have the card already."""

from __future__ import annotations

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from vibekanban.core import columns, events
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.models import BoardPlacement


def keep(session: Session, card: Card, **values: object) -> None:
    """Write these values beside the card and show it on open boards."""
    row = {"user_id": card.owner_id, "card_id": card.id, "labels": [], "updated_at": columns.now()} | values
    session.execute(
        insert(BoardPlacement)
        .values(**row)
        .on_conflict_do_update(
            index_elements=[col(BoardPlacement.user_id), col(BoardPlacement.card_id)],
            set_={**values, "updated_at": columns.now()},
        )
    )
    told(session, card)


def told(session: Session, card: Card) -> None:
    """Show the card anew on every open board that has it."""
    events.publish(session, card.owner_id, events.Topic.BOARD, account_id=card.account_id, card=str(card.id))


def mark_done(session: Session, card: Card, *, done: bool) -> None:
    """Say that what the card tells of was dealt with, or that it was not after all."""
    keep(session, card, done_at=columns.now() if done else None)
