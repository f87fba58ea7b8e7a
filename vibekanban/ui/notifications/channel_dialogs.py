"""The dialogs of the page of channels; what is typed there goes straight to the API."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.accounts.door import form
from vibekanban.ui.components.parts import acts, button, close_dialog, dialog
from vibekanban.ui.notifications.channels_state import Channels

REVEAL = {"data-vk-secret": "#secret"}
ROUTE = "/api/notifications/channels"


def new_slack(locale: str) -> rx.Component:
    return _new(
        locale,
        "slack",
        rx.el.ol(
            *[rx.el.li(say(locale, f"ui.channels.slack.step{n}")) for n in (1, 2, 3)],
            class_name="small quiet steps",
        ),
        "https://hooks.slack.com/services/T…/B…/…",
        Channels.sandbox + "/services/T000/B000/demo",
        {"data-vk-close": "true"},
    )


def new_webhook(locale: str) -> rx.Component:
    return _new(
        locale,
        "webhook",
        rx.el.p(say(locale, "ui.channels.webhook.text"), class_name="small quiet"),
        "https://flows.example.com/webhook/…",
        Channels.sandbox + "/hooks/demo",
        REVEAL,
    )


def _new(
    locale: str, kind: str, about: rx.Component, example: str, sandbox: rx.Var[str], marks: dict[str, str]
) -> rx.Component:
    label, url = f"{kind}-label", f"{kind}-url"
    return dialog(
        kind,
        say(locale, f"ui.channels.{kind}.title"),
        about,
        form(
            locale,
            ROUTE,
            say(locale, "ui.channels.add"),
            rx.el.input(type="hidden", name="kind", value=kind),
            _field("label", label, say(locale, "ui.channels.label"), required=True, max_length=80),
            _field(
                "url",
                url,
                say(locale, f"ui.channels.{kind}.url"),
                kind="url",
                required=True,
                placeholder=example,
                max_length=2000,
            ),
            rx.cond(
                Channels.sandbox != "",
                rx.el.p(
                    say(locale, "ui.channels.try"), " ", rx.el.code(sandbox), class_name="small quiet hint"
                ),
            ),
            class_name="stack",
            marks=marks,
        ),
        acts(locale, kind),
    )


def edit(locale: str) -> rx.Component:
    return dialog(
        "edit",
        say(locale, "ui.channels.edit.title"),
        form(
            locale,
            ROUTE + "/" + Channels.chosen_id,
            say(locale, "ui.save"),
            _field(
                "label",
                "edit-label",
                say(locale, "ui.channels.label"),
                required=True,
                max_length=80,
                default_value=Channels.chosen_label,
                key=Channels.chosen_label,
            ),
            _field("url", "edit-url", say(locale, "ui.channels.edit.url"), kind="url", max_length=2000),
            class_name="stack",
            marks={"data-vk-method": "PATCH", "data-vk-optional": "url", "data-vk-close": "true"},
        ),
        acts(locale, "edit"),
    )


def _field(name: str, place: str, label: str, **props: object) -> rx.Component:
    """A field whose id is its own although several dialogs have a field of that name."""
    return rx.el.div(
        rx.el.label(label, html_for=place),
        rx.el.input(
            id=place,
            name=name,
            type=props.pop("kind", "text"),
            auto_complete="off",
            class_name="input",
            custom_attrs={"aria-describedby": f"{place}-wrong"},
            **props,
        ),
        rx.el.span(
            class_name="wrong", role="alert", id=f"{place}-wrong", custom_attrs={"data-error-for": name}
        ),
        class_name="field",
    )


def secret(locale: str) -> rx.Component:
    """Filled by forms.js straight from the answer, emptied when it closes."""
    return dialog(
        "secret",
        say(locale, "ui.channels.secret.title"),
        rx.el.p(say(locale, "ui.channels.secret.text"), class_name="quiet"),
        rx.el.div(
            rx.el.code(id="the-secret", custom_attrs={"data-secret": "true"}),
            button(say(locale, "ui.copy"), kind="small", custom_attrs={"data-copy": "#the-secret"}),
            class_name="copy",
        ),
        rx.el.div(
            button(say(locale, "ui.tokens.secret.done"), kind="go", on_click=close_dialog("secret")),
            class_name="acts",
        ),
    )
