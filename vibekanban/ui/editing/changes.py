"""The change log: who changed what, before and after, and the way back."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.meta.changes import ACTIONS
from vibekanban.ui.base import path
from vibekanban.ui.components import sifting
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    button,
    card,
    dialog,
    empty,
    head,
    pill,
    table,
)
from vibekanban.ui.editing.changes_state import KINDS, LEVELS, Changelog, Entry
from vibekanban.ui.live_page import live_page

__all__ = ["Changelog", "page"]


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "changes",
        say(locale, "changes.title"),
        rx.fragment(_filters(locale), _log(locale), _undo(locale), _undo_all(locale)),
        topics=["campaigns", "bulk"],
        on_change=Changelog.changed,
        loaded=Changelog.loaded,
    )


def _filters(locale: str) -> rx.Component:
    def choice(
        name: str, label: str, every: str, value: rx.Var[str], choices: dict[str, str]
    ) -> rx.Component:
        named = [(one, say(locale, key)) for one, key in choices.items()]
        shown = sifting.options(say(locale, every), named)
        return sifting.choice("changes", name, say(locale, label), value, *shown)

    return sifting.sifter(
        locale,
        "changes",
        sifting.choice(
            "changes",
            "account",
            say(locale, "ui.account"),
            Changelog.account_id,
            rx.el.option(say(locale, "bulk.every_account"), value=""),
            rx.foreach(Changelog.accounts, lambda one: rx.el.option(one.label, value=one.id)),
        ),
        choice(
            "kind",
            "changes.by",
            "changes.by.anybody",
            Changelog.kind,
            {one: f"ui.actor.{one}" for one in KINDS},
        ),
        choice(
            "level",
            "changes.level",
            "changes.level.any",
            Changelog.level,
            {one: f"changes.level.{one}" for one in LEVELS},
        ),
        choice(
            "action",
            "changes.action",
            "changes.action.any",
            Changelog.action,
            {one: f"ui.action.{one}" for one in ACTIONS},
        ),
        sifting.labelled(
            "changes",
            "search",
            say(locale, "changes.object"),
            rx.el.input(
                id="changes-search",
                name="search",
                type="search",
                default_value=Changelog.search,
                class_name="input",
            ),
        ),
        *sifting.days(locale, "changes", Changelog.since, Changelog.until),
        on_submit=Changelog.sift,
        active=Changelog.active,
        kind="card",
    )


def _log(locale: str) -> rx.Component:
    columns = ("when", "who", "what", "thing", "change", "outcome")
    return card(
        say(locale, "changes.title"),
        rx.cond(
            Changelog.entries.length() > 0,
            rx.fragment(
                table(
                    say(locale, "changes.title"),
                    [
                        *(head(say(locale, f"ui.activity.{name}")) for name in columns),
                        head(rx.el.span(say(locale, "changes.undo"), class_name="sr")),
                    ],
                    rx.foreach(Changelog.entries, lambda one: _line(locale, one)),
                ),
                rx.cond(
                    Changelog.more,
                    rx.el.div(
                        button(say(locale, "changes.more"), on_click=Changelog.go_on), class_name="pager"
                    ),
                ),
            ),
            empty("list", say(locale, "changes.empty"), say(locale, "changes.empty.text")),
        ),
        aside=rx.el.div(
            anchor(say(locale, "ui.nav.bulk"), path(locale, "/app/bulk"), kind="small", symbol="list"),
            button("CSV", kind="small", symbol="download", on_click=Changelog.export),
            class_name="spread",
        ),
        subtitle=say(locale, "changes.subtitle"),
    )


def _line(locale: str, one: rx.Var[Entry]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9), style={"whiteSpace": "nowrap"}),
        rx.el.td(
            rx.el.div(one.who), rx.cond(one.who != one.kind, rx.el.div(one.kind, class_name="small quiet"))
        ),
        rx.el.td(one.what),
        rx.el.td(
            rx.cond(
                one.batch != "",
                rx.el.details(
                    rx.el.summary(one.thing),
                    rx.el.ul(rx.foreach(one.parts, rx.el.li), class_name="small stack tight"),
                    class_name="fold",
                ),
                rx.el.div(one.thing),
            ),
            rx.el.div(one.account, class_name="small quiet"),
        ),
        rx.el.td(rx.foreach(one.lines, lambda line: rx.el.div(line, class_name="num"))),
        rx.el.td(pill(one.outcome, one.tone)),
        rx.el.td(
            rx.cond(
                one.can,
                rx.cond(
                    one.batch != "",
                    button(
                        say(locale, "changes.undo_all"),
                        kind="small",
                        on_click=Changelog.ask_all(one.batch),
                        disabled=Changelog.acting,
                    ),
                    button(
                        say(locale, "changes.undo"),
                        kind="small",
                        on_click=Changelog.ask(one.id),
                        disabled=Changelog.acting,
                        custom_attrs={
                            "aria-label": rx.Var.create(say(locale, "changes.undo")) + " " + one.thing
                        },
                    ),
                ),
                rx.el.span(one.why, class_name="small quiet"),
            ),
        ),
    )


def _undo(locale: str) -> rx.Component:
    return dialog(
        "undo",
        say(locale, "changes.undo.title"),
        rx.el.p(rx.el.b(Changelog.asked)),
        rx.el.ul(rx.foreach(Changelog.asked_lines, rx.el.li), class_name="num"),
        rx.el.ul(rx.foreach(Changelog.money, rx.el.li), class_name="num strong"),
        acts(locale, "undo", button(say(locale, "changes.undo"), kind="go", on_click=Changelog.undo)),
    )


def _undo_all(locale: str) -> rx.Component:
    return dialog(
        "undo-all",
        say(locale, "changes.undo_all.title"),
        rx.el.p(rx.el.b(Changelog.asked)),
        rx.el.ul(rx.foreach(Changelog.money, rx.el.li), class_name="num strong"),
        rx.cond(
            Changelog.asked_lines.length() > 0,
            rx.el.div(
                rx.el.p(say(locale, "changes.undo_all.not"), class_name="quiet"),
                rx.el.ul(rx.foreach(Changelog.asked_lines, rx.el.li), class_name="small"),
            ),
        ),
        acts(
            locale,
            "undo-all",
            button(say(locale, "changes.undo_all"), kind="go", on_click=Changelog.undo_all),
        ),
    )
