"""Controls of forms beyond the plain input: a password that can be looked at, choices, a span of days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import Child, button, text_input
from vibekanban.ui.components.signs import sign

PRESETS = ("7", "30", "90")


def password_input(locale: str, name: str, **props: Any) -> rx.Component:
    """A password with a button that shows it; kit.js does the showing, so nothing of it reaches a state."""
    return rx.el.div(
        text_input(name, kind="password", **props),
        rx.el.button(
            sign("eye"),
            rx.el.span(say(locale, "kit.password.show"), class_name="sr"),
            type="button",
            class_name="peek",
            custom_attrs={"data-reveal": name, "aria-pressed": "false", "aria-controls": name},
        ),
        class_name="secret",
    )


def select_input(name: str, options: Sequence[tuple[str, str]], **props: Any) -> rx.Component:
    """A native select; `options` are value and label. Its label is the field's around it."""
    described = {"aria-describedby": f"{name}-wrong", **props.pop("custom_attrs", {})}
    return rx.el.select(
        *[rx.el.option(label, value=value) for value, label in options],
        id=name,
        name=name,
        class_name="input",
        custom_attrs=described,
        **props,
    )


def check_group(
    name: str, legend: Child, options: Sequence[tuple[str, Child, Child]], *, chosen: Sequence[str] = ()
) -> rx.Component:
    """Several of a few: `options` are value, label and what it means."""
    return rx.el.fieldset(
        rx.el.legend(legend),
        *[
            rx.el.label(
                rx.el.input(type="checkbox", name=name, value=value, default_checked=value in chosen),
                rx.el.span(label, rx.el.span(hint, class_name="hint") if hint != "" else rx.fragment()),
                class_name="check",
            )
            for value, label, hint in options
        ],
        rx.el.span(
            class_name="wrong", role="alert", id=f"{name}-wrong", custom_attrs={"data-error-for": name}
        ),
        class_name="checks",
    )


def date_range(
    locale: str,
    *,
    preset: Any,
    since: Any,
    until: Any,
    on_preset: Any,
    on_between: Any,
) -> rx.Component:
    """The last days by one click, or two dates; `on_preset(name)`, `on_between({since, until})`."""
    return rx.el.div(
        rx.el.div(
            *[
                rx.el.button(
                    say(locale, f"kit.range.{name}"),
                    type="button",
                    on_click=on_preset(name),
                    custom_attrs={"aria-pressed": rx.cond(preset == name, "true", "false")},
                )
                for name in (*PRESETS, "custom")
            ],
            class_name="segments",
            role="group",
            custom_attrs={"aria-label": say(locale, "kit.range")},
        ),
        rx.cond(
            preset == "custom",
            rx.el.form(
                _date(say(locale, "kit.range.since"), "since", since),
                rx.el.span("–", custom_attrs={"aria-hidden": "true"}),
                _date(say(locale, "kit.range.until"), "until", until),
                button(say(locale, "kit.range.show"), type="submit"),
                on_submit=on_between,
                class_name="between",
            ),
        ),
        class_name="span",
    )


def _date(label: str, name: str, value: Any) -> rx.Component:
    return rx.el.input(
        type="date",
        name=name,
        default_value=value,
        required=True,
        class_name="input",
        custom_attrs={"aria-label": label},
    )
