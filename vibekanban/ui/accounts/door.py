"""Forms of the signed-out: they post straight to the API, so passwords never pass through a state."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.components.parts import button


def form(
    locale: str,
    action: str,
    submit: str,
    *fields: rx.Component,
    done: str = "",
    marks: dict[str, str] | None = None,
    **props: object,
) -> rx.Component:
    """A form that forms.js sends as JSON; `done` is the selector shown in its place when there is nowhere to go."""
    attributes = {"data-vk-form": "true", "data-vk-offline": say(locale, "ui.offline"), **(marks or {})}
    if done:
        attributes["data-vk-done"] = done
    return rx.el.form(
        *fields,
        rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "form"}),
        button(submit, kind="go wide", type="submit"),
        action=action,
        method="post",
        custom_attrs=attributes,
        **props,
    )


def done(name: str, text: str) -> rx.Component:
    return rx.el.div(text, id=name, class_name="banner good", role="status", tab_index=-1, hidden=True)
