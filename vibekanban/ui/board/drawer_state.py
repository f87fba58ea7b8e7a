"""What the drawer of a card shows and what its controls do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.board import comments, detail, people, placing, tasks
from vibekanban.domains.board.card import Card
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import locale_of
from vibekanban.ui.board.board_state import Board, Choice
from vibekanban.ui.board.cards import Face, face, targets
from vibekanban.ui.components.parts import close_dialog, open_dialog

NAME = "board-card"
SLEEPS = {"1": 1, "3": 3, "7": 7, "30": 30}  # days


@dataclass
class Said:
    id: str
    who: str
    at: str
    text: str
    mine: bool
    shared: bool


@dataclass
class Done:
    """A change at Meta."""

    at: str
    who: str
    what: str
    outcome: str


class Drawer(rx.State):
    card_id: str = ""
    card: Face = Face()
    tiles: list[shown.Tile] = []
    event: str = ""
    notes: str = ""
    account: str = ""
    due: str = ""
    labels: str = ""
    assignee: str = ""
    targets: list[Choice] = []
    people: list[Choice] = []
    said: list[Said] = []
    done: list[Done] = []

    @guard.signed_in
    async def open(self, card_id: str) -> Any:
        """Show a card; the address carries it."""
        self.card_id = card_id
        if not await self._show():
            return rx.toast.error(say(locale_of(self), "errors.not_found"))
        here = f"const u=new URL(location);u.searchParams.set('card','{self._id()}');"
        return [open_dialog(NAME), rx.call_script(f"{here}history.replaceState(history.state,'',u)")]

    @guard.signed_in
    async def arrive(self) -> Any:
        """A card that the address names, or nothing."""
        self.card_id = self.router.url.query_parameters.get("card", "")
        return open_dialog(NAME) if self.card_id and await self._show() else None

    @guard.signed_in
    async def changed(self, _topic: str, _account: str, _data: str) -> Any:
        if self.card_id and not await self._show():
            return close_dialog(NAME)
        return None

    @guard.signed_in
    async def forget(self) -> None:
        """It was closed."""
        self.card_id = ""

    @guard.signed_in
    async def move(self, stage: str) -> Any:
        board = await self.get_state(Board)
        events = await board._ask(self.card_id, stage, "")
        await self._show()
        return events

    @guard.signed_in
    async def assign(self, person: str) -> None:
        await base.run(self, people.assign, self._id(), base.uuid_of(person))
        await self._after()

    @guard.signed_in
    async def snooze(self, days: str) -> Any:
        """For some days, or back on the board."""
        until = columns.now() + timedelta(days=SLEEPS[days]) if days in SLEEPS else None
        card = await base.run(self, placing.snooze, self._id(), until)
        await self._after()
        key = "board.sleeps" if until else "board.awake"
        return [close_dialog(NAME), rx.toast.success(say(locale_of(self), key, card=card.title))]

    @guard.signed_in
    async def label(self, form: dict[str, Any]) -> Any:
        await base.run(self, placing.label, self._id(), str(form.get("labels") or "").split(","))
        await self._after()
        return rx.toast.success(say(locale_of(self), "ui.saved"))

    @guard.signed_in
    async def rewrite(self, form: dict[str, Any]) -> Any:
        """Change what a task says."""
        await base.run(
            self,
            tasks.rewrite,
            self._id(),
            title=str(form.get("task-title") or ""),
            notes=str(form.get("notes") or ""),
            account_id=base.uuid_of(str(form.get("task_account") or "")),
            due_on=base.day_of(str(form.get("task-due") or "")),
        )
        await self._after()
        return rx.toast.success(say(locale_of(self), "ui.saved"))

    @guard.signed_in
    async def throw_away(self) -> Any:
        """Delete a task."""
        await base.run(self, tasks.throw_away, self._id())
        self.card_id = ""
        board = await self.get_state(Board)
        await board._show()
        gone = rx.toast.success(say(locale_of(self), "board.task.gone"))
        return [close_dialog("board-gone"), close_dialog(NAME), gone]

    @guard.signed_in
    async def say(self, form: dict[str, Any]) -> None:
        """A comment."""
        await base.run(
            self, comments.say, self._id(), str(form.get("comment") or ""), shared=bool(form.get("shared"))
        )
        await self._after()

    @guard.signed_in
    async def take_back(self, comment_id: str) -> None:
        await base.run(self, comments.take_back, UUID(comment_id))
        await self._after()

    # -- behind them

    def _id(self) -> UUID:
        found = base.uuid_of(self.card_id)
        if found is None:
            raise NotFound()
        return found

    async def _after(self) -> None:
        await self._show()
        board = await self.get_state(Board)
        await board._show()

    async def _show(self) -> bool:
        """Whether there is such a card."""
        try:
            found = await base.run(self, detail.detail, self._id())
        except NotFound:
            self.card_id = ""
            return False
        locale, me = locale_of(self), await base.user_id(self)
        self._take(found.card, locale)
        self.people = [Choice(str(one.id), one.name) for one in found.people]
        self.said = [
            Said(
                str(one.id),
                one.author_name,
                one.created_at.isoformat(),
                one.text,
                mine=me in {one.author_id, one.user_id},
                shared=one.shared,
            )
            for one in found.comments
        ]
        self.done = [
            Done(
                one.created_at.isoformat(),
                one.actor_name,
                say(locale, f"ui.action.{one.action}"),
                say(locale, f"ui.outcome.{one.outcome.value}"),
            )
            for one in found.changes
        ]
        return True

    def _take(self, card: Card, locale: str) -> None:
        currency = card.currency or "EUR"
        numbers = {
            "spend": card.spend,
            "revenue": card.revenue,
            "conversions": card.conversions,
            "roas": card.roas,
        }
        self.card = face(card, locale)
        self.tiles = (
            [shown.tile(name, value, currency, locale) for name, value in numbers.items()]
            if card.spend is not None
            else []
        )
        self.event = card.conversion_event or "omni_purchase"
        self.notes = str(card.detail.get("notes") or "")
        self.account = str(card.account_id or "")
        self.due = card.due_on.isoformat() if card.due_on else ""
        self.labels = ", ".join(card.labels)
        self.assignee = str(card.assignee_id or "")
        self.targets = [
            Choice(stage.value, say(locale, f"board.stage.{stage.value}")) for stage in targets(card)
        ]
