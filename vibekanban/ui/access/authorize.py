"""Authorize: a program asks for a token; the page names who asks, and the person chooses accounts and verbs."""

from __future__ import annotations

from urllib.parse import urlsplit

import reflex as rx

from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.access import oauth
from vibekanban.domains.access.models import Scope
from vibekanban.domains.meta import accounts
from vibekanban.ui import base, guard
from vibekanban.ui.accounts.door import form
from vibekanban.ui.base import path
from vibekanban.ui.components.parts import anchor, bones, button, card, empty
from vibekanban.ui.layout import shell


class Authorize(rx.State):
    asked_id: str = ""
    client: str = ""
    host: str = ""
    scopes: list[str] = []
    accounts: list[list[str]] = []
    loaded: bool = False

    @guard.signed_in
    async def load(self) -> None:
        self.loaded, self.asked_id = True, ""
        request_id = base.uuid_of(str(self.router.url.query_parameters.get("request", "")))
        if request_id is None:
            return
        try:
            asked, name = await base.run(self, _question, request_id)
        except NotFound:
            return
        self.asked_id, self.client, self.scopes = str(request_id), name, list(asked.scopes)
        parts = urlsplit(asked.redirect_uri)
        self.host = parts.netloc or f"{parts.scheme}:"
        known = await base.run(self, accounts.connected, limit=1000)
        self.accounts = [
            [str(one.account.id), f"{one.account.name} · {one.account.currency}"] for one in known
        ]


def _question(session: base.Session, _user_id: base.UUID, request_id: base.UUID):
    return oauth.question(session, request_id)


def page(locale: str) -> rx.Component:
    return shell(
        locale,
        "connect",
        say(locale, "ui.authorize.title"),
        rx.cond(
            ~Authorize.loaded,
            card("", bones(4)),
            rx.cond(Authorize.asked_id != "", _asked(locale), _over(locale)),
        ),
    )


def _asked(locale: str) -> rx.Component:
    return card(
        say(locale, "ui.authorize.asks"),
        rx.el.p(
            rx.el.b(Authorize.client),
            " ",
            say(locale, "ui.authorize.wants"),
            " ",
            rx.el.code(Authorize.host),
        ),
        rx.el.p(say(locale, "ui.authorize.warning"), class_name="banner warn", style={"margin": "14px 0"}),
        form(
            locale,
            "/api/oauth/requests/" + Authorize.asked_id + "/allow",
            say(locale, "ui.authorize.allow"),
            rx.el.fieldset(
                rx.el.legend(say(locale, "ui.tokens.accounts"), class_name="label strong"),
                rx.foreach(
                    Authorize.accounts,
                    lambda one: rx.el.label(
                        rx.el.input(type="checkbox", name="accountIds", value=one[0]),
                        one[1],
                        class_name="check",
                    ),
                ),
                rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "accountIds"}),
                class_name="bare",
            ),
            rx.el.fieldset(
                rx.el.legend(say(locale, "ui.tokens.scopes"), class_name="label strong"),
                *[
                    rx.cond(
                        Authorize.scopes.contains(scope.value),
                        rx.el.label(
                            rx.el.input(
                                type="checkbox",
                                name="scopes",
                                value=scope.value,
                                default_checked=scope is Scope.READ,
                            ),
                            say(locale, f"ui.scope.{scope.value}"),
                            class_name="check",
                        ),
                    )
                    for scope in Scope
                ],
                rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "scopes"}),
                class_name="bare",
            ),
            class_name="stack",
            marks={"data-vk-lists": "accountIds,scopes"},
        ),
        rx.el.form(
            button(say(locale, "ui.authorize.deny"), kind="wide", type="submit"),
            action="/api/oauth/requests/" + Authorize.asked_id + "/deny",
            custom_attrs={"data-vk-form": "true", "data-vk-offline": say(locale, "ui.offline")},
            style={"marginTop": "10px"},
        ),
        style={"maxWidth": "560px"},
    )


def _over(locale: str) -> rx.Component:
    return card(
        say(locale, "ui.authorize.title"),
        empty(
            "key",
            say(locale, "ui.authorize.over"),
            say(locale, "ui.authorize.over_text"),
            anchor(say(locale, "ui.tokens.connect"), path(locale, "/app/connect")),
        ),
    )
