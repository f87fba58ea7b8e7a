"""The first page: what the product is for."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.base import path
from vibekanban.ui.components.icons import icon, logo
from vibekanban.ui.components.parts import anchor

PROMISES = (
    ("live", "chart"),
    ("act", "undo"),
    ("alerts", "bell"),
    ("board", "board"),
    ("agents", "bot"),
    ("automations", "bolt"),
)


def page(locale: str) -> rx.Component:
    other = "es" if locale == "en" else "en"
    promises = [
        rx.el.section(
            icon(symbol),
            rx.el.h2(say(locale, f"ui.landing.{name}.title")),
            rx.el.p(say(locale, f"ui.landing.{name}.text")),
            class_name="card",
        )
        for name, symbol in PROMISES
    ]
    return rx.el.div(
        rx.el.nav(
            rx.el.a(
                logo(),
                "Vibe Kanban",
                href=path(locale, "/"),
                class_name="brand",
            ),
            rx.el.a(say(locale, "ui.language"), href=path(other, "/"), class_name="link", lang=other),
            anchor(say(locale, "ui.sign_in.title"), path(locale, "/sign-in")),
            rx.el.span(
                anchor(say(locale, "ui.register.title"), path(locale, "/register"), kind="go"),
                class_name="roomy",  # a phone has the same button a little below
            ),
        ),
        rx.el.main(
            rx.el.div(
                rx.el.h1(say(locale, "ui.landing.title")),
                rx.el.p(say(locale, "ui.landing.text")),
                rx.el.div(
                    anchor(say(locale, "ui.landing.go"), path(locale, "/register"), kind="go"),
                    anchor(say(locale, "ui.landing.api"), "/api/docs"),
                    class_name="spread",
                ),
                class_name="lead",
            ),
            rx.el.div(*promises, class_name="trio"),
            id="main",
        ),
        class_name="hero",
    )
