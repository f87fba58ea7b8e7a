"""The browser's side of carrying cards; its own module, so that other pages do not load it."""

from __future__ import annotations

from typing import Any

import reflex as rx


def _move(card: rx.Var[str], stage: rx.Var[str], above: rx.Var[str]) -> list[rx.Var[Any]]:
    return [card, stage, above]


class BoardMoves(rx.Component):
    """Calls `on_move(card, stage, the card above its place)` when a card was put somewhere.

    `on_shut` is called when the drawer (the dialog of that id) was closed, however that was done.

    `texts` are what a screen reader is told: picked, carried, over, dropped, cancelled.
    """

    library = "$/public/board.js"
    tag = "BoardMoves"
    texts: rx.Var[dict[str, str]]
    drawer: rx.Var[str]
    on_move: rx.EventHandler[_move]
    on_shut: rx.EventHandler[rx.event.no_args_event_spec]


board_moves = BoardMoves.create
