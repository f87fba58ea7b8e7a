"""The kinds of cards there are: whoever adds one writes its module and names it here."""

from __future__ import annotations

from vibekanban.domains.board import approval_cards, campaign_cards, firing_cards, task_cards
from vibekanban.domains.board.card import Card, Source

SOURCES: tuple[Source, ...] = (
    campaign_cards.SOURCE,
    firing_cards.SOURCE,
    approval_cards.SOURCE,
    task_cards.SOURCE,
)
BY_KIND = {source.kind: source for source in SOURCES}
KINDS = tuple(BY_KIND)


def of(card: Card) -> Source:
    return BY_KIND[card.kind]
