"""Filters above a table: labelled controls in a form that is sent as a whole, folded away on a phone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import Child, button

# what is shown is above the fold once it is asked for, and the keyboard stays where it was
_OPEN = (
    "const one=document.getElementById('{name}-fold');"
    "one.setAttribute('aria-expanded',String(one.getAttribute('aria-expanded')!=='true'))"
)
_SHUT = (
    "const one=document.getElementById('{name}-fold');"
    "one.setAttribute('aria-expanded','false');if(one.offsetParent)one.focus()"
)


def sifter(
    locale: str,
    table: str,
    *controls: Child,
    on_submit: Any,
    active: rx.Var[int],
    kind: str = "",
    clear: Child = "",
    key: object = "",
) -> rx.Component:
    """`active` filters are counted on the fold; `clear` takes them away; a new `key` begins the controls anew."""
    fold = button(
        rx.fragment(
            say(locale, "ui.filters"), rx.cond(active > 0, rx.el.b(active, class_name="num"), rx.fragment())
        ),
        symbol="filter",
        id=f"{table}-fold",
        on_click=rx.call_script(_OPEN.format(name=table)),
        custom_attrs={"aria-expanded": "false", "aria-controls": f"{table}-filters"},
    )
    form = rx.el.form(
        *controls,
        button(say(locale, "ui.range.show"), type="submit"),
        clear,
        id=f"{table}-filters",
        on_submit=[on_submit, rx.call_script(_SHUT.format(name=table))],
        key=key,
        class_name="tools",
    )
    return rx.el.div(fold, form, class_name=f"sift {kind}".strip())


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
