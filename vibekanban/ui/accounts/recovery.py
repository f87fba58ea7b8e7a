"""A forgotten password, its new one, and the link that proves an address."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.accounts.door import done, form
from vibekanban.ui.base import path
from vibekanban.ui.components.parts import field, text_input
from vibekanban.ui.layout import door


def forgot(locale: str) -> rx.Component:
    return door(
        locale,
        "/forgot-password",
        say(locale, "ui.forgot.title"),
        rx.el.p(say(locale, "ui.forgot.text"), class_name="quiet"),
        form(
            locale,
            "/api/auth/forgot-password",
            say(locale, "ui.forgot.go"),
            field(
                "email",
                say(locale, "ui.email"),
                text_input("email", kind="email", auto_complete="username", required=True),
            ),
            done="#sent",
        ),
        done("sent", say(locale, "ui.forgot.sent")),
        rx.el.p(rx.el.a(say(locale, "ui.sign_in.title"), href=path(locale, "/sign-in"), class_name="link")),
    )


def reset(locale: str) -> rx.Component:
    return door(
        locale,
        "/reset-password",
        say(locale, "ui.reset.title"),
        form(
            locale,
            "/api/auth/reset-password",
            say(locale, "ui.reset.go"),
            rx.el.input(type="hidden", name="token", custom_attrs={"data-vk-token": "true"}),
            field(
                "password",
                say(locale, "ui.reset.password"),
                text_input(
                    "password", kind="password", auto_complete="new-password", required=True, min_length=10
                ),
                hint=say(locale, "ui.password.hint"),
            ),
            rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "token"}),
            done="#changed",
        ),
        done("changed", say(locale, "ui.reset.done")),
        rx.el.p(rx.el.a(say(locale, "ui.sign_in.title"), href=path(locale, "/sign-in"), class_name="link")),
    )


def verify(locale: str) -> rx.Component:
    return door(
        locale,
        "/verify-email",
        say(locale, "ui.verify.title"),
        rx.el.p(say(locale, "ui.verify.text"), class_name="quiet"),
        form(
            locale,
            "/api/auth/verify-email",
            say(locale, "ui.verify.go"),
            rx.el.input(type="hidden", name="token", custom_attrs={"data-vk-token": "true"}),
            rx.el.span(class_name="wrong", role="alert", custom_attrs={"data-error-for": "token"}),
            done="#verified",
        ),
        done("verified", say(locale, "ui.verify.done")),
        rx.el.p(rx.el.a(say(locale, "ui.verify.on"), href=path(locale, "/app"), class_name="link")),
    )
