"""Signing in."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import demo
from vibekanban.ui import guard
from vibekanban.ui.accounts.door import form
from vibekanban.ui.base import path
from vibekanban.ui.components.parts import field, text_input
from vibekanban.ui.layout import door


class SignIn(rx.State):
    next: str = ""
    people: list[list[str]] = []

    @guard.public
    async def load(self) -> None:
        """Where the person wanted to go (the API checks that it is a page of ours), and whom a demo offers."""
        self.people = [[one.email, one.password] for one in demo.PEOPLE] if settings().has_demo else []
        self.next = self.router.url.query_parameters.get("next", "")[:300]


def page(locale: str) -> rx.Component:
    return door(
        locale,
        "/sign-in",
        say(locale, "ui.sign_in.title"),
        form(
            locale,
            "/auth/sign-in",
            say(locale, "ui.sign_in.go"),
            field(
                "email",
                say(locale, "ui.email"),
                text_input("email", kind="email", auto_complete="username", required=True),
            ),
            field(
                "password",
                say(locale, "ui.password"),
                text_input("password", kind="password", auto_complete="current-password", required=True),
            ),
            rx.el.input(type="hidden", name="next", value=SignIn.next),
        ),
        rx.el.p(
            rx.el.a(say(locale, "ui.forgot.title"), href=path(locale, "/forgot-password"), class_name="link")
        ),
        rx.el.p(
            say(locale, "ui.sign_in.new"),
            " ",
            rx.el.a(say(locale, "ui.register.title"), href=path(locale, "/register"), class_name="link"),
        ),
        _demo(locale),
    )


def _demo(locale: str) -> rx.Component:
    """The people of the demonstration, where there are any; the place is kept, so that nothing moves."""
    people = rx.foreach(
        SignIn.people,
        lambda one: rx.el.li(rx.el.code(one[0]), " · ", rx.el.code(one[1]), class_name="small"),
    )
    return rx.el.div(
        rx.cond(
            SignIn.people.length() > 0,
            rx.el.details(
                rx.el.summary(say(locale, "ui.sign_in.demo")), rx.el.ul(people, class_name="plain")
            ),
        ),
        class_name="small",
        style={"minHeight": "1.5em"},
    )
