"""What the states of live pages have in common: shown on arrival, and again when something changed."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import reflex as rx

from vibekanban.ui import guard


class LiveState(rx.State, mixin=True):
    """A page's state reads in `_show`, which sets `loaded` where its page waits for that."""

    loaded: bool = False

    @guard.signed_in
    async def load(self) -> Any:
        await self._show()

    @guard.signed_in
    async def changed(self, _topic: str, _account: str, _data: str) -> None:
        """The topic is "poll" when nothing is known but that something may have changed."""
        await self._show()

    @abstractmethod
    async def _show(self) -> None: ...
