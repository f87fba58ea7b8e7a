"""What the page of automations holds: the list, and the template that is being started from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import reflex as rx

from vibekanban.core.errors import AppError
from vibekanban.core.i18n import say
from vibekanban.core.settings import settings
from vibekanban.domains.automations import automations, stakes, templates
from vibekanban.domains.meta import accounts
from vibekanban.ui import base, guard
from vibekanban.ui.automations import words
from vibekanban.ui.base import locale_of, path
from vibekanban.ui.components.parts import open_dialog
from vibekanban.ui.live_state import LiveState


@dataclass
class Line:
    """An automation in the list."""

    id: str
    href: str
    name: str
    about: str
    state: str
    tone: str
    stops: list[str]
    outgrown: bool
    last_at: str
    last: str
    last_tone: str
    stake: str
    limits: list[str]
    ended: bool


@dataclass
class Asked:
    """A parameter in a form."""

    name: str
    label: str
    value: str
    least: str
    most: str
    step: str


class Automations(LiveState, rx.State):
    lines: list[Line] = []
    ended: list[Line] = []
    accounts: list[list[str]] = []
    template: str = ""
    title: str = ""
    text: str = ""
    asked: list[Asked] = []
    wrong: str = ""
    offered: bool = True

    @guard.signed_in
    async def start(self, name: str) -> rx.event.EventSpec:
        """Open the form of a template."""
        chosen, locale = templates.template(name), locale_of(self)
        self.template, self.wrong = chosen.key, ""
        self.title = say(locale, f"automations.templates.{chosen.key}")
        self.text = say(locale, f"automations.templates.{chosen.key}.text")
        self.asked = asked(chosen.key, chosen.defaults, locale)
        return open_dialog("automation")

    @guard.signed_in
    async def begin(self, form: dict[str, Any]) -> rx.event.EventSpec | None:
        locale = locale_of(self)
        self.wrong = ""
        try:
            made = await base.run(
                self,
                automations.create,
                template=self.template,
                name=str(form.get("name") or ""),
                account_ids=words.accounts_of(form),
                params=words.params_of(form),
                policy=words.policy_of(form, {}),
            )
        except AppError as error:
            self.wrong = guard.sentence(error, locale)
            return None
        return rx.redirect(f"{path(locale, '/app/automation')}?automation={made.automation.id}")

    async def _show(self) -> None:
        locale = locale_of(self)
        self.offered = settings().enable_copy_strategy
        known = {
            one.account.id: one.account.name for one in await base.run(self, accounts.connected, limit=1000)
        }
        self.accounts = [[str(account_id), name] for account_id, name in known.items()]
        lines = []
        for one in await base.run(self, automations.automations, limit=200):
            row = one.automation
            told, tone = words.state(one, locale)
            last, last_tone = words.run(one.last_run, locale)
            moved = await base.run(self, stakes.stakes, row.account_ids)
            lines.append(
                Line(
                    id=str(row.id),
                    href=f"{path(locale, '/app/automation')}?automation={row.id}",
                    name=row.name,
                    about=", ".join(known.get(account_id, "—") for account_id in row.account_ids),
                    state=told,
                    tone=tone,
                    stops=words.stops(one, locale),
                    outgrown=one.asks is not None,
                    last_at=one.last_run.started_at.isoformat() if one.last_run else "",
                    last=last,
                    last_tone=last_tone,
                    stake=words.money(moved, locale),
                    limits=words.limits(one.policy, locale),
                    ended=row.ended_at is not None,
                )
            )
        self.lines = [line for line in lines if not line.ended]
        self.ended = [line for line in lines if line.ended]
        self.loaded = True


def asked(template: str, values: dict[str, Any], locale: str) -> list[Asked]:
    """The fields of a template's parameters."""
    found = []
    for name, one in templates.template(template).schema["properties"].items():
        whole = one["type"] == "integer"
        found.append(
            Asked(
                name=f"param-{name}",
                label=say(locale, f"automations.templates.{template}.{name}"),
                value=words.plain(values.get(name, one["default"])),
                least=str(one.get("minimum", 0)),
                most=str(one["maximum"]),
                step="1" if whole else "any",
            )
        )
    return found
