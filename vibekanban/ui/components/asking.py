"""Asking before something happens that costs money or cannot be taken back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import Child, button, close_dialog


def confirm(
    locale: str,
    name: str,
    title: Child,
    text: Child,
    *,
    act: Child,
    on_confirm: Any,
    stake: Child = "",
    stake_label: Child = "",
    danger: bool = False,
) -> rx.Component:
    """A native modal that names what is at stake. Open it with `parts.open_dialog(name)`.

    The way out comes first, so the browser gives it the focus: somebody who presses Enter by habit changes
    nothing. Esc and a click beside it close it, and the focus goes back to what opened it.
    """
    sum_at_stake = rx.el.p(
        rx.el.span(stake_label, class_name="quiet small"),
        rx.el.b(stake, class_name="num"),
        class_name="stake",
    )
    return rx.el.dialog(
        rx.el.div(
            rx.el.h2(title, id=f"{name}-title"),
            rx.el.p(text, id=f"{name}-text", class_name="more"),
            sum_at_stake if stake != "" else rx.fragment(),
            rx.el.div(
                button(say(locale, "kit.cancel"), on_click=close_dialog(name)),
                button(
                    act, kind="danger solid" if danger else "go", on_click=[close_dialog(name), on_confirm]
                ),
                class_name="acts",
            ),
            class_name="inside",
        ),
        id=name,
        role="alertdialog" if danger else "dialog",
        custom_attrs={
            "aria-labelledby": f"{name}-title",
            "aria-describedby": f"{name}-text",
            "data-light": "true",
        },
    )
