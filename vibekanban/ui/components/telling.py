"""Telling people how things stand: banners, failures, the state of the live stream, tabs of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import Child, button
from vibekanban.ui.components.signs import sign

SYMBOLS = {"info": "info", "good": "check", "warn": "alert", "bad": "alert"}


def banner(text: Child, *acts: rx.Component, kind: str = "info") -> rx.Component:
    """Something true of the whole page; a failure is read out at once, the rest when there is time."""
    return rx.el.div(
        rx.el.p(sign(SYMBOLS[kind]), rx.el.span(text), class_name="told"),
        *acts,
        class_name=f"banner {kind}",
        role="alert" if kind == "bad" else "status",
    )


def error_panel(locale: str, text: Child, *, on_retry: Any = None, request_id: Child = "") -> rx.Component:
    """What stands in place of a part that could not be loaded, with the number that support will ask for."""
    return rx.el.div(
        sign("alert"),
        rx.el.h2(say(locale, "kit.error.title")),
        rx.el.p(text),
        rx.el.p(say(locale, "kit.error.request"), " ", rx.el.code(request_id), class_name="small quiet")
        if request_id != ""
        else rx.fragment(),
        button(say(locale, "kit.error.again"), symbol="refresh", on_click=on_retry)
        if on_retry is not None
        else rx.fragment(),
        class_name="empty failed",
        role="alert",
    )


def live_badge(locale: str) -> rx.Component:
    """Whether changes arrive by themselves; live.js keeps `data-live` of the document true."""
    return rx.el.span(
        rx.el.span(say(locale, "kit.live.on"), class_name="on"),
        rx.el.span(say(locale, "kit.live.off"), class_name="off"),
        class_name="live",
        role="status",
    )


def tabs(label: str, entries: Sequence[tuple[Child, Any, Any]]) -> rx.Component:
    """The parts of one thing as links of their own: `entries` are label, address and whether it is this one."""
    return rx.el.nav(
        *[
            rx.el.a(text, href=href, custom_attrs={"aria-current": rx.cond(here, "page", "false")})
            for text, href, here in entries
        ],
        class_name="tabs",
        custom_attrs={"aria-label": label},
    )
