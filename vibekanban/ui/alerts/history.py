"""What fired, with the numbers that fired it and what was done: one alert's history, and files to take away."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import queries
from vibekanban.domains.alerts import alerts, sheet, wording
from vibekanban.domains.alerts.models import AlertEvent
from vibekanban.domains.meta import accounts
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.parts import button, close_dialog, dialog, head, open_dialog, table

PAGE, MOST_EXPORTED = 20, 10_000
NAME = "alert-history"


@dataclass
class Fired:
    id: str
    at: str
    alert: str
    thing: str
    figures: str
    outcome: str = ""


def fired(one: AlertEvent, alert: str, currency: str, locale: i18n.Locale) -> Fired:
    return Fired(
        id=str(one.id),
        at=one.fired_at.isoformat(),
        alert=alert,
        thing=one.object_name,
        figures=wording.figures(one.numbers, currency, locale),
        outcome=sheet.outcome(one, locale),
    )


class History(rx.State):
    alert_id: str = ""
    title: str = ""
    rows: list[Fired] = []
    more: bool = False

    @guard.signed_in
    async def look(self, alert_id: str) -> rx.event.EventSpec:
        """The firings of one alert."""
        found = await base.run(self, alerts.alert, UUID(alert_id))
        self.alert_id, self.rows = alert_id, []
        self.title = say(locale_of(self), "alerts.history.title", name=found.name)
        await self._read()
        return open_dialog(NAME)

    @guard.signed_in
    async def earlier(self) -> None:
        await self._read()

    @guard.signed_in
    async def export(self, alert_id: str) -> rx.event.EventSpec:
        """The firings of one alert, or the last ones of all, as CSV."""
        if alert_id:
            firings = await base.run(self, alerts.firings, UUID(alert_id), limit=MOST_EXPORTED)
        else:
            firings = await base.run(self, alerts.latest, limit=MOST_EXPORTED)
        known = {one.id: one for one in await base.run(self, alerts.alerts, limit=alerts.MOST)}
        owned = {one.account.id: one.account for one in await base.run(self, accounts.connected, limit=1000)}
        user = await base.run(self, queries.user)
        zone = ZoneInfo(user.timezone if user is not None else "UTC")
        told = [one for one in firings if one.alert_id in known]
        return rx.download(data=sheet.csv(told, known, owned, locale_of(self), zone), filename="alerts.csv")

    async def _read(self) -> None:
        before = UUID(self.rows[-1].id) if self.rows else None
        alert = await base.run(self, alerts.alert, UUID(self.alert_id))
        found = await base.run(self, alerts.firings, alert.id, before=before, limit=PAGE + 1)
        account = await base.run(self, accounts.account, alert.account_id)
        locale = locale_of(self)
        self.rows += [fired(one, alert.name, account.currency, locale) for one in found[:PAGE]]
        self.more = len(found) > PAGE


def history(locale: str) -> rx.Component:
    """One alert's firings, page by page."""
    return dialog(
        NAME,
        History.title,
        rx.cond(
            History.rows.length() > 0,
            table(
                say(locale, "alerts.history"),
                [head(say(locale, f"alerts.column.{name}")) for name in ("when", "thing", "figures")],
                rx.foreach(
                    History.rows,
                    lambda one: rx.el.tr(
                        rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9)),
                        rx.el.td(one.thing),
                        figures(one),
                        key=one.id,
                    ),
                ),
            ),
            rx.el.p(say(locale, "alerts.history.none"), class_name="quiet"),
        ),
        rx.el.div(
            rx.cond(History.more, button(say(locale, "alerts.history.more"), on_click=History.earlier)),
            rx.cond(
                History.rows.length() > 0,
                button(say(locale, "alerts.csv"), on_click=History.export(History.alert_id)),
            ),
            button(say(locale, "alerts.close"), kind="go", on_click=close_dialog(NAME)),
            class_name="acts",
        ),
    )


def figures(one: rx.Var[Fired]) -> rx.Component:
    """The numbers that fired it, and what it did about them."""
    return rx.el.td(
        one.figures,
        rx.cond(one.outcome != "", rx.el.div(one.outcome, class_name="quiet small")),
    )
