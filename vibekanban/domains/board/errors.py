"""What may go wrong on the board."""

from __future__ import annotations

from vibekanban.core.errors import Conflict, Forbidden


class NotMovable(Conflict):
    """A card may not be put there by hand: what it shows decides that column."""

    code = "board_not_movable"


class ReadOnlyCard(Forbidden):
    """The card is of an account that its owner shares for reading."""

    code = "board_read_only"


class ViewNameTaken(Conflict):
    code = "board_view_taken"
