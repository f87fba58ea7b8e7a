"""The inbox."""

from __future__ import annotations

from dataclasses import dataclass

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.notifications import inbox
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of, path
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import anchor, button, card, empty
from vibekanban.ui.layout import Shell, shell
from vibekanban.ui.live_state import LiveState


@dataclass
class Note:
    id: str
    title: str
    body: str
    href: str
    at: str
    unread: bool


class Inbox(LiveState, rx.State):
    notes: list[Note] = []

    @guard.signed_in
    async def read_all(self) -> None:
        shell_state = await self.get_state(Shell)
        shell_state.unread = await base.run(self, inbox.mark_read)
        await self._show()

    async def _show(self) -> None:
        locale = locale_of(self)
        lines = await base.run(self, inbox.lines, locale, limit=100)
        self.notes = [
            Note(
                str(line.id),
                line.title,
                line.body,
                path(locale, line.href) if line.href else "",
                line.created_at.isoformat(),
                line.read_at is None,
            )
            for line in lines
        ]
        self.loaded = True


def page(locale: str) -> rx.Component:
    return shell(
        locale,
        "inbox",
        say(locale, "ui.nav.inbox"),
        live(topics=["notifications"], on_change=Inbox.changed),
        card(
            say(locale, "ui.inbox.title"),
            rx.cond(
                Inbox.notes.length() > 0,
                rx.el.ul(rx.foreach(Inbox.notes, lambda note: _note(locale, note)), class_name="plain stack"),
                empty("inbox", say(locale, "ui.inbox.empty.title"), say(locale, "ui.inbox.empty.text")),
            ),
            aside=rx.cond(
                Inbox.notes.length() > 0,
                button(say(locale, "ui.inbox.read"), kind="small", on_click=Inbox.read_all),
            ),
        ),
    )


def _note(locale: str, note: rx.Var[Note]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.div(
                rx.el.p(note.title, class_name=rx.cond(note.unread, "strong", "")),
                rx.el.p(note.body, class_name="quiet"),
                class_name="grow",
            ),
            time_ago(at=note.at, lang=locale, stale=10**9),
            rx.cond(note.href != "", anchor(say(locale, "ui.inbox.open"), note.href, kind="small")),
            class_name="spread",
        ),
        class_name="banner",
        style={
            "background": rx.cond(note.unread, "var(--brand-soft)", "var(--surface-2)"),
            "color": "var(--ink)",
        },
    )
