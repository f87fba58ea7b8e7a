"""What one wishes of the channels: which notices go where, and when it must be quiet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import Any

import reflex as rx

from vibekanban.core.errors import Invalid
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import queries as people
from vibekanban.domains.notifications import own_channels, preferences
from vibekanban.domains.notifications.kinds import Subject
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.live import live
from vibekanban.ui.components.parts import button, card, field, head, table, text_input
from vibekanban.ui.live_state import LiveState


@dataclass
class Route:
    """A subject, and for each channel its id, what the box says, and whether it is ticked."""

    subject: str
    label: str
    about: str
    cells: list[list[str]]


class Wishes(LiveState, rx.State):
    heads: list[str] = []
    routes: list[Route] = []
    since: str = ""
    until: str = ""
    zone: str = ""

    @guard.signed_in
    async def route(self, subject: str, channel_id: str, on: bool) -> rx.event.EventSpec:
        """Send what is about a subject to a channel from now on, or no more."""
        about = Subject(subject)
        now = (await base.run(self, preferences.preferences)).routes[about]
        chosen = [*now, channel_id] if on else [one for one in now if one != channel_id]
        try:
            await base.run(self, preferences.choose, about, chosen)
        finally:
            await self._show()  # a box that was refused goes back
        return rx.toast.success(say(locale_of(self), "ui.saved"))

    @guard.signed_in
    async def quiet(self, form: dict[str, Any]) -> rx.event.EventSpec:
        hours = preferences.Quiet(_time(form, "since"), _time(form, "until"))
        await base.run(self, preferences.keep_quiet, hours)
        await self._show()
        return rx.toast.success(say(locale_of(self), "ui.saved"))

    @guard.signed_in
    async def never_quiet(self) -> rx.event.EventSpec:
        await base.run(self, preferences.keep_quiet, None)
        await self._show()
        return rx.toast.success(say(locale_of(self), "ui.saved"))

    async def _show(self) -> None:
        locale = locale_of(self)
        found = await base.run(self, preferences.preferences)
        mine = await base.run(self, own_channels.channels)
        places = [(preferences.EMAIL, say(locale, "ui.channels.email"))]
        places += [(str(one.id), one.label) for one in mine]
        self.heads = [label for _, label in places]
        self.routes = [_route(subject, chosen, places, locale) for subject, chosen in found.routes.items()]
        self.since = found.quiet.since.isoformat("minutes") if found.quiet else ""
        self.until = found.quiet.until.isoformat("minutes") if found.quiet else ""
        user = await base.run(self, people.user)
        self.zone = user.timezone if user else ""


def _route(subject: Subject, chosen: tuple[str, ...], places: list[tuple[str, str]], locale: str) -> Route:
    label = say(locale, f"ui.channels.subject.{subject.value}")
    return Route(
        subject=subject.value,
        label=label,
        about=say(locale, f"ui.channels.subject.{subject.value}.text"),
        cells=[
            [
                place,
                say(locale, "ui.channels.routes.cell", subject=label, channel=name),
                "1" if place in chosen else "",
            ]
            for place, name in places
        ],
    )


def _time(form: dict[str, Any], name: str) -> time:
    try:
        return time.fromisoformat(str(form.get(name) or "")).replace(tzinfo=None)
    except ValueError:
        raise Invalid({name: "field.invalid"}) from None


def cards(locale: str) -> list[rx.Component]:
    before, _, after = say(locale, "ui.channels.quiet.text", timezone="\0").partition("\0")
    return [
        live(topics=["channels"], on_change=Wishes.changed),
        card(
            say(locale, "ui.channels.routes"),
            table(
                say(locale, "ui.channels.routes"),
                [
                    head(say(locale, "ui.channels.routes.subject")),
                    rx.foreach(Wishes.heads, lambda name: rx.el.th(name, scope="col", class_name="tick")),
                ],
                rx.foreach(Wishes.routes, _line),
                scrolls=True,
            ),
            subtitle=say(locale, "ui.channels.routes.text"),
        ),
        card(
            say(locale, "ui.channels.quiet"),
            rx.el.form(
                _hour(locale, "since", Wishes.since),
                _hour(locale, "until", Wishes.until),
                button(say(locale, "ui.save"), kind="go", type="submit"),
                rx.cond(
                    Wishes.since != "",
                    button(say(locale, "ui.channels.quiet.none"), on_click=Wishes.never_quiet),
                ),
                on_submit=Wishes.quiet,
                class_name="tools",
            ),
            subtitle=rx.fragment(before, Wishes.zone, after),
        ),
    ]


def _hour(locale: str, name: str, value: rx.Var[str]) -> rx.Component:
    return field(
        name,
        say(locale, f"ui.channels.quiet.{name}"),
        text_input(name, kind="time", required=True, default_value=value, key=value),
    )


def _line(route: rx.Var[Route]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(
            rx.el.span(route.label, class_name="strong"),
            rx.el.br(),
            rx.el.span(route.about, class_name="small quiet"),
            scope="row",
            class_name="wrap",
        ),
        rx.foreach(
            route.cells,
            lambda cell: rx.el.td(
                rx.el.input(
                    type="checkbox",
                    checked=cell[2] != "",
                    on_change=lambda on: Wishes.route(route.subject, cell[0], on),
                    custom_attrs={"aria-label": cell[1]},
                ),
                class_name="tick",
            ),
        ),
    )
