"""Moving a card: what its kind has to do for that, then its place in the column it really ended up in."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db
from vibekanban.domains.board import cards, placing, sources
from vibekanban.domains.board.card import Card, Move
from vibekanban.domains.board.errors import NotMovable
from vibekanban.domains.board.models import Stage
from vibekanban.domains.meta.changes import Actor


def move(me: UUID, card_id: UUID, stage: Stage, *, actor: Actor, above: UUID | None = None) -> Card:
    """Put a card below `above` (on top without) in a column; a campaign is paused or resumed at Meta for it.

    Opens its own transactions, none during a call. When the call fails nothing has moved. The answer says where
    the card is now: a campaign with issues that was resumed stands under attention.
    """
    with db.transaction() as session:
        card = placing.own_card(session, me, card_id)
    source = sources.of(card)
    if card.stage is not stage:
        if stage not in source.targets(card):
            raise NotMovable(stage=stage.value)
        source.move(Move(card, stage, actor))
    with db.transaction() as session:
        card = cards.card(session, me, card_id)
        placing.put_after(session, card.owner_id, card, card.stage, above if card.stage is stage else None)
        return cards.card(session, me, card_id)
