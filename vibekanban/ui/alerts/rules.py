"""Alerts: what is watched, what fired, and templates to start from."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.alerts.templates import TEMPLATES
from vibekanban.ui.alerts.builder import builder
from vibekanban.ui.alerts.history import Fired, History, figures, history
from vibekanban.ui.alerts.rules_state import Alerts, Rule
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


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "alerts",
        say(locale, "ui.nav.alerts"),
        rx.fragment(
            _rules(locale),
            _fired(locale),
            _templates(locale),
            builder(locale),
            _removing(locale),
            history(locale),
            _undo(locale),
        ),
        topics=["alerts"],
        on_change=Alerts.changed,
        loaded=Alerts.loaded,
        found=Alerts.accounts.length() > 0,
        nothing=empty(
            "bell",
            say(locale, "alerts.no_account"),
            say(locale, "alerts.no_account_text"),
            anchor(say(locale, "ui.dashboard.empty.act"), path(locale, "/app/accounts"), kind="go"),
        ),
    )


def _rules(locale: str) -> rx.Component:
    names = ("name", "what", "does", "last", "state")
    return card(
        say(locale, "alerts.yours"),
        rx.cond(
            Alerts.rules.length() > 0,
            table(
                say(locale, "alerts.yours"),
                [*(head(say(locale, f"alerts.column.{name}")) for name in names), head("")],
                rx.foreach(Alerts.rules, lambda one: _rule(locale, one)),
            ),
            empty("bell", say(locale, "alerts.none"), say(locale, "alerts.none_text")),
        ),
        subtitle=say(locale, "alerts.text"),
        aside=button(say(locale, "alerts.new"), kind="go", symbol="plus", on_click=Alerts.begin("")),
    )


def _rule(locale: str, one: rx.Var[Rule]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.span(one.name, class_name="strong"),
            rx.el.br(),
            rx.el.span(one.where, class_name="quiet small"),
        ),
        rx.el.td(one.what),
        rx.el.td(rx.cond(one.told != "", one.told, say(locale, "alerts.inbox_only")), class_name="small"),
        rx.el.td(time_ago(at=one.fired_at, lang=locale, stale=10**9, never=say(locale, "ui.never"))),
        rx.el.td(
            rx.cond(one.active, pill(say(locale, "alerts.on"), "good"), pill(say(locale, "alerts.off"))),
        ),
        rx.el.td(
            rx.el.div(
                button(say(locale, "alerts.edit"), kind="small", on_click=Alerts.edit(one.id)),
                rx.cond(
                    one.active,
                    button(
                        say(locale, "alerts.switch_off"), kind="small", on_click=Alerts.switch(one.id, False)
                    ),
                    button(
                        say(locale, "alerts.switch_on"), kind="small", on_click=Alerts.switch(one.id, True)
                    ),
                ),
                button(say(locale, "alerts.history"), kind="small", on_click=History.look(one.id)),
                button(
                    say(locale, "alerts.remove"), kind="small danger", on_click=Alerts.ask_to_remove(one.id)
                ),
                class_name="spread",
            ),
            class_name="n",
        ),
    )


def _fired(locale: str) -> rx.Component:
    return card(
        say(locale, "alerts.fired"),
        rx.cond(
            Alerts.fired.length() > 0,
            table(
                say(locale, "alerts.fired"),
                [head(say(locale, f"alerts.column.{name}")) for name in ("when", "name", "thing", "figures")],
                rx.foreach(Alerts.fired, lambda one: _firing(locale, one)),
            ),
            empty("check", say(locale, "alerts.quiet"), say(locale, "alerts.quiet_text")),
        ),
        aside=rx.cond(
            Alerts.fired.length() > 0,
            button(say(locale, "alerts.csv"), kind="small", on_click=History.export("")),
        ),
    )


def _firing(locale: str, one: rx.Var[Fired]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9)),
        rx.el.td(one.alert),
        rx.el.td(one.thing),
        figures(one),
    )


def _undo(locale: str) -> rx.Component:
    return rx.el.div(
        rx.cond(
            Alerts.gone_text != "",
            rx.el.div(
                rx.el.span(Alerts.gone_text),
                button(say(locale, "alerts.undo"), kind="small", on_click=Alerts.undo),
                button(say(locale, "alerts.close"), kind="small", on_click=Alerts.forget_undo),
                class_name="undo",
                key=Alerts.gone_id,
            ),
        ),
        role="status",
    )


def _templates(locale: str) -> rx.Component:
    return card(
        say(locale, "alerts.templates"),
        rx.el.div(
            *[
                rx.el.button(
                    icon("bell"),
                    rx.el.span(say(locale, f"alerts.template.{name}"), class_name="strong"),
                    rx.el.span(say(locale, f"alerts.template.{name}.text"), class_name="quiet small"),
                    type="button",
                    class_name="tile",
                    on_click=Alerts.begin(name),
                )
                for name in TEMPLATES
            ],
            class_name="tiles",
        ),
        subtitle=say(locale, "alerts.templates.text"),
    )


def _removing(locale: str) -> rx.Component:
    return dialog(
        "remove-alert",
        say(locale, "alerts.remove.title"),
        rx.el.p(rx.el.b(Alerts.removing), " ", say(locale, "alerts.remove.text")),
        acts(
            locale,
            "remove-alert",
            button(say(locale, "alerts.remove"), kind="danger", on_click=Alerts.remove),
        ),
    )
