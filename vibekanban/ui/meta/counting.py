"""The dialog of the accounts page that says which action type an account counts as its conversion."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.meta import conversions, insights
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import acts, button, close_dialog, dialog, open_dialog

DEFAULT = ""  # the value of the choice that declares nothing


@dataclass
class Choice:
    """An action type as the dialog offers it."""

    value: str
    label: str
    code: str
    count: str
    chosen: bool


class Counting(rx.State):
    account_id: str = ""
    account: str = ""
    choices: list[Choice] = []
    busy: bool = False

    @guard.signed_in
    async def ask(self, account_id: str) -> rx.event.EventSpec:
        locale = locale_of(self)
        offer = await base.run(self, conversions.offered, UUID(account_id))
        self.account_id, self.account = account_id, offer.account.name
        declared = offer.account.conversion_event or DEFAULT
        order = ", ".join(insights.PURCHASES)
        self.choices = [
            Choice(DEFAULT, say(locale, "ui.counting.default"), order, "", declared == DEFAULT),
            *(
                Choice(
                    one.action_type,
                    name(one.action_type, locale),
                    one.action_type,
                    shown.count(one.count, locale),
                    declared == one.action_type,
                )
                for one in offer.events
            ),
        ]
        return open_dialog("counting")

    @guard.signed_in
    async def choose(self, form: dict[str, Any]) -> Any:
        """Count by the choice from now on; a large account takes a moment."""
        self.busy = True
        yield
        try:
            user_id = await base.user_id(self)
            event = str(form.get("event") or "") or None
            await asyncio.to_thread(conversions.declare, user_id, UUID(self.account_id), event)
        finally:
            self.busy = False
        yield close_dialog("counting")
        yield rx.toast.success(say(locale_of(self), "ui.counting.done", name=self.account))


def name(action_type: str, locale: str) -> str:
    """What people call an action type; nothing where we know no other name than its own."""
    return i18n.catalogue(i18n.known(locale)).get(f"ui.event.{action_type}", "")


def counting(locale: str) -> rx.Component:
    return dialog(
        "counting",
        say(locale, "ui.counting.title"),
        rx.el.p(rx.el.b(Counting.account), " · ", say(locale, "ui.counting.text"), class_name="quiet"),
        rx.el.form(
            rx.el.fieldset(
                rx.el.legend(say(locale, "ui.counting.legend"), class_name="small quiet"),
                rx.foreach(Counting.choices, _choice),
                class_name="choices",
                tab_index=0,
            ),
            acts(
                locale,
                "counting",
                button(say(locale, "ui.counting.go"), kind="go", type="submit", disabled=Counting.busy),
            ),
            on_submit=Counting.choose,
            key=Counting.account_id,  # another account's dialog begins with its own choice
        ),
    )


def _choice(one: rx.Var[Choice]) -> rx.Component:
    return rx.el.label(
        rx.el.input(type="radio", name="event", value=one.value, default_checked=one.chosen),
        rx.el.span(
            rx.cond(one.label != "", rx.el.span(one.label)),
            rx.el.code(one.code, class_name="small quiet"),
            class_name="grow stack tight",
        ),
        rx.el.b(one.count, class_name="num"),
        class_name="check",
    )
