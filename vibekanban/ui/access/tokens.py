"""MCP tokens: making one, seeing it once, rotating, revoking, and how to use it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.core.settings import settings
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta import accounts
from vibekanban.ui import base, guard
from vibekanban.ui.accounts.door import form
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import (
    button,
    card,
    close_dialog,
    copyable,
    dialog,
    empty,
    field,
    head,
    open_dialog,
    table,
    text_input,
)
from vibekanban.ui.layout import shell

REVEAL = {"data-vk-secret": "#secret"}


@dataclass
class Row:
    id: str
    name: str
    hint: str
    about: str
    scopes: str
    expires_at: str
    used_at: str


class Tokens(rx.State):
    rows: list[Row] = []
    accounts: list[list[str]] = []
    loaded: bool = False
    ending_id: str = ""
    ending: str = ""

    @guard.signed_in
    async def load(self) -> None:
        await self._show()

    @guard.signed_in
    async def changed(self, _topic: str, _account: str, _data: str) -> None:
        await self._show()

    @guard.signed_in
    async def ask_to_revoke(self, token_id: str) -> rx.event.EventSpec:
        token = await base.run(self, tokens.token, UUID(token_id))
        self.ending_id, self.ending = token_id, token.name
        return open_dialog("revoke")

    @guard.signed_in
    async def revoke(self) -> list[rx.event.EventSpec]:
        await base.run(self, tokens.revoke, UUID(self.ending_id))
        await self._show()
        return [
            close_dialog("revoke"),
            rx.toast.success(say(locale_of(self), "ui.tokens.revoked", name=self.ending)),
        ]

    async def _show(self) -> None:
        locale = locale_of(self)
        known = await base.run(self, accounts.connected, limit=1000)
        names = {one.account.id: one.account.name for one in known}
        self.accounts = [[str(account_id), name] for account_id, name in names.items()]
        self.rows = [
            Row(
                id=str(one.id),
                name=one.name,
                hint=f"{one.hint}…",
                about=", ".join(names.get(account_id, "—") for account_id in one.account_ids),
                scopes=", ".join(say(locale, f"ui.scope.{scope}") for scope in one.scopes),
                expires_at=one.expires_at.date().isoformat() if one.expires_at else "",
                used_at=one.last_used_at.isoformat() if one.last_used_at else "",
            )
            for one in await base.run(self, tokens.tokens, limit=100)
        ]
        self.loaded = True


# -- the page


def page(locale: str) -> rx.Component:
    return shell(
        locale,
        "tokens",
        say(locale, "ui.tokens.title"),
        live(topics=["audit"], on_change=Tokens.changed),
        card(
            say(locale, "ui.tokens.yours"),
            rx.cond(
                Tokens.rows.length() > 0,
                table(
                    say(locale, "ui.tokens.yours"),
                    [
                        *(
                            head(say(locale, f"ui.tokens.{name}"))
                            for name in ("name", "accounts", "scopes", "expires", "used")
                        ),
                        head(""),
                    ],
                    rx.foreach(Tokens.rows, lambda row: _row(locale, row)),
                ),
                empty("key", say(locale, "ui.tokens.empty.title"), say(locale, "ui.tokens.empty.text")),
            ),
            subtitle=say(locale, "ui.tokens.text"),
            aside=button(say(locale, "ui.tokens.new"), kind="go", symbol="plus", on_click=open_dialog("new")),
        ),
        _connect(locale),
        _new(locale),
        _secret(locale),
        dialog(
            "revoke",
            say(locale, "ui.tokens.revoke.title"),
            rx.el.p(rx.el.b(Tokens.ending), " ", say(locale, "ui.tokens.revoke.text")),
            rx.el.div(
                button(say(locale, "ui.cancel"), on_click=close_dialog("revoke")),
                button(say(locale, "ui.tokens.revoke"), kind="danger", on_click=Tokens.revoke),
                class_name="acts",
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
            rx.cond(row.expires_at != "", row.expires_at, say(locale, "ui.accounts.forever")),
            class_name="num",
        ),
        rx.el.td(time_ago(at=row.used_at, lang=locale, stale=10**9, never=say(locale, "ui.never"))),
        rx.el.td(
            rx.el.div(
                rx.el.form(
                    button(say(locale, "ui.tokens.rotate"), kind="small", type="submit"),
                    action="/api/mcp/tokens/" + row.id + "/rotate",
                    custom_attrs={
                        "data-vk-form": "true",
                        "data-vk-offline": say(locale, "ui.offline"),
                        **REVEAL,
                    },
                ),
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
            class_name="stack",
            marks={"data-vk-lists": "accountIds,scopes", **REVEAL},
        ),
        rx.el.div(button(say(locale, "ui.cancel"), on_click=close_dialog("new")), class_name="acts"),
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


def _connect(locale: str) -> rx.Component:
    address = f"{settings().api_origin}/mcp"
    curl = (
        f"curl -s {settings().api_origin}/api/mcp/tools/list_accounts -H 'Authorization: Bearer vkm_…'"
        " -H 'Content-Type: application/json' -d '{\"arguments\":{}}'"
    )
    return card(
        say(locale, "ui.tokens.connect"),
        rx.el.div(
            rx.el.p(say(locale, "ui.tokens.address"), class_name="strong small"),
            copyable(address, say(locale, "ui.copy")),
            rx.el.p(say(locale, "ui.tokens.curl"), class_name="strong small"),
            copyable(curl, say(locale, "ui.copy")),
            class_name="stack tight",
        ),
        subtitle=say(locale, "ui.tokens.connect.text"),
    )
