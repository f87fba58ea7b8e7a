"""Automations: what n8n runs on one's accounts, and templates to start from."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.automations import templates
from vibekanban.ui.automations import fields
from vibekanban.ui.automations.list_state import Automations, Line
from vibekanban.ui.base import path
from vibekanban.ui.components.icons import icon
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
from vibekanban.ui.live_page import live_page

COLUMNS = ("name", "state", "last", "stake", "limits")


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "automations",
        say(locale, "ui.nav.automations"),
        rx.cond(
            Automations.accounts.length() > 0,
            rx.fragment(_yours(locale), _templates(locale), _ended(locale), _begin(locale)),
            rx.el.section(
                empty(
                    "bolt",
                    say(locale, "automations.no_account"),
                    say(locale, "automations.no_account.text"),
                    anchor(say(locale, "ui.dashboard.empty.act"), path(locale, "/app/accounts"), kind="go"),
                ),
                class_name="card",
            ),
        ),
        topics=["automations", "tokens"],
        on_change=Automations.changed,
        loaded=Automations.loaded,
        found=Automations.offered,
        nothing=empty("bolt", say(locale, "automations.off"), say(locale, "automations.off.text")),
    )


def _yours(locale: str) -> rx.Component:
    return card(
        say(locale, "automations.yours"),
        rx.cond(
            Automations.lines.length() > 0,
            _table(locale, "automations.yours", Automations.lines),
            empty(
                "bolt",
                say(locale, "automations.none"),
                say(locale, "automations.none.text"),
                anchor(say(locale, "automations.choose"), "#templates", kind="go"),
            ),
        ),
        subtitle=say(locale, "automations.text"),
    )


def _ended(locale: str) -> rx.Component:
    return rx.cond(
        Automations.ended.length() > 0,
        card(say(locale, "automations.ended"), _table(locale, "automations.ended", Automations.ended)),
    )


def _table(locale: str, caption: str, lines: rx.Var[list[Line]]) -> rx.Component:
    return table(
        say(locale, caption),
        [head(say(locale, f"automations.column.{name}")) for name in COLUMNS],
        rx.foreach(lines, lambda one: _line(locale, one)),
    )


def _line(locale: str, one: rx.Var[Line]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.a(one.name, href=one.href, class_name="strong"),
            rx.el.br(),
            rx.el.span(one.about, class_name="quiet small"),
        ),
        rx.el.td(
            pill(one.state, one.tone),
            rx.cond(one.outgrown, pill(say(locale, "automations.news.short"), "info")),
            rx.foreach(one.stops, lambda text: rx.el.p(text, class_name="small quiet")),
        ),
        rx.el.td(
            rx.cond(
                one.last != "",
                rx.el.span(
                    pill(one.last, one.last_tone),
                    rx.el.br(),
                    time_ago(at=one.last_at, lang=locale, stale=10**9),
                ),
                rx.el.span(say(locale, "automations.never"), class_name="quiet small"),
            )
        ),
        rx.el.td(one.stake, class_name="num"),
        rx.el.td(
            rx.cond(
                one.limits.length() > 0,
                rx.el.ul(rx.foreach(one.limits, lambda text: rx.el.li(text)), class_name="plain small"),
                rx.el.span(say(locale, "automations.real"), class_name="small"),
            )
        ),
    )


def _templates(locale: str) -> rx.Component:
    return card(
        say(locale, "automations.choose"),
        rx.el.div(
            *[
                rx.el.button(
                    icon("bolt"),
                    rx.el.span(say(locale, f"automations.templates.{key}"), class_name="strong"),
                    rx.el.span(say(locale, f"automations.templates.{key}.text"), class_name="quiet small"),
                    type="button",
                    class_name="tile",
                    on_click=Automations.start(key),
                )
                for key in templates.catalogue()
            ],
            class_name="tiles",
        ),
        subtitle=say(locale, "automations.choose.text"),
        id="templates",
    )


def _begin(locale: str) -> rx.Component:
    return dialog(
        "automation",
        Automations.title,
        rx.el.p(Automations.text, class_name="quiet"),
        rx.el.form(
            fields.name(locale, Automations.title),
            rx.el.fieldset(
                rx.el.legend(say(locale, "ui.tokens.accounts"), class_name="label strong"),
                rx.el.div(
                    rx.foreach(
                        Automations.accounts,
                        lambda one: rx.el.label(
                            rx.el.input(
                                type="checkbox",
                                name="account-" + one[0],
                                default_checked=Automations.accounts.length() == 1,
                            ),
                            one[1],
                            class_name="check",
                        ),
                    ),
                    class_name="ticks",
                ),
                class_name="bare",
            ),
            fields.params(Automations.asked),
            fields.limits(locale),
            rx.el.p(Automations.wrong, class_name="wrong", role="alert"),
            acts(locale, "automation", button(say(locale, "automations.begin"), kind="go", type="submit")),
            on_submit=Automations.begin,
            class_name="stack",
            key=Automations.template,
        ),
    )
