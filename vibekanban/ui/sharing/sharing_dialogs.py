"""The dialogs of the page of sharing: a new link, its address, an invitation, and asking before something ends."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.sharing.models import ShareKind
from vibekanban.ui.accounts.door import form
from vibekanban.ui.components.parts import (
    acts,
    button,
    close_dialog,
    dialog,
    field,
    text_input,
)
from vibekanban.ui.sharing.sharing_state import ACCOUNT, Sharing

PLAIN = {"border": "0", "padding": "0", "margin": "0", "maxHeight": "240px", "overflowY": "auto"}


def new_link(locale: str) -> rx.Component:
    return dialog(
        "share-new",
        say(locale, "sharing.links.new"),
        form(
            locale,
            "/api/sharing/links",
            say(locale, "sharing.link.make"),
            field("name", say(locale, "sharing.column.name"), text_input("name", required=True, max_length=120)),
            field(
                "kind",
                say(locale, "sharing.column.shows"),
                rx.el.select(
                    *[rx.el.option(say(locale, f"sharing.kind.{kind}"), value=kind.value) for kind in ShareKind],
                    id="kind",
                    name="kind",
                    default_value=Sharing.kind,
                    key=Sharing.asked_for,
                    class_name="input",
                ),
            ),
            rx.el.div(
                field(
                    "reportId",
                    say(locale, "sharing.report"),
                    rx.el.select(
                        rx.el.option("—", value=""),
                        rx.foreach(Sharing.reports, lambda one: rx.el.option(one.label, value=one.id)),
                        id="reportId",
                        name="reportId",
                        default_value=Sharing.about,
                        key=Sharing.asked_for.to_string() + Sharing.reports.length().to_string(),
                        class_name="input",
                    ),
                ),
                class_name="of-report",
            ),
            rx.el.fieldset(
                rx.el.legend(say(locale, "sharing.accounts"), class_name="label strong"),
                rx.foreach(
                    Sharing.accounts,
                    lambda one: rx.el.label(
                        rx.el.input(
                            type="checkbox",
                            name="accountIds",
                            value=one.id,
                            default_checked=one.id == Sharing.about,
                            key=Sharing.asked_for,
                        ),
                        one.label,
                        class_name="check",
                    ),
                ),
                rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "accountIds"}),
                style=PLAIN,
                class_name="of-accounts",
            ),
            rx.cond(
                Sharing.views.length() > 0,
                rx.el.div(
                    field(
                        "viewId",
                        say(locale, "sharing.view"),
                        rx.el.select(
                            rx.el.option(say(locale, "sharing.view.none"), value=""),
                            rx.foreach(Sharing.views, lambda one: rx.el.option(one.label, value=one.id)),
                            id="viewId",
                            name="viewId",
                            class_name="input",
                        ),
                    ),
                    class_name="of-board",
                ),
            ),
            field(
                "password",
                say(locale, "sharing.password"),
                text_input("password", kind="password", auto_complete="new-password"),
                hint=say(locale, "sharing.password.hint"),
            ),
            field(
                "expiresAt",
                say(locale, "sharing.expires"),
                text_input("expiresAt", kind="date"),
                hint=say(locale, "sharing.expires.hint"),
            ),
            class_name="stack to-share",
            marks={
                "data-vk-lists": "accountIds",
                "data-vk-optional": "viewId,reportId,password",
                "data-vk-secret": "#share-address",
            },
        ),
        acts(locale, "share-new"),
    )  # fmt: skip


def address(locale: str) -> rx.Component:
    """Filled by forms.js straight from the answer, emptied when it closes."""
    return dialog(
        "share-address",
        say(locale, "sharing.link.ready"),
        rx.el.p(say(locale, "sharing.link.once"), class_name="quiet"),
        rx.el.div(
            rx.el.code(id="the-address", custom_attrs={"data-secret": "true"}),
            button(say(locale, "ui.copy"), kind="small", custom_attrs={"data-copy": "#the-address"}),
            class_name="copy",
        ),
        rx.el.div(
            button(say(locale, "ui.tokens.secret.done"), kind="go", on_click=[close_dialog("share-address"), Sharing.load]),
            class_name="acts",
        ),
    )  # fmt: skip


def invitation(locale: str) -> rx.Component:
    return dialog(
        "share-invite",
        say(locale, "sharing.invite"),
        rx.el.form(
            field("email", say(locale, "ui.email"), text_input("email", kind="email", required=True, max_length=254)),
            rx.el.fieldset(
                rx.el.legend(say(locale, "sharing.accounts"), class_name="label strong"),
                rx.foreach(
                    Sharing.accounts,
                    lambda one: rx.el.label(
                        rx.el.input(type="checkbox", name=rx.Var.create(ACCOUNT) + one.id), one.label, class_name="check"
                    ),
                ),
                style=PLAIN,
            ),
            rx.el.label(
                rx.el.input(type="checkbox", name="may_export", default_checked=True),
                say(locale, "sharing.may_export"),
                class_name="check",
            ),
            acts(locale, "share-invite", button(say(locale, "sharing.invite"), kind="go", type="submit")),
            on_submit=Sharing.invite,
            reset_on_submit=True,
            class_name="stack",
        ),
    )  # fmt: skip


def sure(locale: str, name: str, key: str, on_click: object, what: rx.Component) -> rx.Component:
    return dialog(
        name,
        say(locale, f"{key}.title"),
        rx.el.p(say(locale, f"{key}.text"), " ", what),
        acts(locale, name, button(say(locale, key), kind="danger", on_click=on_click)),
    )
