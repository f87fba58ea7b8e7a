"""The daily summary: which accounts are in it, at which hour, and the page that ends it by a link."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from vibekanban.core import db
from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import queries as people
from vibekanban.domains.alerts import summary
from vibekanban.domains.meta import accounts
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of, path
from vibekanban.ui.components.leaving import leaving
from vibekanban.ui.components.parts import anchor, button, card, field

ROUTE = "/unsubscribe"


@dataclass
class Choice:
    id: str
    name: str
    chosen: bool


class Summary(rx.State):
    choices: list[Choice] = []
    hour: str = str(summary.HOUR)
    zone: str = ""

    @guard.signed_in
    async def load(self) -> None:
        await self._show()

    @guard.signed_in
    async def include(self, account_id: str, on: bool) -> rx.event.EventSpec:
        """Take an account into the summary, or out of it."""
        now = [one.id for one in self.choices if one.chosen and one.id != account_id]
        return await self._wish([*now, account_id] if on else now, self.hour)

    @guard.signed_in
    async def include_all(self, on: bool) -> rx.event.EventSpec:
        return await self._wish([one.id for one in self.choices] if on else [], self.hour)

    @guard.signed_in
    async def at(self, value: str) -> rx.event.EventSpec:
        """Send it at another hour."""
        return await self._wish([one.id for one in self.choices if one.chosen], value)

    async def _wish(self, account_ids: list[str], hour: str) -> rx.event.EventSpec:
        try:
            await base.run(
                self,
                summary.subscribe,
                account_ids=[UUID(one) for one in account_ids],
                hour=int(hour) if hour.isdecimal() else summary.HOUR,
            )
        finally:
            await self._show()  # a box that was refused goes back
        return rx.toast.success(say(locale_of(self), "ui.saved"))

    async def _show(self) -> None:
        wish = await base.run(self, summary.wish)
        known = await base.run(self, accounts.connected, limit=1000)
        self.choices = [
            Choice(str(one.account.id), one.account.name, one.account.id in wish.account_ids) for one in known
        ]
        self.hour = str(wish.hour)
        user = await base.run(self, people.user)
        self.zone = user.timezone if user else ""


class Unsubscribing(rx.State):
    ended: bool = False
    unknown: bool = False

    @guard.public
    async def load(self) -> None:
        self.ended, self.unknown = False, False

    @guard.public
    async def end(self) -> None:
        """End the summaries of whoever the link in the address was sent to."""
        token = self.router.url.query_parameters.get("token", "")
        try:
            await db.run(summary.unsubscribe, token[:500])
        except NotFound:
            self.unknown = True
            return
        self.ended, self.unknown = True, False


def summary_card(locale: str) -> rx.Component:
    before, _, after = say(locale, "ui.summary.text", timezone="\0").partition("\0")
    return card(
        say(locale, "ui.summary.title"),
        rx.cond(
            Summary.choices.length() > 0,
            rx.el.div(
                rx.el.fieldset(
                    rx.el.legend(say(locale, "ui.summary.accounts"), class_name="label strong"),
                    rx.el.div(rx.foreach(Summary.choices, _choice), class_name="ticks"),
                    class_name="bare",
                ),
                rx.el.div(
                    field(
                        "summary-hour",
                        say(locale, "ui.summary.hour"),
                        rx.el.select(
                            *[rx.el.option(f"{hour:02}:00", value=str(hour)) for hour in range(24)],
                            id="summary-hour",
                            value=Summary.hour,
                            on_change=Summary.at,
                            class_name="input narrow",
                        ),
                    ),
                    button(say(locale, "ui.summary.all"), on_click=Summary.include_all(True)),
                    button(say(locale, "ui.summary.none"), on_click=Summary.include_all(False)),
                    class_name="tools",
                ),
                class_name="stack",
            ),
            rx.el.div(
                rx.el.p(say(locale, "ui.summary.empty"), class_name="quiet grow"),
                anchor(say(locale, "ui.nav.accounts"), path(locale, "/app/accounts"), kind="small"),
                class_name="spread",
            ),
        ),
        subtitle=rx.fragment(before, Summary.zone, after),
    )


def _choice(one: rx.Var[Choice]) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="checkbox", checked=one.chosen, on_change=lambda on: Summary.include(one.id, on)),
        one.name,
        class_name="check",
    )


def unsubscribe_page(locale: str) -> rx.Component:
    return leaving(
        locale,
        ROUTE,
        "ui.unsubscribe",
        ended=Unsubscribing.ended,
        unknown=Unsubscribing.unknown,
        end=Unsubscribing.end,
        elsewhere=rx.el.a(
            say(locale, "ui.nav.channels"), href=path(locale, "/app/channels"), class_name="link"
        ),
    )
