"""Sharing: links for reading, people who look at one's accounts, and what others let one look at."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.base import path
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.parts import (
    anchor,
    button,
    card,
    empty,
    head,
    open_dialog,
    pill,
    table,
)
from vibekanban.ui.live_page import live_page
from vibekanban.ui.sharing import sharing_dialogs
from vibekanban.ui.sharing.sharing_state import Guest, Link, Sharing

__all__ = ["Sharing", "page"]
NEVER = 10**9  # seconds: a moment of the past does not go stale


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "sharing",
        say(locale, "ui.title.sharing"),
        rx.fragment(
            rx.cond(Sharing.asked.length() > 0, _received(locale)),
            _links(locale),
            _people(locale),
            rx.cond(Sharing.shared.length() > 0, _mine(locale)),
            sharing_dialogs.new_link(locale),
            sharing_dialogs.address(locale),
            sharing_dialogs.invitation(locale),
            sharing_dialogs.sure(
                locale, "share-end", "sharing.link.end", Sharing.end, rx.el.b(Sharing.ending)
            ),
            sharing_dialogs.sure(
                locale,
                "share-remove",
                "sharing.remove",
                Sharing.remove,
                rx.el.span(rx.el.b(Sharing.leaving), ": ", Sharing.losing),
            ),
        ),
        topics=["sharing", "connections"],
        on_change=Sharing.changed,
        loaded=Sharing.loaded,
    )  # fmt: skip


def _received(locale: str) -> rx.Component:
    return card(
        say(locale, "sharing.received"),
        rx.foreach(
            Sharing.asked,
            lambda one: rx.el.div(
                rx.el.p(one.text, class_name="grow"),
                button(say(locale, "sharing.decline"), kind="small", on_click=Sharing.decline(one.id)),
                button(say(locale, "sharing.accept"), kind="go small", on_click=Sharing.accept(one.id)),
                class_name="spread",
            ),
        ),
    )


def _links(locale: str) -> rx.Component:
    heads = [
        head(say(locale, f"sharing.column.{name}"))
        for name in ("name", "shows", "accounts", "expires", "seen")
    ]
    return card(
        say(locale, "sharing.links"),
        rx.cond(
            Sharing.links.length() > 0,
            table(
                say(locale, "sharing.links"),
                [*heads, head("")],
                rx.foreach(Sharing.links, lambda link: _link(locale, link)),
            ),
            empty("share", say(locale, "sharing.links.empty"), say(locale, "sharing.links.empty.text")),
        ),
        subtitle=say(locale, "sharing.links.text"),
        aside=button(
            say(locale, "sharing.links.new"), kind="go", symbol="plus", on_click=open_dialog("share-new")
        ),
    )


def _link(locale: str, link: rx.Var[Link]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.span(link.name, class_name="strong"),
            rx.el.br(),
            rx.el.code(link.hint, class_name="small quiet"),
        ),
        rx.el.td(
            link.shows,
            rx.cond(link.locked, rx.el.span(rx.el.br(), say(locale, "sharing.password.has"), class_name="small quiet")),
        ),
        rx.el.td(link.accounts),
        rx.el.td(rx.cond(link.expires_at != "", link.expires_at, say(locale, "sharing.forever")), class_name="num"),
        rx.el.td(
            link.views,
            rx.el.br(),
            time_ago(at=link.seen_at, lang=locale, stale=NEVER, never=say(locale, "ui.never")),
        ),
        rx.el.td(
            button(say(locale, "sharing.link.end"), kind="small danger", on_click=Sharing.ask_to_end(link.id)),
            class_name="n",
        ),
    )  # fmt: skip


def _people(locale: str) -> rx.Component:
    return card(
        say(locale, "sharing.people"),
        rx.cond(
            Sharing.guests.length() > 0,
            table(
                say(locale, "sharing.people"),
                [head(say(locale, "sharing.column.person")), head(say(locale, "sharing.column.accounts")), head("")],
                rx.foreach(Sharing.guests, lambda guest: _guest(locale, guest)),
            ),
            empty("user", say(locale, "sharing.people.empty"), say(locale, "sharing.people.empty.text")),
        ),
        subtitle=say(locale, "sharing.people.text"),
        aside=button(
            say(locale, "sharing.invite"), kind="go", symbol="plus", on_click=open_dialog("share-invite")
        ),
    )  # fmt: skip


def _guest(locale: str, guest: rx.Var[Guest]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.cond(
                guest.waiting,
                pill(say(locale, "sharing.waiting"), "info"),
                rx.el.span(guest.name, class_name="strong"),
            ),
            rx.el.br(),
            rx.el.span(guest.email, class_name="small quiet"),
        ),
        rx.el.td(
            guest.accounts,
            rx.cond(guest.exports, "", rx.el.div(say(locale, "sharing.no_export"), class_name="small quiet")),
        ),
        rx.el.td(
            rx.cond(
                guest.waiting,
                button(say(locale, "sharing.take_back"), kind="small", on_click=Sharing.take_back(guest.id)),
                rx.el.div(
                    rx.cond(
                        guest.exports,
                        _export(locale, guest, "forbid"),
                        _export(locale, guest, "allow"),
                    ),
                    button(
                        say(locale, "sharing.remove"),
                        kind="small danger",
                        on_click=Sharing.ask_to_remove(guest.id),
                    ),
                    class_name="acts",
                ),
            ),
            class_name="n",
        ),
    )


def _export(locale: str, guest: rx.Var[Guest], verb: str) -> rx.Component:
    return button(
        say(locale, f"sharing.export.{verb}"),
        kind="small",
        on_click=Sharing.let_export(guest.id, verb == "allow"),
    )


def _mine(locale: str) -> rx.Component:
    return card(
        say(locale, "sharing.mine"),
        rx.foreach(
            Sharing.shared,
            lambda one: rx.el.div(
                rx.el.a(one.label, href=path(locale, "/app") + "?account=" + one.id, class_name="grow"),
                button(say(locale, "sharing.leave"), kind="small", on_click=Sharing.leave(one.id)),
                class_name="spread",
            ),
        ),
        subtitle=say(locale, "sharing.mine.text"),
        aside=rx.el.div(
            anchor(say(locale, "ui.nav.dashboard"), path(locale, "/app"), kind="small"),
            anchor(say(locale, "ui.nav.board"), path(locale, "/app/board"), kind="small"),
            class_name="spread",
        ),
    )
