"""One automation: where it stands, what it may do, what its runs did, and everything one does with it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.automations import fields
from vibekanban.ui.automations.detail_state import OneAutomation, Ran
from vibekanban.ui.base import path
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    button,
    card,
    dialog,
    empty,
    head,
    open_dialog,
    pill,
    table,
)
from vibekanban.ui.live_page import live_page

COLUMNS = ("when", "ended", "did", "calls")


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "automations",
        rx.cond(OneAutomation.name != "", OneAutomation.name, say(locale, "ui.title.automation")),
        rx.fragment(
            _stopped(locale),
            _news(locale),
            _head(locale),
            _runs(locale),
            _settings(locale),
            _change(locale),
            *_asks(locale),
        ),
        topics=["automations", "tokens", "audit", "approvals"],
        on_change=OneAutomation.changed,
        loaded=OneAutomation.loaded,
        found=~OneAutomation.missing,
        nothing=empty(
            "bolt",
            say(locale, "automations.missing"),
            say(locale, "automations.missing.text"),
            anchor(say(locale, "ui.nav.automations"), path(locale, "/app/automations")),
        ),
    )


def _stopped(locale: str) -> rx.Component:
    return rx.cond(
        OneAutomation.stops.length() > 0,
        rx.el.div(
            rx.el.div(
                rx.el.p(say(locale, "automations.stopped"), class_name="strong"),
                rx.el.ul(
                    rx.foreach(OneAutomation.stops, lambda text: rx.el.li(text)), class_name="plain small"
                ),
            ),
            rx.cond(
                OneAutomation.resumable,
                button(
                    say(locale, "automations.resume"),
                    symbol="play",
                    on_click=open_dialog("automation-resume"),
                ),
                anchor(say(locale, "ui.nav.tokens"), path(locale, "/app/tokens")),
            ),
            class_name="banner warn",
            role="status",
        ),
    )


def _news(locale: str) -> rx.Component:
    """A newer version of the template that its owner has to let in."""
    return rx.cond(
        OneAutomation.outgrown,
        rx.el.div(
            rx.el.div(
                rx.el.p(say(locale, "automations.news"), class_name="strong"),
                rx.el.p(say(locale, "automations.news.text"), class_name="small"),
                rx.el.ul(
                    rx.foreach(OneAutomation.news, lambda text: rx.el.li(text)), class_name="plain small"
                ),
            ),
            button(say(locale, "automations.news.look"), on_click=open_dialog("automation-change")),
            class_name="banner",
            role="status",
        ),
    )


def _head(locale: str) -> rx.Component:
    return rx.el.section(
        rx.el.div(
            pill(OneAutomation.state, OneAutomation.tone),
            rx.cond(
                OneAutomation.real,
                pill(say(locale, "automations.real"), "warn"),
                pill(say(locale, "automations.trying"), "info"),
            ),
            rx.el.span(OneAutomation.about, class_name="quiet"),
            rx.el.span(OneAutomation.stake, class_name="num strong"),
            class_name="spread",
        ),
        rx.el.p(OneAutomation.text, class_name="quiet"),
        rx.cond(
            ~OneAutomation.ended,
            rx.el.div(
                rx.cond(
                    OneAutomation.running,
                    rx.fragment(
                        button(
                            say(locale, "automations.run"),
                            kind="go",
                            symbol="play",
                            on_click=open_dialog("automation-run"),
                        ),
                        button(
                            say(locale, "automations.pause"),
                            symbol="pause",
                            on_click=open_dialog("automation-pause"),
                        ),
                    ),
                ),
                rx.cond(
                    OneAutomation.resumable & (OneAutomation.stops.length() == 0),
                    button(
                        say(locale, "automations.resume"),
                        kind="go",
                        symbol="play",
                        on_click=open_dialog("automation-resume"),
                    ),
                ),
                button(say(locale, "automations.change"), on_click=open_dialog("automation-change")),
                button(say(locale, "automations.end"), kind="danger", on_click=open_dialog("automation-end")),
                class_name="spread",
            ),
        ),
        class_name="card stack",
    )


def _runs(locale: str) -> rx.Component:
    return card(
        say(locale, "automations.runs"),
        rx.cond(
            OneAutomation.runs.length() > 0,
            rx.fragment(
                table(
                    say(locale, "automations.runs"),
                    [head(say(locale, f"automations.column.{name}")) for name in COLUMNS],
                    rx.foreach(OneAutomation.runs, lambda one: _run(locale, one)),
                ),
                rx.cond(
                    OneAutomation.more,
                    rx.el.p(say(locale, "automations.runs.more"), class_name="quiet small"),
                ),
            ),
            empty("list", say(locale, "automations.runs.none"), say(locale, "automations.runs.none.text")),
        ),
        subtitle=say(locale, "automations.runs.text"),
    )


def _run(locale: str, one: rx.Var[Ran]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            time_ago(at=one.at, lang=locale, stale=10**9),
            rx.el.br(),
            rx.el.span(one.mode, class_name="quiet small"),
        ),
        rx.el.td(pill(one.status, one.tone), rx.el.br(), rx.el.span(one.took, class_name="quiet small num")),
        rx.el.td(
            rx.el.ul(rx.foreach(one.did, lambda text: rx.el.li(text)), class_name="plain small"),
            rx.cond(one.error != "", rx.el.p(one.error, class_name="wrong")),
            rx.cond(one.advice != "", rx.el.p(one.advice, class_name="quiet small")),
        ),
        rx.el.td(
            rx.el.ul(
                rx.foreach(
                    one.calls,
                    lambda call: rx.el.li(
                        rx.el.code(call[0], class_name="small"), " ", pill(call[1], call[2])
                    ),
                ),
                class_name="plain small",
            )
        ),
    )


def _settings(locale: str) -> rx.Component:
    def told(title: str, lines: rx.Var[list[str]]) -> rx.Component:
        return rx.el.div(
            rx.el.h3(title, class_name="small strong"),
            rx.el.ul(rx.foreach(lines, lambda text: rx.el.li(text)), class_name="plain"),
            class_name="stack tight",
        )

    return card(
        say(locale, "automations.settings"),
        rx.el.div(
            told(say(locale, "automations.params"), OneAutomation.settings_told),
            told(say(locale, "automations.limits"), OneAutomation.limits),
            class_name="asks",
        ),
        subtitle=rx.el.span(OneAutomation.template),
    )


def _change(locale: str) -> rx.Component:
    return dialog(
        "automation-change",
        say(locale, "automations.change"),
        rx.el.form(
            fields.name(locale, OneAutomation.name),
            fields.params(OneAutomation.asked),
            fields.limits(locale, dry=~OneAutomation.real, most=OneAutomation.most, ask=OneAutomation.ask),
            rx.el.p(say(locale, "automations.at_stake"), " ", OneAutomation.stake, class_name="quiet small"),
            rx.el.p(OneAutomation.wrong, class_name="wrong", role="alert"),
            acts(locale, "automation-change", button(say(locale, "ui.save"), kind="go", type="submit")),
            on_submit=OneAutomation.save,
            class_name="stack",
            key=OneAutomation.revision,
        ),
    )


def _asks(locale: str) -> list[rx.Component]:
    """Each of them names the money first."""
    return [
        _ask(locale, "run", OneAutomation.run_now, money=True),
        _ask(locale, "pause", OneAutomation.pause),
        _ask(locale, "resume", OneAutomation.resume, money=True),
        _ask(locale, "end", OneAutomation.end, kind="danger"),
    ]


def _ask(locale: str, name: str, act: Any, *, kind: str = "go", money: bool = False) -> rx.Component:
    stake = rx.el.p(
        rx.cond(
            OneAutomation.real,
            say(locale, "automations.stake.real"),
            say(locale, "automations.stake.dry"),
        ),
        " ",
        rx.el.b(OneAutomation.stake, class_name="num"),
    )
    return dialog(
        f"automation-{name}",
        say(locale, f"automations.{name}.title"),
        rx.el.p(rx.el.b(OneAutomation.name), " ", say(locale, f"automations.{name}.text")),
        stake if money else rx.fragment(),
        acts(
            locale, f"automation-{name}", button(say(locale, f"automations.{name}"), kind=kind, on_click=act)
        ),
    )
