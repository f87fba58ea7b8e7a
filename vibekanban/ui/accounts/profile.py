"""One's own profile: name, language, timezone, and the sessions that are open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx
from ua_parser import parse

from vibekanban.core.i18n import say
from vibekanban.domains.accounts import hot, people, queries, sessions
from vibekanban.ui import base, guard
from vibekanban.ui.accounts.door import done, form
from vibekanban.ui.base import Viewer, locale_of
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.parts import button, card, field, head, pill, table, text_input
from vibekanban.ui.layout import shell


@dataclass
class Open:
    id: str
    kind: str
    device: str
    address: str
    seen_at: str
    mine: bool


class Profile(rx.State):
    name: str = ""
    locale: str = "es"
    timezone: str = ""
    verified: bool = True
    sessions: list[Open] = []

    @guard.signed_in
    async def load(self) -> None:
        await self._show()

    @guard.signed_in
    async def save(self, form: dict[str, Any]) -> rx.event.EventSpec:
        user = await base.run(
            self,
            people.update_profile,
            name=str(form.get("name", "")),
            locale=str(form.get("locale", "")),
            timezone=str(form.get("timezone", "")),
        )
        viewer = await self.get_state(Viewer)
        viewer.name = user.name
        await self._show()
        return rx.toast.success(say(locale_of(self), "ui.saved"))

    @guard.signed_in
    async def end(self, session_id: str) -> None:
        await base.run(self, sessions.end, UUID(session_id))
        await self._show()

    @guard.signed_in
    async def end_others(self) -> rx.event.EventSpec:
        seen = await hot.seen(guard.cookie_of(self))
        ended = await base.run(self, sessions.end_all, but=seen.session_id if seen else None)
        await self._show()
        return rx.toast.success(say(locale_of(self), "ui.profile.ended", count=ended))

    async def _show(self) -> None:
        user = await base.run(self, queries.user)
        if user is None:
            return
        seen = await hot.seen(guard.cookie_of(self))
        self.name, self.locale, self.timezone, self.verified = (
            user.name,
            user.locale,
            user.timezone,
            user.is_verified,
        )
        found = await base.run(self, sessions.live)
        self.sessions = [
            Open(
                str(one.id),
                one.kind.value,
                _device(one.user_agent),
                one.address,
                one.last_seen_at.isoformat(),
                seen is not None and one.id == seen.session_id,
            )
            for one in found
        ]


def _device(user_agent: str) -> str:
    """ "Firefox · Linux" where the browser says so, else the first words of what it says."""
    found = parse(user_agent)
    names = [part.family for part in (found.user_agent, found.os) if part is not None]
    return " · ".join(names) or user_agent[:40]


def page(locale: str) -> rx.Component:
    return shell(
        locale,
        "profile",
        say(locale, "ui.nav.profile"),
        rx.cond(
            ~Profile.verified,
            rx.el.div(
                rx.el.span(say(locale, "ui.profile.unverified")),
                form(
                    locale, "/api/auth/verify-email/resend", say(locale, "ui.profile.resend"), done="#resent"
                ),
                done("resent", say(locale, "ui.profile.resent")),
                class_name="banner warn",
            ),
        ),
        card(
            say(locale, "ui.profile.title"),
            rx.el.form(
                field(
                    "name",
                    say(locale, "ui.name"),
                    text_input("name", default_value=Profile.name, key=Profile.name),
                ),
                field(
                    "locale",
                    say(locale, "ui.profile.locale"),
                    rx.el.select(
                        rx.el.option("Español", value="es"),
                        rx.el.option("English", value="en"),
                        id="locale",
                        name="locale",
                        default_value=Profile.locale,
                        key=Profile.locale,
                        class_name="input",
                    ),
                ),
                field(
                    "timezone",
                    say(locale, "ui.profile.timezone"),
                    text_input(
                        "timezone", default_value=Profile.timezone, key=Profile.timezone, list="zones"
                    ),
                ),
                rx.el.datalist(id="zones"),
                rx.el.div(button(say(locale, "ui.save"), kind="go", type="submit"), class_name="spread"),
                on_submit=Profile.save,
                class_name="stack",
                style={"maxWidth": "460px"},
            ),
        ),
        card(
            say(locale, "ui.password"),
            form(
                locale,
                "/api/auth/password",
                say(locale, "ui.profile.password.go"),
                _password("currentPassword", say(locale, "ui.profile.password.current"), "current-password"),
                _password(
                    "password",
                    say(locale, "ui.reset.password"),
                    "new-password",
                    hint=say(locale, "ui.password.hint"),
                ),
                done="#password-changed",
                class_name="stack",
                style={"maxWidth": "460px"},
            ),
            done("password-changed", say(locale, "ui.profile.password.done")),
        ),
        card(
            say(locale, "ui.profile.sessions"),
            table(
                say(locale, "ui.profile.sessions"),
                [head(say(locale, f"ui.profile.{name}")) for name in ("device", "address", "seen")]
                + [head(rx.el.span(say(locale, "ui.profile.end"), class_name="sr"))],
                rx.foreach(Profile.sessions, lambda one: _session(locale, one)),
            ),
            aside=button(say(locale, "ui.profile.end_others"), kind="small", on_click=Profile.end_others),
        ),
    )


def _password(name: str, label: str, kind: str, *, hint: str = "") -> rx.Component:
    control = text_input(name, kind="password", auto_complete=kind, required=True)
    return field(name, label, control, hint=hint)


def _session(locale: str, one: rx.Var[Open]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.cond(one.kind == "api", "API · ", ""),
            one.device,
            " ",
            rx.cond(one.mine, pill(say(locale, "ui.profile.this"), "good")),
        ),
        rx.el.td(one.address, class_name="num"),
        rx.el.td(time_ago(at=one.seen_at, lang=locale, stale=10**9)),
        rx.el.td(
            rx.cond(
                one.mine,
                rx.fragment(),
                button(say(locale, "ui.profile.end"), kind="small danger", on_click=Profile.end(one.id)),
            ),
            class_name="n",
        ),
    )
