"""Everything that is known about one card: itself, what was said about it, what was done to it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session

from vibekanban.domains.board import cards, comments, people
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.models import BoardComment
from vibekanban.domains.board.people import Person
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import Change

MOST_CHANGES = 20


@dataclass(frozen=True)
class Detail:
    card: Card
    comments: list[BoardComment]
    changes: list[Change]
    people: list[Person]


def detail(session: Session, me: UUID, card_id: UUID) -> Detail:
    """A card with all that belongs to it, as far as it is for the reader."""
    card = cards.card(session, me, card_id)
    done = changes.changes(session, card.owner_id, object_id=card.id, limit=MOST_CHANGES)
    if not card.mine:
        return Detail(card, [], done, [])
    known = people.concerned(session, card)
    return Detail(
        card,
        comments.comments(session, me, card_id),
        done,
        known if card.mine else known[:1],  # a client does not see who else looks
    )
