"""The page for addresses that lead nowhere: one for both trees, showing the language of the address."""

from __future__ import annotations

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.ui.base import path
from vibekanban.ui.components.parts import anchor, empty


def page() -> rx.Component:
    return rx.el.main(
        *[
            rx.el.div(
                empty(
                    "list",
                    say(locale, "ui.missing.title"),
                    say(locale, "ui.missing.text"),
                    anchor(say(locale, "ui.missing.home"), path(locale, "/app"), kind="go"),
                ),
                lang=locale,
                class_name=f"only-{locale}",
            )
            for locale in i18n.LOCALES
        ],
        id="main",
        style={"minHeight": "100vh", "display": "grid", "placeItems": "center"},
    )
