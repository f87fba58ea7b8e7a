"""MCP tokens: making one with its limits, seeing it once, rotating, stopping, revoking."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.access.models import Scope
from vibekanban.ui.access.policy_fields import policy_fields
from vibekanban.ui.access.tokens_state import Row, Tokens
from vibekanban.ui.accounts.door import form
from vibekanban.ui.base import path
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    button,
    card,
    close_dialog,
    dialog,
    empty,
    field,
    head,
    open_dialog,
    pill,
    table,
    text_input,
)
from vibekanban.ui.layout import shell

REVEAL = {"data-vk-secret": "#secret"}
LISTS = "accountIds,scopes,policy.approval.verbs"


def page(locale: str) -> rx.Component:
    return shell(
        locale,
        "tokens",
        say(locale, "ui.tokens.title"),
        live(topics=["audit", "tokens"], on_change=Tokens.changed),
        rx.cond(
            Tokens.all_stopped,
            rx.el.div(
                rx.el.span(say(locale, "ui.tokens.all_stopped")), class_name="banner bad", role="status"
            ),
        ),
        card(
            say(locale, "ui.tokens.yours"),
            rx.cond(
                Tokens.rows.length() > 0,
                table(
                    say(locale, "ui.tokens.yours"),
                    [
                        *(
                            head(say(locale, f"ui.tokens.{name}"))
                            for name in ("name", "accounts", "scopes", "limits", "expires", "used")
                        ),
                        head(""),
                    ],
                    rx.foreach(Tokens.rows, lambda row: _row(locale, row)),
                ),
                empty("key", say(locale, "ui.tokens.empty.title"), say(locale, "ui.tokens.empty.text")),
            ),
            subtitle=say(locale, "ui.tokens.text"),
            aside=rx.el.div(
                rx.cond(
                    Tokens.all_stopped,
                    button(
                        say(locale, "ui.tokens.free_all"),
                        symbol="play",
                        on_click=Tokens.stop_everything(False),
                    ),
                    rx.cond(
                        Tokens.rows.length() > 0,
                        button(
                            say(locale, "ui.tokens.stop_all"),
                            kind="danger",
                            symbol="pause",
                            on_click=open_dialog("stop-all"),
                        ),
                    ),
                ),
                anchor(say(locale, "ui.tokens.connect"), path(locale, "/app/connect"), symbol="plug"),
                button(say(locale, "ui.tokens.new"), kind="go", symbol="plus", on_click=open_dialog("new")),
                class_name="spread",
            ),
        ),
        _new(locale),
        _limits(locale),
        _rotate(locale),
        _secret(locale),
        dialog(
            "stop-all",
            say(locale, "ui.tokens.stop_all"),
            rx.el.p(say(locale, "ui.tokens.stop_all.text")),
            acts(
                locale,
                "stop-all",
                button(
                    say(locale, "ui.tokens.stop_all"),
                    kind="danger",
                    on_click=[Tokens.stop_everything(True), close_dialog("stop-all")],
                ),
            ),
        ),
        dialog(
            "revoke",
            say(locale, "ui.tokens.revoke.title"),
            rx.el.p(rx.el.b(Tokens.ending), " ", say(locale, "ui.tokens.revoke.text")),
            acts(
                locale,
                "revoke",
                button(say(locale, "ui.tokens.revoke"), kind="danger", on_click=Tokens.revoke),
            ),
        ),
    )


def _row(locale: str, row: rx.Var[Row]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.el.span(row.name, class_name="strong"),
            rx.el.br(),
            rx.el.code(row.hint, class_name="small quiet"),
        ),
        rx.el.td(row.about),
        rx.el.td(row.scopes),
        rx.el.td(
            rx.cond(row.stopped, pill(say(locale, "ui.tokens.stopped"), "bad")),
            rx.cond(
                row.limits.length() > 0,
                rx.el.ul(rx.foreach(row.limits, lambda one: rx.el.li(one)), class_name="plain small"),
                rx.el.span(say(locale, "ui.tokens.unlimited"), class_name="quiet small"),
            ),
        ),
        rx.el.td(
            rx.cond(row.expires_at != "", row.expires_at, say(locale, "ui.accounts.forever")),
            class_name="num",
        ),
        rx.el.td(time_ago(at=row.used_at, lang=locale, stale=10**9, never=say(locale, "ui.never"))),
        rx.el.td(
            rx.el.div(
                button(say(locale, "ui.tokens.limits"), kind="small", on_click=Tokens.open_limits(row.id)),
                rx.cond(
                    row.stopped,
                    button(say(locale, "ui.tokens.free"), kind="small", on_click=Tokens.stop(row.id, False)),
                    button(say(locale, "ui.tokens.stop"), kind="small", on_click=Tokens.stop(row.id, True)),
                ),
                button(say(locale, "ui.tokens.rotate"), kind="small", on_click=Tokens.ask_to_rotate(row.id)),
                button(
                    say(locale, "ui.tokens.revoke"),
                    kind="small danger",
                    on_click=Tokens.ask_to_revoke(row.id),
                ),
                class_name="spread",
            ),
            class_name="n",
        ),
    )


def _rotate(locale: str) -> rx.Component:
    """Whoever holds the old secret is shut out at once, so it asks first."""
    return dialog(
        "rotate",
        say(locale, "ui.tokens.rotate.title"),
        rx.el.p(rx.el.b(Tokens.rotating), " ", say(locale, "ui.tokens.rotate.text")),
        rx.el.form(
            rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "form"}),
            acts(locale, "rotate", button(say(locale, "ui.tokens.rotate"), kind="danger", type="submit")),
            action="/api/mcp/tokens/" + Tokens.rotating_id + "/rotate",
            custom_attrs={"data-vk-form": "true", "data-vk-offline": say(locale, "ui.offline"), **REVEAL},
        ),
    )


def _new(locale: str) -> rx.Component:
    scopes = [
        rx.el.label(
            rx.el.input(
                type="checkbox", name="scopes", value=scope.value, default_checked=scope is Scope.READ
            ),
            say(locale, f"ui.scope.{scope.value}"),
            class_name="check",
        )
        for scope in Scope
    ]
    return dialog(
        "new",
        say(locale, "ui.tokens.new"),
        form(
            locale,
            "/api/mcp/tokens",
            say(locale, "ui.tokens.create"),
            field(
                "name",
                say(locale, "ui.tokens.name"),
                text_input("name", required=True, placeholder="n8n", auto_complete="off"),
            ),
            rx.el.fieldset(
                rx.el.legend(say(locale, "ui.tokens.accounts"), class_name="label strong"),
                rx.foreach(
                    Tokens.accounts,
                    lambda one: rx.el.label(
                        rx.el.input(type="checkbox", name="accountIds", value=one[0]),
                        one[1],
                        class_name="check",
                    ),
                ),
                rx.cond(
                    Tokens.accounts.length() == 0,
                    rx.el.p(say(locale, "ui.dashboard.empty.text"), class_name="quiet small"),
                ),
                rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "accountIds"}),
                style={
                    "border": "0",
                    "padding": "0",
                    "margin": "0",
                    "maxHeight": "220px",
                    "overflowY": "auto",
                },
            ),
            rx.el.fieldset(
                rx.el.legend(say(locale, "ui.tokens.scopes"), class_name="label strong"),
                *scopes,
                rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "scopes"}),
                style={"border": "0", "padding": "0", "margin": "0"},
            ),
            field(
                "expiresAt",
                say(locale, "ui.tokens.expires"),
                text_input("expiresAt", kind="date"),
                hint=say(locale, "ui.tokens.expires.hint"),
            ),
            rx.el.details(
                rx.el.summary(say(locale, "ui.tokens.limits"), class_name="strong"),
                policy_fields(locale, "new", Tokens.currencies),
                class_name="fold",
            ),
            class_name="stack",
            marks={"data-vk-lists": LISTS, **REVEAL},
        ),
        acts(locale, "new"),
    )


def _limits(locale: str) -> rx.Component:
    """The limits of one token; what is typed goes to the API, which says what is wrong where."""
    return dialog(
        "limits",
        rx.fragment(say(locale, "ui.tokens.limits"), " · ", Tokens.limiting),
        form(
            locale,
            "/api/mcp/tokens/" + Tokens.limiting_id,
            say(locale, "ui.save"),
            policy_fields(locale, "edit", Tokens.currencies, Tokens.limits, Tokens.held),
            class_name="stack",
            key=Tokens.limiting_id,
            marks={
                "data-vk-method": "PATCH",
                "data-vk-lists": "policy.approval.verbs",
                "data-vk-objects": "policy",
                "data-vk-close": "true",
            },
        ),
        acts(locale, "limits"),
    )


def _secret(locale: str) -> rx.Component:
    """Filled by forms.js straight from the answer, emptied when it closes."""
    return dialog(
        "secret",
        say(locale, "ui.tokens.secret.title"),
        rx.el.p(say(locale, "ui.tokens.secret.text"), class_name="quiet"),
        rx.el.div(
            rx.el.code(id="the-secret", custom_attrs={"data-secret": "true"}),
            button(say(locale, "ui.copy"), kind="small", custom_attrs={"data-copy": "#the-secret"}),
            class_name="copy",
        ),
        rx.el.div(
            button(
                say(locale, "ui.tokens.secret.done"),
                kind="go",
                on_click=[close_dialog("secret"), Tokens.load],
            ),
            class_name="acts",
        ),
    )
