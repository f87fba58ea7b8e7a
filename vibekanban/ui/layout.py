"""The frames of pages: the app with its navigation, the door of the signed-out."""

from __future__ import annotations

import json
from dataclasses import dataclass

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.core.settings import settings
from vibekanban.domains.notifications import queries as notifications
from vibekanban.ui import base, guard
from vibekanban.ui.base import Viewer, path
from vibekanban.ui.components.icons import icon, logo
from vibekanban.ui.components.live import live
from vibekanban.ui.components.parts import Child


class Shell(rx.State):
    """What the frame around every page shows."""

    unread: int = 0
    mailbox: str = ""

    @guard.signed_in
    async def load(self) -> None:
        current = settings()
        self.mailbox = f"{current.sandbox_origin}/mailbox" if current.uses_sandbox else ""
        self.unread = await base.run(self, notifications.unread)

    @guard.signed_in
    async def news(self, _topic: str, _account: str, data: str) -> None:
        """How many notices are unread; what comes without a number (a poll) has it read."""
        told = json.loads(data).get("unread")
        self.unread = await base.run(self, notifications.unread) if told is None else int(told)


@dataclass(frozen=True)
class Entry:
    """A line of the navigation; `short` ones are in the phone's bar, beside the menu of all."""

    key: str
    route: str
    symbol: str
    short: bool = False
    role: str = ""


@dataclass(frozen=True)
class Section:
    """Lines that belong together, under a heading."""

    key: str
    entries: tuple[Entry, ...]


SECTIONS = (
    Section(
        "work",
        (
            Entry("dashboard", "/app", "home", short=True),
            Entry("board", "/app/board", "board", short=True),
            Entry("alerts", "/app/alerts", "bell", short=True),
            Entry("reports", "/app/reports", "chart", short=True),
            Entry("bulk", "/app/bulk", "layers"),
            Entry("changes", "/app/changes", "undo"),
        ),
    ),
    Section(
        "programs",
        (
            Entry("automations", "/app/automations", "bolt"),
            Entry("tokens", "/app/tokens", "key"),
            Entry("approvals", "/app/approvals", "check", short=True),
            Entry("activity", "/app/activity", "list"),
            Entry("connect", "/app/connect", "bot"),
        ),
    ),
    Section(
        "settings",
        (
            Entry("accounts", "/app/accounts", "plug"),
            Entry("sharing", "/app/sharing", "share"),
            Entry("inbox", "/app/inbox", "inbox"),
            Entry("channels", "/app/channels", "send"),
            Entry("profile", "/app/profile", "user"),
            Entry("users", "/app/users", "shield", role="ADMIN"),
        ),
    ),
)


def shell(
    locale: str, active: str, title: Child, *body: Child, actions: rx.Component | None = None
) -> rx.Component:
    """A page of the app."""
    return rx.fragment(
        rx.el.a(say(locale, "ui.skip"), href="#main", class_name="skip"),
        rx.el.div(
            rx.el.aside(
                _brand(path(locale, "/app")),
                _nav(locale, active, "ui.nav"),
                _sandbox(locale),
                class_name="side",
            ),
            rx.el.div(
                rx.el.header(
                    rx.el.h1(title),
                    rx.el.div(actions, class_name="actions") if actions is not None else rx.fragment(),
                    _bell(locale),
                    _language(locale, class_name="btn icon wide-only"),
                    _theme(locale, class_name="btn icon wide-only"),
                    _person(locale),
                    class_name="top",
                ),
                rx.el.main(*body, id="main", class_name="main", tab_index=-1),
            ),
            class_name="frame",
        ),
        _bottom(locale, active),
        live(topics=["notifications"], on_change=Shell.news),
    )


def door(locale: str, route: str, title: str, *body: Child, query: rx.Var | str = "") -> rx.Component:
    """A page for people who are not signed in: the promise at the left, the form at the right.

    `query` goes along to the page in the other language.
    """
    return rx.el.div(
        rx.el.aside(
            _brand(path(locale, "/")),
            rx.el.div(
                rx.el.h2(say(locale, "ui.promise.title")),
                rx.el.p(say(locale, "ui.promise.text"), class_name="more", style={"marginTop": "18px"}),
            ),
            rx.el.p(say(locale, "ui.promise.small"), class_name="small more"),
        ),
        rx.el.main(
            rx.el.div(
                rx.el.div(
                    rx.el.h1(title),
                    _other(locale, route, query),
                    class_name="spread",
                    style={"justifyContent": "space-between"},
                ),
                *body,
                class_name="panel",
            ),
            id="main",
        ),
        class_name="door",
    )


def _brand(href: str) -> rx.Component:
    return rx.el.a(
        logo(),
        "Vibe Kanban",
        href=href,
        class_name="brand",
    )


def _nav(locale: str, active: str, label: str) -> rx.Component:
    """All sections; a heading is shown where a section has one."""
    return rx.el.nav(
        *[
            rx.el.div(
                rx.el.h2(say(locale, f"ui.nav.section.{section.key}")),
                *[_link(locale, entry, active) for entry in section.entries],
            )
            for section in SECTIONS
        ],
        class_name="nav",
        custom_attrs={"aria-label": say(locale, label)},
    )


def _bottom(locale: str, active: str) -> rx.Component:
    """The phone's bar: the shortest ways, and a sheet with everything."""
    everything = [entry for section in SECTIONS for entry in section.entries]
    return rx.el.div(
        rx.el.nav(
            *[_link(locale, entry, active) for entry in everything if entry.short],
            custom_attrs={"aria-label": say(locale, "ui.nav_short")},
        ),
        rx.el.details(
            rx.el.summary(icon("menu"), say(locale, "ui.more")),
            _nav(locale, active, "ui.nav"),
            custom_attrs={"data-fold": "true"},
        ),
        class_name="bottom",
    )


def _link(locale: str, entry: Entry, active: str) -> rx.Component:
    link = _anchor(locale, entry, active)
    return rx.cond(Viewer.role == entry.role, link) if entry.role else link


def _anchor(locale: str, entry: Entry, active: str) -> rx.Component:
    here = {"aria-current": "page"} if entry.key == active else {}
    return rx.el.a(
        icon(entry.symbol),
        say(locale, f"ui.nav.{entry.key}"),
        href=path(locale, entry.route),
        custom_attrs=here,
    )


def _sandbox(locale: str) -> rx.Component:
    """Says what is a demonstration, and where its mails are."""
    return rx.cond(
        Shell.mailbox != "",
        rx.el.div(
            rx.el.p(say(locale, "ui.sandbox"), class_name="small"),
            rx.el.a(say(locale, "ui.mailbox"), href=Shell.mailbox, class_name="link small", target="_blank"),
            class_name="banner warn",
            style={"marginTop": "auto", "flexDirection": "column", "alignItems": "flex-start", "gap": "4px"},
        ),
    )


def _bell(locale: str) -> rx.Component:
    return rx.el.a(
        icon("bell"),
        rx.cond(Shell.unread > 0, rx.el.b(Shell.unread)),
        rx.el.span(say(locale, "ui.nav.inbox"), class_name="sr"),
        href=path(locale, "/app/inbox"),
        class_name="btn icon bell",
    )


def _language(locale: str, class_name: str, *, words: bool = False) -> rx.Component:
    """The same page in the other language: a full load, since each language is a tree of its own."""
    other = "es" if locale == "en" else "en"
    label = say(locale, "ui.language")
    swap = (
        "const p=location.pathname;const q=p.startsWith('/en')?(p.slice(3)||'/'):'/en'+(p==='/'?'':p);"
        "location.assign(q+location.search)"
    )
    return rx.el.button(
        *([label] if words else [other.upper(), rx.el.span(label, class_name="sr")]),
        type="button",
        class_name=class_name,
        on_click=rx.call_script(swap),
        lang=other,
    )


def _other(locale: str, route: str, query: rx.Var | str = "") -> rx.Component:
    other = "es" if locale == "en" else "en"
    return rx.el.a(
        say(locale, "ui.language"), href=path(other, route) + query, class_name="link small", lang=other
    )


def _theme(locale: str, class_name: str, *, words: bool = False) -> rx.Component:
    label = say(locale, "ui.theme")
    return rx.el.button(
        *([label] if words else [icon("sun"), rx.el.span(label, class_name="sr")]),
        type="button",
        class_name=class_name,
        on_click=rx.toggle_color_mode,
    )


def _person(locale: str) -> rx.Component:
    leave = (
        "fetch('/auth/sign-out',{method:'POST',headers:{'Accept-Language':document.documentElement.lang}})"
        ".then(r=>r.json()).then(a=>location.assign(a.next))"
    )
    return rx.el.details(
        rx.el.summary(
            rx.el.span(Viewer.name[0], class_name="avatar", custom_attrs={"aria-hidden": "true"}),
            rx.el.span(say(locale, "ui.me"), class_name="sr"),
        ),
        rx.el.div(
            rx.el.div(
                rx.el.p(Viewer.name, class_name="strong"),
                rx.el.p(Viewer.email, class_name="small quiet"),
                style={"padding": "8px 12px"},
            ),
            rx.el.a(say(locale, "ui.nav.profile"), href=path(locale, "/app/profile")),
            _language(locale, class_name="narrow-only", words=True),
            _theme(locale, class_name="narrow-only", words=True),
            rx.el.button(say(locale, "ui.sign_out"), type="button", on_click=rx.call_script(leave)),
            class_name="pop",
        ),
        class_name="menu",
        custom_attrs={"data-fold": "true"},
    )
