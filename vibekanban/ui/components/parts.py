"""Small parts that every page is made of, on native elements; the look is in assets/ui.css."""

from __future__ import annotations

import json
from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.icons import icon

Child = rx.Component | rx.Var | str


def card(
    title: str, *body: Child, aside: Child | None = None, subtitle: Child = "", **props: Any
) -> rx.Component:
    """A titled section."""
    head = rx.el.header(
        rx.el.div(
            rx.el.h2(title), rx.el.p(subtitle, class_name="quiet small") if subtitle != "" else rx.fragment()
        ),
        aside if aside is not None else rx.fragment(),
    )
    return rx.el.section(head, *body, class_name="card", **props)


def button(label: Child, *, kind: str = "", symbol: str = "", **props: Any) -> rx.Component:
    return rx.el.button(
        icon(symbol) if symbol else rx.fragment(),
        label,
        type=props.pop("type", "button"),
        class_name=f"btn {kind}".strip(),
        **props,
    )


def anchor(label: Child, href: Any, *, kind: str = "", symbol: str = "", **props: Any) -> rx.Component:
    """A link that looks like a button; a full page load when `reload` is set by the caller's href."""
    return rx.el.a(
        icon(symbol) if symbol else rx.fragment(), label, href=href, class_name=f"btn {kind}".strip(), **props
    )


def field(name: str, label: str, control: rx.Component, *, hint: str = "") -> rx.Component:
    """A labelled control with its hint and the place where forms.js writes what is wrong with it."""
    return rx.el.div(
        rx.el.label(label, html_for=name),
        control,
        rx.el.span(hint, class_name="hint", id=f"{name}-hint") if hint else rx.fragment(),
        rx.el.span(
            class_name="wrong", role="alert", id=f"{name}-wrong", custom_attrs={"data-error-for": name}
        ),
        class_name="field",
    )


def text_input(name: str, *, kind: str = "text", **props: Any) -> rx.Component:
    described = {"aria-describedby": f"{name}-wrong", **props.pop("custom_attrs", {})}
    return rx.el.input(id=name, name=name, type=kind, class_name="input", custom_attrs=described, **props)


def pill(text: Child, kind: Any = "") -> rx.Component:
    """A status in a word; `kind` is good, bad, warn, info or nothing."""
    return rx.el.span(
        text, class_name=rx.Var.create("pill ") + kind if isinstance(kind, rx.Var) else f"pill {kind}"
    )


def empty(symbol: str, title: str, text: str, *acts: rx.Component) -> rx.Component:
    """What a page shows before there is anything to show."""
    return rx.el.div(
        icon(symbol),
        rx.el.h2(title),
        rx.el.p(text),
        rx.el.div(*acts, class_name="spread"),
        class_name="empty",
    )


def bones(count: int = 5) -> rx.Component:
    """Rows that are still on their way."""
    return rx.el.div(
        *[rx.el.span(class_name="bone", style={"width": f"{90 - n * 9}%"}) for n in range(count)],
        class_name="stack",
        custom_attrs={"aria-hidden": "true"},
    )


def progress(percent: Any, label: Any) -> rx.Component:
    return rx.el.div(
        rx.el.i(style={"width": percent.to_string() + "%" if isinstance(percent, rx.Var) else f"{percent}%"}),
        class_name="bar",
        role="progressbar",
        custom_attrs={
            "aria-valuenow": percent,
            "aria-valuemin": "0",
            "aria-valuemax": "100",
            "aria-label": label,
        },
    )


def open_dialog(name: str) -> rx.event.EventSpec:
    return rx.call_script(f"document.getElementById('{name}').showModal()")


def close_dialog(name: str) -> rx.event.EventSpec:
    return rx.call_script(f"document.getElementById('{name}').close()")


class _Dialog(rx.el.Dialog):
    """Tells that it was closed, however that came."""

    on_close: rx.EventHandler[rx.event.no_args_event_spec]


def dialog(name: str, title: Child, *body: Child, **told: Any) -> rx.Component:
    """A native modal: Esc closes it, focus stays inside; `on_close` may be told."""
    return _Dialog.create(
        rx.el.div(rx.el.h2(title, id=f"{name}-title"), *body, class_name="inside"),
        id=name,
        custom_attrs={"aria-labelledby": f"{name}-title"},
        **told,
    )


def acts(locale: str, name: str, *buttons: Child) -> rx.Component:
    """The end of a dialog: the way out, then what it is for."""
    return rx.el.div(
        button(say(locale, "ui.cancel"), on_click=close_dialog(name)), *buttons, class_name="acts"
    )


def head(label: Child, *, number: bool = False) -> rx.Component:
    named = {"data-label": label} if isinstance(label, str) else {}
    return rx.el.th(label, scope="col", class_name="n" if number else "", custom_attrs=named)


def table(caption: str, heads: list[rx.Component], *rows: Child, scrolls: bool = False) -> rx.Component:
    """A table whose rows become cards on a phone, each value beside its label.

    Columns that are read against each other stay columns: `scrolls` lets the table scroll by itself instead.
    """
    labels = [] if scrolls else [str(one.custom_attrs.get("data-label", "")) for one in heads]
    return rx.el.div(
        rx.el.table(
            rx.el.caption(caption, class_name="sr"),
            rx.el.thead(rx.el.tr(*heads)),
            rx.el.tbody(*rows),
            # what a stylesheet can write before a cell of the n-th column
            style={
                f"--label-{n}": json.dumps(label, ensure_ascii=False) for n, label in enumerate(labels, 1)
            },
        ),
        class_name="sheet" if scrolls else "sheet folds",
        role="region",
        tab_index=0,
        custom_attrs={"aria-label": caption},
    )


def copyable(text: Any, label: str) -> rx.Component:
    """Something to take away with one click."""
    return rx.el.div(
        rx.el.code(text, tab_index=0),
        button(label, kind="small", on_click=rx.set_clipboard(text)),
        class_name="copy",
    )
