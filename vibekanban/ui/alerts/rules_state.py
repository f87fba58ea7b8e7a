"""What the page of alerts holds: the alerts, their firings, and the draft that is being written."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.errors import AppError, Invalid
from vibekanban.core.i18n import say
from vibekanban.domains.alerts import alerts
from vibekanban.domains.alerts.models import Alert, AlertType
from vibekanban.domains.alerts.templates import TEMPLATES
from vibekanban.domains.meta import accounts
from vibekanban.domains.meta.models import Level
from vibekanban.domains.notifications import own_channels, preferences
from vibekanban.domains.notifications.kinds import Subject
from vibekanban.ui import base, guard
from vibekanban.ui.alerts import words
from vibekanban.ui.alerts.history import Fired, fired
from vibekanban.ui.alerts.words import Line
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.live_state import LiveState

EMAIL = "email"
BLANK = {
    "name": "",
    "account": "",
    "level": "campaign",
    "filter": "",
    "join": "all",
    "window": "today",
    "maturity": "0",
    "cooldown": "60",
    "hysteresis": "0",
    "action": "",
    "percent": "-20",
    "atMost": "",
    "json": "",
}
MOST_LINES = 8


@dataclass
class Rule:
    id: str
    name: str
    where: str
    what: str
    told: str
    fired_at: str
    active: bool


class Alerts(LiveState, rx.State):
    rules: list[Rule] = []
    fired: list[Fired] = []
    accounts: list[list[str]] = []
    own: list[list[str]] = []
    editing_id: str = ""
    removing_id: str = ""
    removing: str = ""
    gone_id: str = ""
    gone_text: str = ""
    draft: dict[str, str] = dict(BLANK)
    lines: list[Line] = []
    chosen: list[str] = []
    branched: bool = False
    wrong: str = ""
    edition: int = 0  # of the draft: what was tried of another one says nothing of this one

    @guard.signed_in
    async def load(self) -> None:
        self.edition += 1  # whoever arrives anew has no dialog open
        await self._show()

    # -- the draft

    @guard.signed_in
    async def begin(self, name: str) -> rx.event.EventSpec:
        """A new alert, blank or from a template."""
        locale = locale_of(self)
        self._fresh()
        self.draft = dict(BLANK) | {"account": self.accounts[0][0] if self.accounts else ""}
        wishes = await base.run(self, preferences.preferences)
        self.lines, self.chosen = [Line()], list(wishes.routes[Subject.ALERTS])
        if name in TEMPLATES:
            template = TEMPLATES[name]
            self.draft["name"] = say(locale, f"alerts.template.{name}")
            self._take(template["condition"])
            self.draft |= {
                "window": template["window"],
                "cooldown": str(template["cooldown_minutes"]),
                "maturity": str(template.get("maturity_hours", 0)),
            }
        return open_dialog("alert")

    @guard.signed_in
    async def edit(self, alert_id: str) -> rx.event.EventSpec:
        found = await base.run(self, alerts.alert, UUID(alert_id))
        self._fresh()
        self.editing_id, self.chosen = alert_id, list(found.channels)
        action = found.action or {}
        self.draft = dict(BLANK) | {
            "name": found.name,
            "account": str(found.account_id),
            "level": found.level.value,
            "filter": found.name_filter,
            "window": found.window,
            "maturity": str(found.maturity_hours),
            "cooldown": str(found.cooldown_minutes),
            "hysteresis": f"{found.hysteresis:g}",
            "action": str(action.get("kind", "")),
            "percent": f"{action.get('percent', -20):g}",
            "atMost": f"{action['atMost']:g}" if action.get("atMost") else "",
        }
        self._take(found.condition)
        return open_dialog("alert")

    @guard.signed_in
    async def put(self, name: str, value: str) -> None:
        if name in BLANK:
            self.draft[name] = value[:4000]
            self.edition += 1

    @guard.signed_in
    async def line(self, by: int, name: str, value: str) -> None:
        if 0 <= by < len(self.lines) and name in Line.__dataclass_fields__:
            self.lines[by] = replace(self.lines[by], **{name: value[:40]})
            self.edition += 1

    @guard.signed_in
    async def add_line(self) -> None:
        if len(self.lines) < MOST_LINES:
            self.lines.append(Line())
            self.edition += 1

    @guard.signed_in
    async def drop_line(self, by: int) -> None:
        if len(self.lines) > 1 and 0 <= by < len(self.lines):
            self.lines.pop(by)
            self.edition += 1

    @guard.signed_in
    async def channel(self, name: str, on: bool) -> None:
        self.chosen = [one for one in self.chosen if one != name] + ([name] if on else [])

    @guard.signed_in
    async def save(self) -> list[rx.event.EventSpec]:
        locale = locale_of(self)
        self.wrong = ""
        try:
            values = self._values()
            if self.editing_id:
                del values["account_id"]
                await base.run(self, alerts.change, UUID(self.editing_id), **values)
            else:
                await base.run(self, alerts.create, **values)
        except AppError as error:
            self.wrong = guard.sentence(error, locale)
            return []
        await self._show()
        return [close_dialog("alert"), rx.toast.success(say(locale, "ui.saved"))]

    # -- the list

    @guard.signed_in
    async def switch(self, alert_id: str, on: bool) -> None:
        await base.run(self, alerts.change, UUID(alert_id), is_active=on)
        await self._show()

    @guard.signed_in
    async def ask_to_remove(self, alert_id: str) -> rx.event.EventSpec:
        found = await base.run(self, alerts.alert, UUID(alert_id))
        self.removing_id, self.removing = alert_id, found.name
        return open_dialog("remove-alert")

    @guard.signed_in
    async def remove(self) -> rx.event.EventSpec:
        await base.run(self, alerts.remove, UUID(self.removing_id))
        self.gone_id = self.removing_id
        self.gone_text = say(locale_of(self), "alerts.gone", name=self.removing)
        await self._show()
        return close_dialog("remove-alert")

    @guard.signed_in
    async def undo(self) -> rx.event.EventSpec:
        back = await base.run(self, alerts.restore, UUID(self.gone_id))
        self.gone_id = self.gone_text = ""
        await self._show()
        return rx.toast.success(say(locale_of(self), "alerts.undo.done", name=back.name))

    @guard.signed_in
    async def forget_undo(self) -> None:
        self.gone_id = self.gone_text = ""

    # -- inside

    def _fresh(self) -> None:
        self.editing_id = self.wrong = ""
        self.branched = False
        self.edition += 1

    def _take(self, condition: dict[str, Any]) -> None:
        flat = words.lines(condition)
        self.branched = flat is None
        if flat is None:
            self.draft["json"] = json.dumps(condition, indent=2, ensure_ascii=False)
            self.lines = [Line()]
        else:
            self.draft["join"], self.lines = flat

    def _values(self) -> dict[str, Any]:
        """The draft as the domain takes it; Invalid for what can not be read at all."""
        draft = self.draft
        account_id = base.uuid_of(draft["account"])
        if account_id is None:
            raise Invalid({"accountId": "alerts.field.place"})
        try:
            condition = (
                json.loads(draft["json"]) if self.branched else words.document(draft["join"], self.lines)
            )
        except ValueError:
            raise Invalid({"condition": "alerts.field.condition"}) from None
        values: dict[str, Any] = {
            "name": draft["name"],
            "type": _type(condition),
            "account_id": account_id,
            "level": Level(draft["level"]),
            "name_filter": draft["filter"],
            "condition": condition,
            "window": draft["window"],
            "maturity_hours": _whole(draft["maturity"], 0, 168),
            "cooldown_minutes": _whole(draft["cooldown"], 0, 43_200),
            "hysteresis": float(_whole(draft["hysteresis"], 0, 100)),
            "channels": list(self.chosen),
        }
        if draft["action"]:
            values["action"] = {"kind": draft["action"]}
            if draft["action"] == "changeBudget":
                values["action"] |= {
                    "percent": words.number(draft["percent"]),
                    "atMost": words.number(draft["atMost"]),
                }
        else:
            values["action"] = None
        return values

    def _currency(self) -> str:
        return next((one[2] for one in self.accounts if one[0] == self.draft["account"]), "EUR")

    async def _show(self) -> None:
        locale = locale_of(self)
        known = {one.account.id: one.account for one in await base.run(self, accounts.connected, limit=1000)}
        self.accounts = [[str(one.id), one.name, one.currency] for one in known.values()]
        self.own = [
            [str(one.id), one.label] for one in await base.run(self, own_channels.channels) if one.is_active
        ]
        # one without a condition only puts its account into the daily summary, which has a place of its own
        found = {one.id: one for one in await base.run(self, alerts.alerts, limit=1000) if one.condition}

        def currency(alert: Alert) -> str:
            return known[alert.account_id].currency if alert.account_id in known else "EUR"

        self.rules = [
            Rule(
                id=str(one.id),
                name=one.name,
                where=known[one.account_id].name if one.account_id in known else "—",
                what=words.told(one.condition, one.window, locale, currency(one)),
                told=_told(one, locale),
                fired_at=one.last_fired_at.isoformat() if one.last_fired_at else "",
                active=one.is_active,
            )
            for one in found.values()
        ]
        self.fired = [
            fired(one, found[one.alert_id].name, currency(found[one.alert_id]), locale)
            for one in await base.run(self, alerts.latest, limit=50)
            if one.alert_id in found
        ]
        self.loaded = True


def _type(condition: Any) -> AlertType:
    """The contract's four types, by what is watched."""
    text = json.dumps(condition)
    if any(f'"{name}"' in text for name in ("disapprovedAds", "troubledObjects", "wornAds")):
        return AlertType.CAMPAIGN_ERROR
    return (
        AlertType.PERFORMANCE_DROP
        if '"compare"' in text and '"spend"' not in text
        else AlertType.BUDGET_THRESHOLD
    )


def _whole(text: str, least: int, most: int) -> int:
    found = words.number(text or "0")
    if isinstance(found, str):
        raise Invalid({"value": "alerts.field.value"})
    return int(min(max(found, least), most))


def _told(alert: Alert, locale: i18n.Locale) -> str:
    """What it does beside the inbox."""
    action = (alert.action or {}).get("kind")
    parts = [say(locale, f"alerts.action.{action}")] if action else []
    if alert.channels:
        parts.append(i18n.counted(locale, "alerts.channels", len(alert.channels)))
    return " · ".join(parts)
