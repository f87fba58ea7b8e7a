"""What a table needs besides rows: order, pages, columns to choose, actions, and something to show while empty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import Child, button
from vibekanban.ui.components.signs import sign


def sort_head(label: Child, *, here: Any, down: Any, on_click: Any, number: bool = False) -> rx.Component:
    """A heading that sorts; `here` is whether the table is sorted by it, `down` whether from large to small."""
    return rx.el.th(
        rx.el.button(
            label,
            rx.el.span(class_name="arrow", custom_attrs={"aria-hidden": "true"}),
            type="button",
            on_click=on_click,
        ),
        scope="col",
        class_name="n sortable" if number else "sortable",
        custom_attrs={"aria-sort": rx.cond(here, rx.cond(down, "descending", "ascending"), "none")},
    )


def pager(locale: str, *, told: Child, back: Any, on: Any, first: Any, last: Any) -> rx.Component:
    """Where one is in a long list (`told`, written by the page) and the way to the neighbouring pages."""
    return rx.el.nav(
        rx.el.p(told, class_name="small quiet num", role="status"),
        rx.el.div(
            button(
                rx.fragment(sign("left"), say(locale, "kit.pager.back")),
                kind="small",
                on_click=back,
                disabled=first,
            ),
            button(
                rx.fragment(say(locale, "kit.pager.on"), sign("right")),
                kind="small",
                on_click=on,
                disabled=last,
            ),
            class_name="spread",
        ),
        class_name="pager",
        custom_attrs={"aria-label": say(locale, "kit.pager")},
    )


def menu(
    name: Any, label: Child, *acts: rx.Component, symbol: str = "more", kind: str = "icon small"
) -> rx.Component:
    """Actions behind a button. A popover lies above everything, so a scrolling table cannot cut it off.

    `name` must be unique on the page; kit.js puts the popover beside its button.
    """
    opener = rx.el.button(
        sign(symbol),
        rx.el.span(label, class_name="sr" if "icon" in kind else ""),
        type="button",
        class_name=f"btn {kind}",
        custom_attrs={"popoverTarget": name},
    )
    return rx.fragment(
        opener, rx.el.div(*acts, id=name, class_name="floating", custom_attrs={"popover": "auto"})
    )


def column_chooser(
    locale: str, name: str, columns: Sequence[tuple[str, str]], *, chosen: Any, on_toggle: Any
) -> rx.Component:
    """Which columns a table shows; `on_toggle(column)`."""
    boxes = [
        rx.el.label(
            rx.el.input(
                type="checkbox", checked=chosen.contains(key), on_change=lambda _on, key=key: on_toggle(key)
            ),
            rx.el.span(label),
            class_name="check",
        )
        for key, label in columns
    ]
    return menu(name, say(locale, "kit.columns"), *boxes, symbol="columns", kind="small")


def waiting_rows(columns: int, rows: int = 6) -> rx.Component:
    """Rows that are still on their way, as many as will come, so that nothing jumps."""
    widths = (72, 48, 60, 40, 66)
    return rx.fragment(
        *[
            rx.el.tr(
                *[
                    rx.el.td(rx.el.span(class_name="bone", style={"width": f"{widths[(row + column) % 5]}%"}))
                    for column in range(columns)
                ],
                custom_attrs={"aria-hidden": "true"},
            )
            for row in range(rows)
        ]
    )


def no_rows(columns: Any, text: Child) -> rx.Component:
    """The row of a table in which nothing was found."""
    return rx.el.tr(rx.el.td(text, col_span=columns, class_name="none"))
