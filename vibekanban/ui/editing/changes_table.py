"""The table of what an edit changes: each field before and after."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import head, table
from vibekanban.ui.editing.told import Line


def changes_table(
    locale: str, lines: rx.Var[list[Line]], *, only_after: rx.Var | bool = False
) -> rx.Component:
    """What is new was nothing before, and shows no column of it."""
    return table(
        say(locale, "ui.editor.changes"),
        [
            head(say(locale, "ui.editor.field")),
            rx.cond(only_after, rx.fragment(), head(say(locale, "ui.editor.before"))),
            head(say(locale, "ui.editor.after")),
        ],
        rx.foreach(
            lines,
            lambda line: rx.el.tr(
                rx.el.td(line.label, class_name="strong"),
                rx.cond(
                    only_after,
                    rx.fragment(),
                    rx.el.td(_picture(line.picture_before), line.before, class_name="quiet num"),
                ),
                rx.el.td(_picture(line.picture_after), line.after, class_name="num"),
            ),
        ),
        scrolls=True,
    )


def _picture(address: rx.Var[str]) -> rx.Component:
    return rx.cond(address != "", rx.el.img(src=address, alt="", class_name="thumb", loading="lazy"))
