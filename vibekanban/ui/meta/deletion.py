"""How far a deletion is that somebody asked for at Meta: open to whoever has the code, and about nobody."""

from __future__ import annotations

from datetime import UTC, datetime

import reflex as rx

from vibekanban.core import db, i18n
from vibekanban.core.i18n import say
from vibekanban.domains.meta import deletions
from vibekanban.ui import guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import bones
from vibekanban.ui.layout import door


class Deletion(rx.State):
    code: str = ""
    state: str = ""
    requested_at: str = ""
    finished_at: str = ""

    @guard.public
    async def load(self) -> None:
        self.code = self.router.url.query_parameters.get("code", "")[:40]
        found = await db.run(deletions.deletion, self.code)
        self.requested_at = self._moment(found.requested_at) if found else ""
        self.finished_at = self._moment(found.finished_at) if found and found.finished_at else ""
        self.state = (
            "none" if not self.code else "unknown" if not found else "done" if self.finished_at else "open"
        )

    def _moment(self, moment: datetime) -> str:
        return f"{i18n.moment(moment, locale_of(self), UTC, style='medium')} UTC"


def page(locale: str) -> rx.Component:
    return door(
        locale,
        deletions.ROUTE,
        say(locale, "ui.deletion.title"),
        rx.match(
            Deletion.state,
            ("done", _found(locale, "good", say(locale, "ui.deletion.done"))),
            ("open", _found(locale, "", say(locale, "ui.deletion.open"))),
            (
                "unknown",
                rx.el.div(
                    rx.el.span(say(locale, "ui.deletion.unknown")), class_name="banner warn", role="status"
                ),
            ),
            ("none", rx.el.p(say(locale, "ui.deletion.none"))),
            bones(),
        ),
        rx.el.p(say(locale, "ui.deletion.what"), class_name="quiet"),
        rx.el.p(say(locale, "ui.deletion.how"), class_name="quiet"),
        query=rx.cond(Deletion.code != "", "?code=" + Deletion.code, ""),
    )


def _found(locale: str, tone: str, text: str) -> rx.Component:
    return rx.fragment(
        rx.el.div(rx.el.span(text), class_name=f"banner {tone}", role="status"),
        rx.el.dl(
            _fact(say(locale, "ui.deletion.code"), Deletion.code),
            _fact(say(locale, "ui.deletion.requested"), Deletion.requested_at),
            rx.cond(
                Deletion.finished_at != "", _fact(say(locale, "ui.deletion.finished"), Deletion.finished_at)
            ),
            class_name="stack tight",
        ),
    )


def _fact(label: str, value: rx.Var[str]) -> rx.Component:
    return rx.el.div(rx.el.dt(label, class_name="quiet small"), rx.el.dd(value, class_name="num"))
