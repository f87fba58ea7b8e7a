"""Pausing, resuming, duplicating, archiving and deleting: asked first, with what goes along and the money in it."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.editing import copying, edits
from vibekanban.domains.editing.copying import CopyOrder
from vibekanban.domains.editing.edits import Edit
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import ActorKind, Level
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import Viewer, locale_of, path
from vibekanban.ui.components.parts import acts, button, close_dialog, dialog, open_dialog
from vibekanban.ui.editing import told
from vibekanban.ui.editing.editor_state import LEVELS

STATUSES = {"pause": "PAUSED", "resume": "ACTIVE", "archive": "ARCHIVED", "delete": "DELETED"}
VERBS = (*STATUSES, "copy")
ENDING = frozenset({"archive", "delete"})


class Acting(rx.State):
    subject_id: str = ""
    level: str = Level.CAMPAIGN.value
    verb: str = "pause"
    name: str = ""
    along: str = ""
    stake: str = ""
    busy: bool = False

    @guard.signed_in
    async def ask(self, verb: str, level: str, thing_id: str) -> Any:
        """Say what it would do, as Meta and our copy have it now."""
        if verb not in VERBS or level not in LEVELS or base.uuid_of(thing_id) is None:
            raise NotFound()
        self.verb, self.level, self.subject_id = verb, level, thing_id
        self.name = self.along = self.stake = ""
        yield
        await self._rehearse()
        yield open_dialog("acting")

    @guard.signed_in
    async def act(self) -> Any:
        """Do what was asked about, at Meta."""
        locale, subject = locale_of(self), self.subject_id
        if not subject:
            return
        self.busy, self.subject_id = True, ""
        yield close_dialog("acting")
        order = self._order(UUID(subject), locale)
        try:
            done = await self._do(order)
        finally:
            self.busy = False
        yield rx.toast.success(say(locale, f"ui.acting.{self.verb}.done", name=self.name))
        campaign = f"{path(locale, '/app/campaign')}?id="
        thing = done.thing
        if self.verb == "copy":
            if thing is not None and self.level == Level.CAMPAIGN.value:
                yield rx.redirect(f"{campaign}{thing.id}")
        elif self.verb in ENDING:
            above = getattr(thing, "campaign_id", None)
            yield rx.redirect(f"{campaign}{above}" if above else path(locale, "/app"))

    def _order(self, subject: UUID, locale: str) -> Edit | CopyOrder:
        level = LEVELS[self.level]
        if self.verb == "copy":
            return CopyOrder(level, subject, deep=True, suffix=say(locale, "ui.acting.suffix"))
        return Edit(level, subject, {"status": STATUSES[self.verb]})

    async def _do(self, order: Edit | CopyOrder, *, dry_run: bool = False) -> Any:
        user_id, viewer = await base.user_id(self), await self.get_state(Viewer)
        actor = changes.Actor(ActorKind.USER, user_id, viewer.name)
        work: Any = copying.copy if isinstance(order, CopyOrder) else edits.apply
        return await asyncio.to_thread(work, user_id, order, actor, dry_run=dry_run)

    async def _rehearse(self) -> None:
        locale, subject, level = locale_of(self), UUID(self.subject_id), LEVELS[self.level]
        counted = await self._do(CopyOrder(level, subject, deep=True), dry_run=True)
        self.name = counted.source.name
        within = [
            say(locale, f"ui.acting.count.{below.value}", count=shown.count(number, locale))
            for below, number in counted.objects.items()
            if below is not level and number
        ]
        self.along = say(locale, "ui.acting.along", what=" · ".join(within)) if within else ""
        if self.verb == "copy":
            budget = counted.daily_budget
            self.stake = (
                say(locale, "ui.acting.copy.stake", amount=shown.money(budget, counted.currency, locale))
                if budget
                else say(locale, "ui.editor.no_money")
            )
            return
        outcome = await self._do(self._order(subject, locale), dry_run=True)
        self.stake = told.stake(outcome.stake, locale) if outcome.stake else say(locale, "ui.editor.no_money")


def acting_dialog(locale: str) -> rx.Component:
    def by_verb(key: str) -> rx.Component | rx.Var:
        return rx.match(Acting.verb, *[(verb, say(locale, key.format(verb))) for verb in VERBS], "")

    return dialog(
        "acting",
        by_verb("ui.acting.{}.title"),
        rx.el.p(rx.el.b(Acting.name)),
        rx.el.p(by_verb("ui.acting.{}.text")),
        rx.cond(Acting.along != "", rx.el.p(Acting.along)),
        rx.el.p(say(locale, "ui.editor.stake"), " ", rx.el.b(Acting.stake, class_name="num")),
        acts(
            locale,
            "acting",
            rx.cond(
                (Acting.verb == "archive") | (Acting.verb == "delete"),
                button(by_verb("ui.action.{}"), kind="danger", on_click=Acting.act, disabled=Acting.busy),
                button(by_verb("ui.action.{}"), kind="go", on_click=Acting.act, disabled=Acting.busy),
            ),
        ),
    )
