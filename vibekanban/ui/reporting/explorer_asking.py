"""Asking Meta for what a view lacks: days that were never read, a breakdown that failed."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.models import SyncKind
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.reporting.explorer_state import Explorer


class Asking(rx.State):
    @guard.signed_in
    async def read_missing(self) -> rx.event.EventSpec | None:
        """Ask for the days of the view that were never read."""
        explorer = await self.get_state(Explorer)
        answer = await explorer._read()
        if answer is None:
            return None
        since = answer.compared.since if answer.compared else answer.asked.since
        await base.run(
            self,
            syncs.request,
            answer.account.id,
            SyncKind.HISTORY,
            since=min(since, answer.asked.since),
            until=answer.asked.until,
        )
        return rx.toast.success(say(locale_of(self), "reports.read_missing.asked"))

    @guard.signed_in
    async def fetch_again(self) -> None:
        """Ask once more for a breakdown that Meta did not deliver."""
        explorer = await self.get_state(Explorer)
        answer = await explorer._read()
        if answer is not None:
            await explorer._fetch(answer, again=True)
