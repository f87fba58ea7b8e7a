"""Activity: every call of a token, and every change at Meta, newest first."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from datetime import date

import reflex as rx
from sqlmodel import Session

from vibekanban.core.i18n import say
from vibekanban.domains.access import audit
from vibekanban.domains.meta import changes
from vibekanban.ui import base, guard, shown
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import button, card, empty, head, pill, table
from vibekanban.ui.layout import shell

TONES = {
    "ok": "good",
    "applied": "good",
    "refused": "warn",
    "pending": "info",
    "unknown": "warn",
    "failed": "bad",
}


@dataclass
class Call:
    at: str
    who: str
    tool: str
    arguments: str
    outcome: str
    tone: str
    ms: str


@dataclass
class Change:
    at: str
    who: str
    what: str
    thing: str
    before: str
    after: str
    outcome: str
    tone: str


class Activity(rx.State):
    calls: list[Call] = []
    changes: list[Change] = []

    @guard.signed_in
    async def load(self) -> None:
        await self._show()

    @guard.signed_in
    async def changed(self, _topic: str, _account: str, _data: str) -> None:
        await self._show()

    @guard.signed_in
    async def export(self) -> rx.event.EventSpec:
        """Every call as CSV."""
        text = await base.run(self, _csv)
        return rx.download(data=text, filename=f"audit-{date.today().isoformat()}.csv")  # noqa: DTZ011 - a file's name

    async def _show(self) -> None:
        locale = locale_of(self)
        self.calls = [
            Call(
                at=one.created_at.isoformat(),
                who=one.token_name,
                tool=one.tool,
                arguments=json.dumps(one.arguments, ensure_ascii=False)[:120],
                outcome=say(locale, f"ui.outcome.{one.outcome.value}")
                + (f" · {one.error_code}" if one.error_code else ""),
                tone=TONES[one.outcome.value],
                ms=f"{one.duration_ms} ms",
            )
            for one in await base.run(self, audit.entries, limit=100)
        ]
        self.changes = [
            Change(
                at=one.created_at.isoformat(),
                who=one.actor_name or say(locale, f"ui.actor.{one.actor_kind.value}"),
                what=say(locale, f"ui.action.{one.action}"),
                thing=one.object_name,
                before=shown.status(str(one.before.get("status", "")), locale)[0],
                after=shown.status(str(one.after.get("status", "")), locale)[0],
                outcome=say(locale, f"ui.outcome.{one.outcome.value}"),
                tone=TONES[one.outcome.value],
            )
            for one in await base.run(self, changes.changes, limit=100)
        ]


def _csv(session: Session, user_id: base.UUID) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(audit.HEADER)
    writer.writerows(audit.lines(session, user_id))
    return "\ufeff" + text.getvalue()


def page(locale: str) -> rx.Component:
    called = ("when", "token", "tool", "arguments", "outcome", "took")
    changed = ("when", "who", "what", "thing", "change", "outcome")
    return shell(
        locale,
        "activity",
        say(locale, "ui.nav.activity"),
        live(topics=["audit", "campaigns"], on_change=Activity.changed),
        card(
            say(locale, "ui.activity.changes"),
            rx.cond(
                Activity.changes.length() > 0,
                table(
                    say(locale, "ui.activity.changes"),
                    [head(say(locale, f"ui.activity.{name}")) for name in changed],
                    rx.foreach(Activity.changes, lambda one: _change(locale, one)),
                ),
                empty(
                    "list", say(locale, "ui.activity.changes.empty"), say(locale, "ui.activity.changes.text")
                ),
            ),
        ),
        card(
            say(locale, "ui.activity.calls"),
            rx.cond(
                Activity.calls.length() > 0,
                table(
                    say(locale, "ui.activity.calls"),
                    [head(say(locale, f"ui.activity.{name}")) for name in called],
                    rx.foreach(Activity.calls, lambda one: _call(locale, one)),
                ),
                empty("bot", say(locale, "ui.activity.calls.empty"), say(locale, "ui.activity.calls.text")),
            ),
            aside=button("CSV", kind="small", symbol="download", on_click=Activity.export),
        ),
    )


def _call(locale: str, one: rx.Var[Call]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9)),
        rx.el.td(one.who),
        rx.el.td(rx.el.code(one.tool)),
        rx.el.td(rx.el.code(one.arguments, class_name="small quiet")),
        rx.el.td(pill(one.outcome, one.tone)),
        rx.el.td(one.ms, class_name="num"),
    )


def _change(locale: str, one: rx.Var[Change]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9)),
        rx.el.td(one.who),
        rx.el.td(one.what),
        rx.el.td(one.thing),
        rx.el.td(one.before, " → ", one.after),
        rx.el.td(pill(one.outcome, one.tone)),
    )
