"""Whose cards they may be: who works on a board, giving a card to one of them, and who is named in a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from vibekanban.core.errors import NotFound
from vibekanban.domains.accounts import queries
from vibekanban.domains.board import cards, marks, placing
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.models import BoardAssignment
from vibekanban.domains.notifications import channels
from vibekanban.domains.sharing import members


@dataclass(frozen=True)
class Person:
    id: UUID
    name: str


def people(session: Session, owner: UUID) -> list[Person]:
    """Who may be given a card of somebody's board, the owner first."""
    found = queries.user(session, owner)
    own = [Person(found.id, found.name)] if found else []
    return own + [Person(one.id, one.name) for one in members.members(session, owner)]


def concerned(session: Session, card: Card) -> list[Person]:
    """Who may be given this card: its owner, and who looks at its account."""
    owner = people(session, card.owner_id)[:1]
    if card.account_id is None:
        return owner
    looking = members.members(session, card.owner_id, account_id=card.account_id)
    return owner + [Person(one.id, one.name) for one in looking]


def assign(session: Session, me: UUID, card_id: UUID, assignee_id: UUID | None) -> Card:
    """Give a card to somebody, or to nobody; they are told unless they did it themselves."""
    card = placing.own_card(session, me, card_id)
    if assignee_id is None:
        session.execute(
            delete(BoardAssignment).where(
                col(BoardAssignment.user_id) == card.owner_id, col(BoardAssignment.card_id) == card.id
            )
        )
    else:
        _must_be_one_of(concerned(session, card), assignee_id)
        session.execute(
            insert(BoardAssignment)
            .values(user_id=card.owner_id, card_id=card.id, assignee_id=assignee_id)
            .on_conflict_do_update(
                index_elements=[col(BoardAssignment.user_id), col(BoardAssignment.card_id)],
                set_={"assignee_id": assignee_id},
            )
        )
        if assignee_id not in {me, card.assignee_id}:
            tell(session, me, card, [assignee_id], "board_assigned", about=str(card.id))
    marks.told(session, card)
    return cards.card(session, me, card_id)


def named_in(known: Sequence[Person], text: str) -> list[Person]:
    """The people that a text names with an @, by their whole name."""
    lower = text.lower()
    return [one for one in known if f"@{one.name.lower()}" in lower]


def tell(
    session: Session, me: UUID, card: Card, whom: Sequence[UUID], kind: str, *, about: str, text: str = ""
) -> None:
    """A line in the inbox of these people, with a link to the card on their board."""
    writer = queries.user(session, me)
    for person_id in whom:
        channels.tell(
            session,
            person_id,
            kind,
            dedupe_key=f"{kind}:{about}:{person_id}",
            href=f"/app/board?card={card.id}",
            card=card.title,
            who=writer.name if writer else "",
            text=text,
        )


def _must_be_one_of(known: Sequence[Person], person_id: UUID) -> None:
    if person_id not in {one.id for one in known}:
        raise NotFound()
