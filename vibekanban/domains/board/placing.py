"""What a person does to any card without touching what it shows: its place, its sleep, its labels."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlmodel import Session

from vibekanban.core import columns
from vibekanban.core.errors import Invalid
from vibekanban.domains.board import cards, marks
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.errors import ReadOnlyCard
from vibekanban.domains.board.models import Stage

MOST_LABELS, LONGEST_LABEL = 12, 40
_RANK = """
INSERT INTO board_placements (user_id, card_id, stage, rank, labels)
SELECT :owner, card_id, :stage, place, '{}'
FROM unnest(CAST(:cards AS uuid[])) WITH ORDINALITY AS u(card_id, place)
ON CONFLICT (user_id, card_id) DO UPDATE SET stage = excluded.stage, rank = excluded.rank, updated_at = now()
WHERE (board_placements.stage, board_placements.rank) IS DISTINCT FROM (excluded.stage, excluded.rank)
"""


def own_card(session: Session, me: UUID, card_id: UUID) -> Card:
    """A card that the person may change."""
    found = cards.card(session, me, card_id)
    if not found.mine:
        raise ReadOnlyCard()
    return found


def put_after(session: Session, owner: UUID, card: Card, stage: Stage, above: UUID | None) -> None:
    """Put a card below `above` in a column, at its top without; what stands above it is pinned with it.

    A card that is no longer in the column stands for its end.
    """
    session.execute(  # two tabs must not number a column at once
        text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:owner AS text), 8))"), {"owner": owner}
    )
    before = [(id_, rank) for id_, rank in cards.order(session, owner, stage) if id_ != card.id]
    ids = [id_ for id_, _ in before]
    place = 0 if above is None else ids.index(above) + 1 if above in ids else len(ids)
    pinned = max((n + 1 for n, (_, rank) in enumerate(before) if rank is not None), default=0)
    ids.insert(place, card.id)
    kept = ids[: max(place + 1, pinned + 1)]
    session.execute(text(_RANK), {"owner": owner, "stage": stage.value, "cards": kept})
    marks.told(session, card)


def snooze(session: Session, me: UUID, card_id: UUID, until: datetime | None) -> Card:
    """Take a card off the board until a moment; without one it is back."""
    card = own_card(session, me, card_id)
    if until is not None and until <= columns.now():
        raise Invalid({"until": "board.field.until"})
    marks.keep(session, card, snoozed_until=until)
    return cards.card(session, me, card_id)


def label(session: Session, me: UUID, card_id: UUID, labels: Sequence[str]) -> Card:
    """Give a card these labels and no others."""
    card = own_card(session, me, card_id)
    clean = list(dict.fromkeys(" ".join(one.replace("\x00", "").split()) for one in labels))
    clean = [one for one in clean if one]
    if len(clean) > MOST_LABELS or any(len(one) > LONGEST_LABEL for one in clean):
        raise Invalid({"labels": "board.field.labels"})
    marks.keep(session, card, labels=clean)
    return cards.card(session, me, card_id)
