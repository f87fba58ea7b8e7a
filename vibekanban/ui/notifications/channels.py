"""Channels: where one is told besides the inbox, whether it works, and what was delivered."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.base import Viewer, path
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    bones,
    button,
    card,
    dialog,
    empty,
    head,
    open_dialog,
    pill,
    table,
)
from vibekanban.ui.layout import shell
from vibekanban.ui.notifications import channel_dialogs as dialogs
from vibekanban.ui.notifications import wishes
from vibekanban.ui.notifications.channels_state import Channels, Row, Sent
from vibekanban.ui.notifications.summary import summary_card


def page(locale: str) -> rx.Component:
    return shell(
        locale,
        "channels",
        say(locale, "ui.nav.channels"),
        live(topics=["channels"], on_change=Channels.changed),
        card(
            say(locale, "ui.channels.yours"),
            rx.cond(
                Channels.loaded,
                rx.el.ul(
                    _email(locale),
                    rx.foreach(Channels.rows, lambda row: _channel(locale, row)),
                    class_name="plain stack",
                ),
                bones(3),
            ),
            rx.cond(
                Channels.sandbox != "",
                rx.el.p(
                    say(locale, "ui.channels.sandbox"),
                    " ",
                    rx.el.a(
                        say(locale, "ui.channels.arrivals"),
                        href=Channels.sandbox + "/arrivals",
                        target="_blank",
                        class_name="link",
                    ),
                    class_name="quiet small",
                    style={"marginTop": "14px"},
                ),
            ),
            subtitle=say(locale, "ui.channels.text"),
            aside=rx.el.div(
                button("Slack", kind="go", symbol="plus", on_click=open_dialog("slack")),
                button("Webhook", kind="go", symbol="plus", on_click=open_dialog("webhook")),
                class_name="spread",
                style={"flex": "none"},
            ),
        ),
        *wishes.cards(locale),
        summary_card(locale),
        card(
            say(locale, "ui.channels.log"),
            rx.cond(
                Channels.log.length() > 0,
                rx.fragment(
                    table(
                        say(locale, "ui.channels.log"),
                        [
                            *(
                                head(say(locale, f"ui.channels.log.{name}"))
                                for name in ("when", "channel", "notice", "state")
                            ),
                            head(rx.el.span(say(locale, "ui.channels.resend"), class_name="sr")),
                        ],
                        rx.foreach(Channels.log, lambda one: _delivery(locale, one)),
                    ),
                    rx.cond(
                        Channels.more,
                        rx.el.div(
                            button(say(locale, "ui.channels.older"), kind="small", on_click=Channels.older),
                            class_name="pager",
                        ),
                    ),
                ),
                empty("list", say(locale, "ui.channels.log.empty"), say(locale, "ui.channels.log.text")),
            ),
            subtitle=say(locale, "ui.channels.log.about"),
        ),
        dialogs.new_slack(locale),
        dialogs.new_webhook(locale),
        dialogs.edit(locale),
        dialogs.secret(locale),
        dialog(
            "remove",
            say(locale, "ui.channels.remove.title"),
            rx.el.p(rx.el.b(Channels.chosen_label), " ", say(locale, "ui.channels.remove.text")),
            acts(
                locale,
                "remove",
                button(say(locale, "ui.channels.remove"), kind="danger", on_click=Channels.remove),
            ),
        ),
    )


def _email(locale: str) -> rx.Component:
    """The channel everybody has."""
    return rx.el.li(
        rx.el.div(
            rx.el.span(say(locale, "ui.channels.email"), class_name="strong"),
            rx.el.br(),
            rx.el.span(Viewer.email, class_name="small quiet"),
            class_name="grow",
        ),
        pill(say(locale, "ui.channels.state.on"), "good"),
        anchor(say(locale, "ui.nav.profile"), path(locale, "/app/profile"), kind="small"),
        class_name="channel spread",
    )


def _channel(locale: str, row: rx.Var[Row]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(row.label, class_name="strong"),
            " ",
            pill(row.state, row.tone),
            rx.el.br(),
            rx.el.span(
                rx.cond(row.kind == "slack", "Slack", "Webhook"), " · ", row.host, class_name="small quiet"
            ),
            rx.el.br(),
            rx.el.span(
                say(locale, "ui.channels.last"),
                " ",
                time_ago(at=row.ok_at, lang=locale, stale=10**9, never=say(locale, "ui.never")),
                class_name="small quiet",
            ),
            rx.cond(row.trouble != "", rx.el.p(row.trouble, class_name="small wrong")),
            class_name="grow",
        ),
        rx.el.div(
            button(say(locale, "ui.channels.test"), kind="small", on_click=Channels.test(row.id)),
            button(say(locale, "ui.channels.edit"), kind="small", on_click=Channels.ask_to_edit(row.id)),
            rx.cond(
                row.signs,
                rx.el.form(
                    button(say(locale, "ui.channels.rotate"), kind="small", type="submit"),
                    rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "form"}),
                    action=dialogs.ROUTE + "/" + row.id + "/rotate-secret",
                    custom_attrs={
                        "data-vk-form": "true",
                        "data-vk-offline": say(locale, "ui.offline"),
                        **dialogs.REVEAL,
                    },
                ),
            ),
            rx.cond(
                row.on,
                button(say(locale, "ui.channels.off"), kind="small", on_click=Channels.switch(row.id, False)),
                button(say(locale, "ui.channels.on"), kind="small", on_click=Channels.switch(row.id, True)),
            ),
            button(
                say(locale, "ui.channels.remove"),
                kind="small danger",
                on_click=Channels.ask_to_remove(row.id),
            ),
            class_name="spread",
        ),
        class_name="channel spread",
    )


def _delivery(locale: str, one: rx.Var[Sent]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9)),
        rx.el.td(one.channel),
        rx.el.td(one.title),
        rx.el.td(
            pill(one.state, one.tone),
            rx.cond(one.reason != "", rx.el.p(one.reason, class_name="small quiet")),
        ),
        rx.el.td(
            rx.cond(
                one.settled,
                button(say(locale, "ui.channels.resend"), kind="small", on_click=Channels.resend(one.id)),
            ),
            class_name="n",
        ),
    )
