"""Numbers on a page: tiles, the period they are of, and the table that says what a chart draws.

The numbers arrive written (`ui/shown.py`): a state has `tiles: list[shown.Tile]` and rows as `list[list[str]]`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import head, table
from vibekanban.ui.shown import Tile


def kpis(tiles: Any, *, against: str = "") -> rx.Component:
    """A tile a number; with `against`, how it compares to what that names."""

    def card(tile: rx.Var[Tile]) -> rx.Component:
        compared = [rx.el.dd(rx.el.b(tile.delta, class_name=tile.tone), " ", against, class_name="delta num")]
        return rx.el.div(
            rx.el.dt(tile.label),
            rx.el.dd(tile.value, class_name="value num"),
            *(compared if against else []),
            class_name="card kpi",
        )

    return rx.el.dl(rx.foreach(tiles, card), class_name="kpis")


def period(
    locale: str, value: Any, on_change: Any, *, choices: Sequence[str] = ("7", "30", "90")
) -> rx.Component:
    """The choice of a period; `custom` is one of the choices where the page can ask for dates."""
    return rx.el.select(
        *[rx.el.option(say(locale, f"ui.range.{name}"), value=name) for name in choices],
        value=value,
        on_change=on_change,
        class_name="input narrow",
        custom_attrs={"aria-label": say(locale, "ui.range")},
    )


def numbers_table(caption: str, first: str, columns: Sequence[str], rows: Any) -> rx.Component:
    """Rows of written cells: the first one names the row, the others are numbers under `columns`."""

    def line(row: rx.Var[list[str]]) -> rx.Component:
        cells = [rx.el.td(row[n], class_name="n num") for n in range(1, len(columns) + 1)]
        return rx.el.tr(rx.el.td(row[0]), *cells)

    return table(
        caption,
        [head(first), *(head(name, number=True) for name in columns)],
        rx.foreach(rows, line),
        scrolls=True,
    )


def twin(locale: str, content: rx.Component) -> rx.Component:
    """The same numbers as a table, for whoever cannot use the chart above it."""
    return rx.el.details(rx.el.summary(say(locale, "ui.table.twin")), content, class_name="twin")
