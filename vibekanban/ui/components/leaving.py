"""The door behind the link of a letter that comes by itself: it asks, then ends the letters."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import Child, button
from vibekanban.ui.layout import door


def leaving(
    locale: str,
    route: str,
    key: str,
    *,
    ended: Any,
    unknown: Any,
    end: Any,
    elsewhere: Child,
    what: Child = "",
) -> rx.Component:
    """`key` begins the page's sentences; `elsewhere` leads to where the letters are chosen."""
    query = rx.State.router.url.query
    return door(
        locale,
        route,
        say(locale, f"{key}.title"),
        rx.cond(
            ended,
            rx.el.div(
                rx.el.span(say(locale, f"{key}.done"), " ", rx.el.b(what)),
                class_name="banner good",
                role="status",
            ),
            rx.fragment(
                rx.el.p(say(locale, f"{key}.text")),
                rx.cond(
                    unknown,
                    rx.el.div(
                        rx.el.span(say(locale, f"{key}.unknown")), class_name="banner warn", role="status"
                    ),
                ),
                button(say(locale, f"{key}.end"), kind="go wide", on_click=end),
            ),
        ),
        rx.el.p(say(locale, f"{key}.how"), " ", elsewhere, class_name="quiet"),
        query=rx.cond(query != "", "?" + query, ""),
    )
