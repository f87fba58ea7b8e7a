"""Registering."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.accounts.door import form
from vibekanban.ui.base import path
from vibekanban.ui.components.parts import field, text_input
from vibekanban.ui.layout import door


def page(locale: str) -> rx.Component:
    roles = [rx.el.option(say(locale, f"ui.role.{role}"), value=role) for role in ("TRAFICER", "EMPRESARIO")]
    return door(
        locale,
        "/register",
        say(locale, "ui.register.title"),
        form(
            locale,
            "/auth/register",
            say(locale, "ui.register.go"),
            field("name", say(locale, "ui.name"), text_input("name", auto_complete="name", required=True)),
            field(
                "email",
                say(locale, "ui.email"),
                text_input("email", kind="email", auto_complete="email", required=True),
            ),
            field(
                "password",
                say(locale, "ui.password"),
                text_input(
                    "password", kind="password", auto_complete="new-password", required=True, min_length=10
                ),
                hint=say(locale, "ui.password.hint"),
            ),
            field(
                "role",
                say(locale, "ui.role"),
                rx.el.select(*roles, id="role", name="role", class_name="input"),
            ),
        ),
        rx.el.p(
            say(locale, "ui.register.known"),
            " ",
            rx.el.a(say(locale, "ui.sign_in.title"), href=path(locale, "/sign-in"), class_name="link"),
        ),
    )
