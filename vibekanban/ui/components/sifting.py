"""Filters above a table: labelled controls in a form that is sent as a whole."""

from __future__ import annotations

from collections.abc import Iterable

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import Child, button


def sifter(
    locale: str, *controls: Child, on_submit: object, kind: str = "", clear: Child = "", key: object = ""
) -> rx.Component:
    """`clear` takes the filters away; a new `key` makes the controls begin anew."""
    return rx.el.form(
        *controls,
        button(say(locale, "ui.range.show"), type="submit"),
        clear,
        on_submit=on_submit,
        key=key,
        class_name=f"tools {kind}".strip(),
    )


def choice(table: str, name: str, label: str, value: rx.Var[str], *options: Child) -> rx.Component:
    """One of some; the first option is any of them."""
    control = rx.el.select(
        *options,
        id=f"{table}-{name}",
        name=name,
        default_value=value,
        class_name="input",
        style={"maxWidth": "100%"},
    )
    return labelled(table, name, label, control)


def options(any_of_them: str, choices: Iterable[tuple[str, str]]) -> list[rx.Component]:
    return [rx.el.option(label, value=value) for value, label in [("", any_of_them), *choices]]


def days(locale: str, table: str, since: rx.Var[str], until: rx.Var[str]) -> list[rx.Component]:
    """The first and the last day."""
    return [
        labelled(
            table,
            name,
            say(locale, f"ui.range.{name}"),
            rx.el.input(
                id=f"{table}-{name}", name=name, type="date", default_value=value, class_name="input"
            ),
        )
        for name, value in (("since", since), ("until", until))
    ]


def labelled(table: str, name: str, label: str, control: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=f"{table}-{name}"), control, class_name="field")
