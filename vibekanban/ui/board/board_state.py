"""What the board shows and what its controls do."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx

from vibekanban.core import db
from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.board import approval_cards, cards, moving, sources, tasks, whole
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.filters import Filters
from vibekanban.domains.board.models import Stage
from vibekanban.domains.board.whole import Whole
from vibekanban.domains.currencies.rates import EURO
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind
from vibekanban.ui import base, guard
from vibekanban.ui.base import Viewer, locale_of
from vibekanban.ui.board.cards import Lane, asked_for, budget, lane, targets
from vibekanban.ui.board.head import BoardHead
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.live_state import LiveState

FILTERS = ("account", "assignee", "kind", "label", "q", "sort", "currency")
MOST_SHOWN = 400


@dataclass
class Choice:
    id: str
    label: str


class Board(LiveState, rx.State):
    connected: bool = False
    lanes: list[Lane] = []
    accounts: list[Choice] = []
    own: list[Choice] = []
    labels: list[str] = []
    account: str = ""
    assignee: str = ""
    kind: str = ""
    label: str = ""
    people: list[Choice] = []
    currency: str = ""
    currencies: list[str] = []
    q: str = ""
    searched: int = 0
    sort: str = "manual"
    snoozed: bool = False
    filtered: bool = False
    shown: int = cards.SHOWN
    asking: str = ""
    asking_title: str = ""
    asking_text: str = ""
    asking_go: str = ""
    menu_title: str = ""
    menu: list[Choice] = []
    undo_text: str = ""
    _moving: dict[str, str] = {}
    _undo: dict[str, str] = {}

    @guard.signed_in
    async def load(self) -> None:
        """On arrival: the filters of the address."""
        asked = self.router.url.query_parameters
        for name in FILTERS:
            setattr(self, name, str(asked.get(name, ""))[:100])
        self.snoozed, self.sort = asked.get("snoozed", "") == "1", self.sort or "manual"
        self.shown, self.undo_text = cards.SHOWN, ""
        self.searched += 1
        await self._show()

    @guard.signed_in
    async def filter(self, name: str, value: str) -> Any:
        """Another value of a filter; the address carries it."""
        if name in FILTERS:
            setattr(self, name, value[:100])
            self.shown = cards.SHOWN
            await self._show()
            return self._address()
        return None

    @guard.signed_in
    async def asleep(self, on: bool) -> Any:
        self.snoozed = on
        await self._show()
        return self._address()

    @guard.signed_in
    async def clear(self) -> Any:
        return await self._look_by(Filters())

    @guard.signed_in
    async def more(self) -> None:
        self.shown = min(MOST_SHOWN, self.shown * 2)
        await self._show()

    @guard.signed_in
    async def write(self, form: dict[str, Any]) -> Any:
        """A new task."""
        await base.run(
            self,
            tasks.write_down,
            title=str(form.get("title") or ""),
            notes=str(form.get("notes") or ""),
            stage=_stage(form.get("stage") or Stage.ATTENTION),
            account_id=base.uuid_of(str(form.get("task_account") or "")),
            due_on=base.day_of(str(form.get("due") or "")),
        )
        await self._show()
        return [close_dialog("board-new"), rx.toast.success(say(locale_of(self), "board.task.written"))]

    @guard.signed_in
    async def ask(self, card_id: str, stage: str, above: str) -> Any:
        """A card was put somewhere."""
        return await self._ask(card_id, stage, above)

    async def _ask(self, card_id: str, stage: str, above: str) -> Any:
        """Do it, or ask first when money starts or stops by it."""
        card = await base.run(self, cards.card, _id(card_id))
        locale, to = locale_of(self), _stage(stage)
        self._moving = {"card": card_id, "stage": to.value, "above": above, "title": card.title}
        if card.stage is to or not sources.of(card).spends or to not in targets(card):
            return await self._move()
        verb = _verb(card, to)
        self.asking = card.title
        self.asking_title = say(locale, f"board.{verb}.title")
        self.asking_text = say(
            locale,
            f"board.{verb}.text",
            account=card.account_name or "",
            changes=asked_for(card, locale),
            budget=budget(card, locale) or say(locale, "board.no_budget"),
        )
        self.asking_go = say(locale, f"board.{verb}.go")
        return open_dialog("board-ask")

    @guard.signed_in
    async def go(self) -> Any:
        """Yes to the question."""
        yield close_dialog("board-ask")
        for event in await self._move():
            yield event

    @guard.signed_in
    async def ask_where(self, card_id: str) -> Any:
        """The menu of columns a card may be moved to."""
        card = await base.run(self, cards.card, _id(card_id))
        locale = locale_of(self)
        self._moving = {"card": card_id}
        self.menu_title = card.title
        self.menu = [
            Choice(stage.value, say(locale, f"board.stage.{stage.value}")) for stage in targets(card)
        ]
        return open_dialog("board-menu")

    @guard.signed_in
    async def to(self, stage: str) -> Any:
        """A column was chosen in the menu."""
        yield close_dialog("board-menu")
        if "card" in self._moving:
            found = await self._ask(self._moving["card"], stage, "")
            for event in found if isinstance(found, list) else [found]:
                yield event

    @guard.signed_in
    async def undo(self) -> Any:
        """Back to where it was."""
        self._moving, self._undo, self.undo_text = self._undo, {}, ""
        return await self._move(undone=True) if self._moving else None

    @guard.signed_in
    async def forget_undo(self) -> None:
        self._undo, self.undo_text = {}, ""

    # -- behind them

    async def _move(self, *, undone: bool = False) -> list[Any]:
        """Move what was decided; when that fails the card is shown where it was, and why is said."""
        asked, self._moving = self._moving, {}
        locale, user_id = locale_of(self), await base.user_id(self)
        viewer = await self.get_state(Viewer)
        actor = Actor(ActorKind.USER, user_id, viewer.name)
        try:
            before = await base.run(self, cards.card, _id(asked.get("card")))
            after = await asyncio.to_thread(
                moving.move,
                user_id,
                before.id,
                _stage(asked["stage"]),
                actor=actor,
                above=base.uuid_of(asked.get("above", "")),
            )
        except AppError as error:
            await self._show()
            return [rx.toast.error(guard.sentence(error, locale))]
        await self._show()
        if before.stage is after.stage:
            return []
        where = say(locale, f"board.stage.{after.stage.value}")
        if undone:
            return [rx.toast.success(say(locale, "board.undone", card=after.title, column=where))]
        if before.stage in targets(after):
            self._undo = {"card": str(after.id), "stage": before.stage.value, "above": ""}
            self.undo_text = say(locale, "board.moved", card=after.title, column=where)
        return []

    async def _look_by(self, filters: Filters) -> Any:
        """Show the board by these filters; the search box is made anew, since it keeps its own text."""
        self._take(filters)
        self.searched += 1
        await self._show()
        return self._address()

    def _take(self, filters: Filters) -> None:
        self.account, self.assignee, self.kind = filters.account, filters.assignee, filters.kind
        self.label, self.q, self.sort = filters.label, filters.q, filters.sort.value
        self.snoozed, self.currency = filters.snoozed, filters.currency
        self.filtered = bool(filters.kept())

    def _filters(self) -> Filters:
        given = {name: getattr(self, name) for name in FILTERS} | {"snoozed": self.snoozed}
        return Filters.parse(given)

    async def _show(self) -> None:
        locale, user_id = locale_of(self), await base.user_id(self)

        def read() -> Whole:
            with db.transaction() as session:
                try:
                    asked = self._filters()
                except Invalid:  # an old address
                    asked = None
                return whole.whole(session, user_id, asked, limit=self.shown)

        found = await asyncio.to_thread(read)
        self._take(found.filters)
        self.labels = found.labels
        self.accounts = [Choice(str(one.id), f"{one.name} · {one.currency}") for one in found.accounts]
        self.own = [choice for choice, one in zip(self.accounts, found.accounts, strict=True) if one.mine]
        self.people = [Choice(str(one.id), one.name) for one in found.people if one.id != user_id]
        self.currencies = sorted({one.currency for one in found.accounts} | {EURO, "USD"})
        self.connected = bool(found.accounts)
        months = {one.target.campaign_id: one for one in found.standings if one.campaign}
        self.lanes = [lane(column, months, found, locale) for column in found.columns]
        head = await self.get_state(BoardHead)
        head._take(found.head, found.standings, {one.id: one.label for one in self.own}, locale)
        self.loaded = True

    def _address(self) -> rx.event.EventSpec:
        """The view is in the address, without a page load and without a new step back."""
        kept = self._filters().kept()
        query = urlencode({name: "1" if value is True else value for name, value in kept.items()})
        target = json.dumps(f"?{query}" if query else "?")
        return rx.call_script(f"history.replaceState(history.state, '', location.pathname + {target})")


def _id(text: Any) -> UUID:
    found = base.uuid_of(str(text or ""))
    if found is None:
        raise NotFound()
    return found


def _verb(card: Card, to: Stage) -> str:
    """What the question is about."""
    if card.kind == approval_cards.SOURCE.kind:
        return "approve" if to is Stage.RUNNING else "reject"
    return "pause" if to is Stage.PAUSED else "resume"


def _stage(text: Any) -> Stage:
    if text not in set(Stage):
        raise Invalid.choice("stage", Stage)
    return Stage(text)
