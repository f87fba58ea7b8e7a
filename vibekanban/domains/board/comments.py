"""What is said about a card: reading it, saying something, taking it back."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts import queries
from vibekanban.domains.board import cards, marks, people
from vibekanban.domains.board.models import BoardComment

LONGEST = 2000
MOST = 200  # comments of a card that are read at once, the last ones


def comments(session: Session, me: UUID, card_id: UUID) -> list[BoardComment]:
    """What was said about a card, oldest first; whoever may only look reads what was said for them too."""
    card = cards.card(session, me, card_id)
    query = select(BoardComment).where(BoardComment.user_id == card.owner_id, BoardComment.card_id == card.id)
    if not card.mine:
        query = query.where(col(BoardComment.shared))
    found = session.exec(query.order_by(col(BoardComment.id).desc()).limit(MOST)).all()
    return list(reversed(found))


def say(
    session: Session, me: UUID, card_id: UUID, text: str, *, shared: bool = False, through: str = ""
) -> BoardComment:
    """Say something about a card; whom it names with an @ is told. `through` names a program that speaks for one.

    It is `shared` with those who look at the account when it is said to be, names one of them, or comes from one.
    """
    card = cards.card(session, me, card_id)
    clean = text.replace("\x00", "").strip()
    if not clean or len(clean) > LONGEST:
        raise Invalid({"text": "board.field.comment"})
    author = queries.user(session, me)
    if author is None:
        raise NotFound()
    named = people.named_in(people.concerned(session, card), clean)
    said = BoardComment(
        user_id=card.owner_id,
        card_id=card.id,
        author_id=me,
        author_name=f"{author.name} · {through}"[:120] if through else author.name,
        text=clean,
        mentions=[one.id for one in named],
        shared=shared or not card.mine or any(one.id != card.owner_id for one in named),
    )
    session.add(said)
    session.flush()
    others = [one.id for one in named if one.id != me]
    if not card.mine and card.owner_id not in others:
        others.append(card.owner_id)  # what a client says is for the owner, named or not
    people.tell(session, me, card, others, "board_mentioned", about=str(said.id), text=clean[:200])
    marks.told(session, card)
    return said


def take_back(session: Session, me: UUID, comment_id: UUID) -> None:
    """Delete what one said oneself, or what was said on one's own board."""
    said = session.get(BoardComment, comment_id)
    if said is None or me not in {said.author_id, said.user_id}:
        raise NotFound()
    card = cards.card(session, me, said.card_id)
    session.delete(said)
    session.flush()
    marks.told(session, card)
