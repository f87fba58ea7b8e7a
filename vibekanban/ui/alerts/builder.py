"""The dialog that writes an alert: what is watched, when, who is told, what is done; tried on history first."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.alerts import wording
from vibekanban.domains.alerts.conditions import Compare, Operator
from vibekanban.ui.alerts.history import Fired
from vibekanban.ui.alerts.rules_state import EMAIL, Alerts
from vibekanban.ui.alerts.trial_state import Trial
from vibekanban.ui.alerts.words import METRIC_NAMES, Line
from vibekanban.ui.components.parts import acts, button, dialog, progress

LEVELS = ("campaign", "adset", "ad", "account")
WINDOWS = (
    "today",
    "yesterday",
    "last_1h",
    "last_3h",
    "last_6h",
    "last_24h",
    "last_3d",
    "last_7d",
    "last_14d",
    "last_28d",
)

ACTIONS = ("pause", "pauseToday", "changeBudget")


def builder(locale: str) -> rx.Component:
    return dialog(
        "alert",
        rx.cond(Alerts.editing_id != "", say(locale, "alerts.edit.title"), say(locale, "alerts.new")),
        rx.el.div(
            _text(locale, "name"),
            _chosen(
                locale,
                "account",
                rx.foreach(Alerts.accounts, lambda one: rx.el.option(one[1], value=one[0])),
                disabled=Alerts.editing_id != "",
            ),
            class_name="trios",
        ),
        rx.el.div(
            _chosen(locale, "level", *[_option(locale, "alerts.level", one) for one in LEVELS]),
            _text(locale, "filter"),
            class_name="trios",
        ),
        _condition(locale),
        rx.el.div(
            _chosen(
                locale, "window", *[rx.el.option(wording.window(one, locale), value=one) for one in WINDOWS]
            ),
            _text(locale, "maturity", kind="number"),
            class_name="trios",
        ),
        rx.el.div(
            _text(locale, "cooldown", kind="number"),
            _text(locale, "hysteresis", kind="number"),
            class_name="trios",
        ),
        _channels(locale),
        _action(locale),
        rx.cond(Alerts.wrong != "", rx.el.p(Alerts.wrong, class_name="wrong", role="alert")),
        _trial(locale),
        acts(
            locale,
            "alert",
            button(say(locale, "alerts.try"), symbol="chart", on_click=Trial.begin, disabled=Trial.running),
            button(say(locale, "ui.save"), kind="go", on_click=Alerts.save),
        ),
        on_close=Trial.stop,
    )


def _condition(locale: str) -> rx.Component:
    return rx.el.fieldset(
        rx.el.legend(say(locale, "alerts.condition"), class_name="label strong"),
        rx.cond(
            Alerts.branched,
            rx.el.textarea(
                value=Alerts.draft["json"],
                on_change=lambda value: Alerts.put("json", value),
                rows="8",
                class_name="input",
                custom_attrs={"aria-label": say(locale, "alerts.condition"), "spellcheck": "false"},
            ),
            rx.fragment(
                rx.cond(
                    Alerts.lines.length() > 1,
                    _chosen(
                        locale, "join", *[_option(locale, "alerts.joined", one) for one in ("all", "any")]
                    ),
                ),
                rx.foreach(Alerts.lines, lambda one, place: _line(locale, one, place)),
                rx.el.div(
                    button(
                        say(locale, "alerts.add_line"), kind="small", symbol="plus", on_click=Alerts.add_line
                    )
                ),
            ),
        ),
        class_name="bare stack tight",
    )


def _line(locale: str, one: rx.Var[Line], place: rx.Var[int]) -> rx.Component:
    def choice(name: str, value: Any, *options: rx.Component) -> rx.Component:
        return rx.el.select(
            *options,
            value=value,
            on_change=lambda chosen: Alerts.line(place, name, chosen),
            class_name="input",
            custom_attrs={"aria-label": say(locale, f"alerts.line.{name}")},
        )

    return rx.el.div(
        choice("metric", one.metric, *[_option(locale, "alerts.metric", name) for name in METRIC_NAMES]),
        choice("compare", one.compare, *[_option(locale, "alerts.compare", kind.value) for kind in Compare]),
        choice("operator", one.operator, *[rx.el.option(kind.value, value=kind.value) for kind in Operator]),
        rx.el.input(
            value=one.value,
            on_change=lambda text: Alerts.line(place, "value", text),
            class_name="input",
            custom_attrs={"inputmode": "decimal", "aria-label": say(locale, "alerts.line.value")},
        ),
        rx.cond(
            Alerts.lines.length() > 1,
            button(
                "×",
                kind="small",
                on_click=Alerts.drop_line(place),
                custom_attrs={"aria-label": say(locale, "alerts.drop_line")},
            ),
        ),
        class_name="condition-line",
    )


def _channels(locale: str) -> rx.Component:
    def box(value: Any, label: Any) -> rx.Component:
        return rx.el.label(
            rx.el.input(
                type="checkbox",
                checked=Alerts.chosen.contains(value),
                on_change=lambda on: Alerts.channel(value, on),
            ),
            label,
            class_name="check",
        )

    return rx.el.fieldset(
        rx.el.legend(say(locale, "alerts.tell"), class_name="label strong"),
        rx.el.div(
            box(EMAIL, say(locale, "alerts.email")),
            rx.foreach(Alerts.own, lambda one: box(one[0], one[1])),
            class_name="spread",
        ),
        class_name="bare",
    )


def _action(locale: str) -> rx.Component:
    return rx.el.div(
        _chosen(
            locale,
            "action",
            rx.el.option(say(locale, "alerts.action.none"), value=""),
            *[_option(locale, "alerts.action", one) for one in ACTIONS],
        ),
        rx.cond(
            Alerts.draft["action"] == "changeBudget",
            rx.fragment(_text(locale, "percent", kind="number"), _text(locale, "atMost")),
        ),
        class_name="trios",
    )


def _trial(locale: str) -> rx.Component:
    """How far trying it is, then what it would have done."""
    return rx.cond(
        Trial.of == Alerts.edition,
        rx.fragment(
            rx.cond(Trial.wrong != "", rx.el.p(Trial.wrong, class_name="wrong", role="alert")),
            rx.cond(
                Trial.running,
                rx.el.div(
                    rx.el.div(
                        rx.el.span(
                            say(locale, "alerts.try.running"), class_name="strong grow", role="status"
                        ),
                        rx.el.span(Trial.reached, class_name="num small quiet"),
                        button(say(locale, "alerts.try.stop"), kind="small", on_click=Trial.stop),
                        class_name="spread",
                    ),
                    progress(Trial.percent, say(locale, "alerts.try.progress")),
                    class_name="banner tall trial",
                ),
            ),
            rx.cond(
                Trial.said != "",
                rx.el.div(
                    rx.el.p(Trial.said, class_name="strong"),
                    rx.cond(
                        Trial.rows.length() > 0,
                        rx.el.ul(rx.foreach(Trial.rows, _would), class_name="plain small stack tight"),
                    ),
                    class_name="banner tall trial",
                    role="status",
                ),
            ),
        ),
    )


def _would(one: rx.Var[Fired]) -> rx.Component:
    return rx.el.li(rx.el.b(one.at), " · ", one.thing, " · ", one.figures, key=one.id)


def _text(locale: str, name: str, *, kind: str = "text") -> rx.Component:
    return _field(
        locale,
        name,
        rx.el.input(
            id=f"alert-{name}",
            type=kind,
            value=Alerts.draft[name],
            on_change=lambda value: Alerts.put(name, value),
            class_name="input",
        ),
    )


def _chosen(locale: str, name: str, *options: Any, **props: Any) -> rx.Component:
    return _field(
        locale,
        name,
        rx.el.select(
            *options,
            id=f"alert-{name}",
            value=Alerts.draft[name],
            on_change=lambda value: Alerts.put(name, value),
            class_name="input",
            **props,
        ),
    )


def _field(locale: str, name: str, control: rx.Component) -> rx.Component:
    return rx.el.div(
        rx.el.label(say(locale, f"alerts.draft.{name}"), html_for=f"alert-{name}"),
        control,
        class_name="field",
    )


def _option(locale: str, key: str, value: str) -> rx.Component:
    return rx.el.option(say(locale, f"{key}.{value}"), value=value)
