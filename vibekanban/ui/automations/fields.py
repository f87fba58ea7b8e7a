"""The fields that starting an automation and changing it have in common: its name, its parameters and its limits."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.automations.list_state import Asked


def name(locale: str, value: Any) -> rx.Component:
    return rx.el.label(
        rx.el.span(say(locale, "automations.column.name"), class_name="small strong"),
        rx.el.input(
            name="name",
            required=True,
            max_length=120,
            default_value=value,
            auto_complete="off",
            class_name="input",
        ),
        class_name="field",
    )


def params(asked: Any) -> rx.Component:
    return rx.el.div(rx.foreach(asked, _param), class_name="asks")


def _param(one: rx.Var[Asked]) -> rx.Component:
    return rx.el.label(
        rx.el.span(one.label, class_name="small strong"),
        rx.el.input(
            name=one.name,
            type="number",
            default_value=one.value,
            min=one.least,
            max=one.most,
            step=one.step,
            required=True,
            class_name="input",
        ),
        class_name="field",
    )


def limits(locale: str, *, dry: Any = True, most: Any = "", ask: Any = False) -> rx.Component:
    """Only trying comes first: it is what an automation begins with."""
    return rx.el.fieldset(
        rx.el.legend(say(locale, "automations.limits"), class_name="label strong"),
        _way(locale, "try", dry),
        _way(locale, "real", ~dry if isinstance(dry, rx.Var) else not dry),
        rx.el.label(
            rx.el.input(type="checkbox", name="ask", value="true", default_checked=ask),
            say(locale, "automations.ask"),
            class_name="check",
        ),
        rx.el.label(
            rx.el.span(say(locale, "ui.policy.maxWritesPerDay"), class_name="small strong"),
            rx.el.input(
                name="most",
                type="number",
                min="1",
                max="100000",
                step="1",
                default_value=most,
                class_name="input narrow",
            ),
            class_name="field",
        ),
        class_name="bare stack tight",
    )


def _way(locale: str, name: str, chosen: Any) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="mode", value=name, default_checked=chosen),
        rx.el.span(
            rx.el.span(say(locale, f"automations.mode.{name}"), class_name="strong"),
            rx.el.br(),
            rx.el.span(say(locale, f"automations.mode.{name}.text"), class_name="quiet small"),
        ),
        class_name="check",
    )
