"""What lies above every page, in both languages at once because the app around the pages has none."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import LOCALES, say


class Toasts(rx.Component):
    """Where `rx.toast` writes, in place of Reflex's own toaster: a twentieth of its weight, above open dialogs."""

    library = "$/public/overlay.js"
    tag = "Toasts"
    close: rx.Var[dict[str, str]]


class Offline(rx.Component):
    """Says that events do not reach the server, in place of Reflex's English note with its address."""

    library = "$/public/overlay.js"
    tag = "Offline"
    text: rx.Var[dict[str, str]]


def toasts() -> rx.Component:
    return Toasts.create(close=_both("ui.close"))


def offline() -> rx.Component:
    return Offline.create(text=_both("ui.unreachable"))


def _both(key: str) -> dict[str, str]:
    return {locale: say(locale, key) for locale in LOCALES}
