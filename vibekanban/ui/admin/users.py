"""People, for administrators."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import reflex as rx

from vibekanban.core import db
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import people
from vibekanban.domains.accounts.models import Role
from vibekanban.ui import base, guard
from vibekanban.ui.base import Viewer
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.parts import (
    acts,
    button,
    card,
    close_dialog,
    dialog,
    empty,
    head,
    open_dialog,
    pill,
    table,
)
from vibekanban.ui.layout import shell


@dataclass
class Person:
    id: str
    name: str
    email: str
    role: str
    active: bool
    since: str


class Users(rx.State):
    people: list[Person] = []
    search: str = ""
    chosen_id: str = ""
    chosen_name: str = ""

    @guard.only(Role.ADMIN)
    async def load(self) -> None:
        await self._show()

    @guard.only(Role.ADMIN)
    async def find(self, text: str) -> None:
        self.search = text[:100]
        await self._show()

    @guard.only(Role.ADMIN)
    async def ask(self, user_id: str) -> rx.event.EventSpec | None:
        person = next((one for one in self.people if one.id == user_id), None)
        if person is None:
            return None
        self.chosen_id, self.chosen_name = person.id, person.name
        return open_dialog("lock")

    @guard.only(Role.ADMIN)
    async def lock(self) -> rx.event.EventSpec:
        await db.run(people.set_active, await base.user_id(self), UUID(self.chosen_id), active=False)
        await self._show()
        return close_dialog("lock")

    @guard.only(Role.ADMIN)
    async def unlock(self, user_id: str) -> None:
        await db.run(people.set_active, await base.user_id(self), UUID(user_id), active=True)
        await self._show()

    async def _show(self) -> None:
        found = await db.run(people.search, text=self.search, limit=100)
        self.people = [
            Person(
                str(one.id), one.name, one.email, one.role.value, one.is_active, one.created_at.isoformat()
            )
            for one in found
        ]


def page(locale: str) -> rx.Component:
    names = ("name", "email", "role", "state", "since")
    return shell(
        locale,
        "users",
        say(locale, "ui.nav.users"),
        card(
            say(locale, "ui.users.title"),
            rx.el.input(
                type="search",
                placeholder=say(locale, "ui.users.search"),
                on_change=Users.find.debounce(300),
                class_name="input",
                style={"marginBottom": "12px"},
                custom_attrs={"aria-label": say(locale, "ui.users.search")},
            ),
            table(
                say(locale, "ui.users.title"),
                [*(head(say(locale, f"ui.users.{name}")) for name in names), head("")],
                rx.foreach(Users.people, lambda one: _person(locale, one)),
            ),
            rx.cond(
                (Users.people.length() == 0) & (Users.search != ""),
                empty("user", say(locale, "ui.users.none"), say(locale, "ui.users.none_text")),
            ),
        ),
        dialog(
            "lock",
            say(locale, "ui.users.lock"),
            rx.el.p(rx.el.strong(Users.chosen_name), " ", say(locale, "ui.users.lock_text")),
            acts(locale, "lock", button(say(locale, "ui.users.lock"), kind="danger", on_click=Users.lock)),
        ),
    )


def _person(locale: str, one: rx.Var[Person]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(one.name),
        rx.el.td(one.email),
        rx.el.td(
            rx.match(
                one.role,
                *((role.value, say(locale, f"accounts.role.{role.value}")) for role in Role),
                one.role,
            )
        ),
        rx.el.td(
            rx.cond(
                one.active,
                pill(say(locale, "ui.users.active"), "good"),
                pill(say(locale, "ui.users.out"), "bad"),
            )
        ),
        rx.el.td(time_ago(at=one.since, lang=locale, stale=10**9)),
        rx.el.td(
            rx.cond(
                one.email == Viewer.email,
                rx.fragment(),
                rx.cond(
                    one.active,
                    button(
                        say(locale, "ui.users.lock"),
                        kind="small danger",
                        on_click=Users.ask(one.id),
                    ),
                    button(say(locale, "ui.users.unlock"), kind="small", on_click=Users.unlock(one.id)),
                ),
            ),
            class_name="n",
        ),
    )
