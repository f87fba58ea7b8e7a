"""The scaffolding of a page that loads, may find nothing, and then follows what changes.

A new page of that shape is its state and one call; `parts.empty`, `kpis`, `twin` and `fresh` fill the body:

    def page(locale: str) -> rx.Component:
        return live_page(
            locale,
            "alerts",
            say(locale, "alerts.title"),
            _rules(locale),
            topics=["alerts"],
            on_change=Alerts.changed,
            loaded=Alerts.loaded,
            found=Alerts.rules.length() > 0,
            nothing=empty("bell", say(locale, "alerts.empty.title"), say(locale, "alerts.empty.text")),
        )

Its state is a `LiveState`: `_show` reads, and sets `loaded` once the first answer is there.
"""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import Child, bones
from vibekanban.ui.layout import shell

STALE = 1200  # seconds after which a number of today says that it is old


def live_page(
    locale: str,
    active: str,
    title: Child,
    body: rx.Component,
    *,
    topics: list[str],
    on_change: Any,
    loaded: Any,
    found: Any = True,
    nothing: rx.Component | None = None,
) -> rx.Component:
    """Bones until `loaded`, then `body`, or `nothing` in a card of its own where `found` is false."""
    here = body if nothing is None else rx.cond(found, body, rx.el.section(nothing, class_name="card"))
    return shell(
        locale,
        active,
        title,
        live(topics=topics, on_change=on_change),
        rx.cond(loaded, here, rx.el.div(bones(6), class_name="card")),
        actions=badge(locale),
    )


def badge(locale: str) -> rx.Component:
    """Whether changes arrive by themselves now; live.js marks the document."""
    return rx.el.span(
        rx.el.span(
            rx.el.span(say(locale, "ui.live.on"), class_name="on"),
            rx.el.span(say(locale, "ui.live.off"), class_name="off"),
            class_name="words",
        ),
        class_name="live",
        role="status",
    )


def fresh(locale: str, at: rx.Var[str]) -> rx.Component:
    """When the numbers beside it were read from Meta."""
    return rx.el.span(
        say(locale, "ui.fresh"), " ", time_ago(at=at, lang=locale, stale=STALE), class_name="small quiet"
    )
