"""Activity: every call of a token, and every change at Meta, newest first."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import reflex as rx
from sqlmodel import Session

from vibekanban.core import sheet
from vibekanban.core.i18n import say
from vibekanban.domains.access import audit, tokens
from vibekanban.domains.access.models import Outcome
from vibekanban.domains.editing import naming
from vibekanban.domains.editing.naming import Names
from vibekanban.domains.meta import accounts, changes
from vibekanban.domains.meta.models import Change as Recorded
from vibekanban.domains.tools.catalogue import TOOLS
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of, path, uuid_of
from vibekanban.ui.components import sifting
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import anchor, button, card, empty, head, pill, table
from vibekanban.ui.editing import wording
from vibekanban.ui.layout import shell
from vibekanban.ui.live_state import LiveState

LATEST = 20  # changes; the page of changes has them all
FILTERS = ("token", "tool", "outcome", "since", "until")
TONES = {
    "ok": "good",
    "held": "info",
    "rehearsed": "info",
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
    code: str
    tone: str
    ms: str


@dataclass
class Change:
    at: str
    who: str
    what: str
    thing: str
    lines: list[str]
    outcome: str
    tone: str


@dataclass
class Asking:
    """A token whose calls can be asked for."""

    id: str
    name: str


class Activity(LiveState, rx.State):
    calls: list[Call] = []
    changes: list[Change] = []
    asking: list[Asking] = []
    token_id: str = ""
    tool: str = ""
    outcome: str = ""
    since: str = ""
    until: str = ""
    cleared: int = 0  # how often: the form begins anew

    @rx.var
    def active(self) -> int:
        """How many filters are set."""
        return sum(map(bool, (self.token_id, self.tool, self.outcome, self.since, self.until)))

    @guard.signed_in
    async def sift(self, form: dict[str, Any]) -> None:
        """Which calls are shown and taken away, all filters at once."""
        given = {name: str(form.get(name) or "")[:100] for name in FILTERS}
        self.token_id, self.tool, self.outcome = given["token"], given["tool"], given["outcome"]
        self.since, self.until = given["since"], given["until"]
        await self._show()

    @guard.signed_in
    async def clear(self) -> None:
        self.token_id = self.tool = self.outcome = self.since = self.until = ""
        self.cleared += 1
        await self._show()

    @guard.signed_in
    async def export(self) -> rx.event.EventSpec:
        """The chosen calls as CSV."""
        text = await base.run(self, _csv, await self._chosen())
        return rx.download(data=text, filename=f"audit-{date.today().isoformat()}.csv")  # noqa: DTZ011 - a file's name

    async def _chosen(self) -> audit.Chosen:
        """The filters, in the person's days; what makes no sense lets everything through."""
        since, until = await base.between(self, self.since, self.until)
        return audit.Chosen(
            token_id=uuid_of(self.token_id),
            tool=self.tool,
            outcome=Outcome(self.outcome) if self.outcome in set(Outcome) else None,
            since=since,
            until=until,
        )

    async def _show(self) -> None:
        locale = locale_of(self)
        self.asking = [
            Asking(str(one.id), one.name) for one in await base.run(self, tokens.tokens, limit=200)
        ]
        self.calls = [
            Call(
                at=one.created_at.isoformat(),
                who=one.token_name,
                tool=one.tool,
                arguments=json.dumps(one.arguments, ensure_ascii=False)[:120],
                outcome=say(locale, f"ui.outcome.{one.outcome.value}"),
                code=one.error_code or "",
                tone=TONES[one.outcome.value],
                ms=f"{one.duration_ms}\xa0ms",
            )
            for one in await base.run(self, audit.entries, await self._chosen(), limit=100)
        ]
        changed, currencies, names = await base.run(self, _changed)
        self.changes = [
            Change(
                at=one.created_at.isoformat(),
                who=one.actor_name or say(locale, f"ui.actor.{one.actor_kind.value}"),
                what=say(locale, f"ui.action.{one.action}"),
                thing=one.object_name,
                lines=wording.lines(one.before, one.after, currencies.get(one.account_id, ""), locale, names),
                outcome=say(locale, f"ui.outcome.{one.outcome.value}"),
                tone=TONES[one.outcome.value],
            )
            for one in changed
        ]


def _changed(session: Session, user_id: UUID) -> tuple[list[Recorded], dict[UUID, str], Names]:
    """The latest changes, and what their words need: the currencies of accounts and what things are called."""
    found = changes.changes(session, user_id, limit=LATEST)
    known = accounts.connected(session, user_id, limit=1000)
    sides = [side for one in found for side in (one.before, one.after)]
    names = naming.names(session, list({one.account_id for one in found}), sides)
    return found, {one.account.id: one.account.currency for one in known}, names


def _csv(session: Session, user_id: UUID, chosen: audit.Chosen) -> str:
    return sheet.text(audit.HEADER, audit.lines(session, user_id, chosen))


def page(locale: str) -> rx.Component:
    called = ("when", "token", "tool", "arguments", "outcome", "took")
    changed = ("when", "who", "what", "thing", "change", "outcome")
    return shell(
        locale,
        "activity",
        say(locale, "ui.nav.activity"),
        live(topics=["audit", "campaigns"], on_change=Activity.changed),
        card(
            say(locale, "ui.activity.calls"),
            _filters(locale),
            rx.cond(
                Activity.calls.length() > 0,
                table(
                    say(locale, "ui.activity.calls"),
                    [head(say(locale, f"ui.activity.{name}")) for name in called],
                    rx.foreach(Activity.calls, lambda one: _call(locale, one)),
                ),
                rx.cond(
                    Activity.active > 0,
                    empty("list", say(locale, "activity.nothing"), say(locale, "activity.nothing.text")),
                    empty(
                        "bot", say(locale, "ui.activity.calls.empty"), say(locale, "ui.activity.calls.text")
                    ),
                ),
            ),
            aside=button("CSV", kind="small", symbol="download", on_click=Activity.export),
        ),
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
            aside=anchor(say(locale, "ui.activity.all"), path(locale, "/app/changes"), kind="small"),
        ),
    )


def _filters(locale: str) -> rx.Component:
    every = say(locale, "activity.any")
    outcomes = [(one.value, say(locale, f"ui.outcome.{one.value}")) for one in Outcome]
    return sifting.sifter(
        locale,
        "calls",
        sifting.choice(
            "calls",
            "token",
            say(locale, "ui.activity.token"),
            Activity.token_id,
            rx.el.option(every, value=""),
            rx.foreach(Activity.asking, lambda one: rx.el.option(one.name, value=one.id)),
        ),
        sifting.choice(
            "calls",
            "tool",
            say(locale, "ui.activity.tool"),
            Activity.tool,
            *sifting.options(every, [(name, name) for name in sorted(TOOLS)]),
        ),
        sifting.choice(
            "calls",
            "outcome",
            say(locale, "ui.activity.outcome"),
            Activity.outcome,
            *sifting.options(every, outcomes),
        ),
        *sifting.days(locale, "calls", Activity.since, Activity.until),
        on_submit=Activity.sift,
        active=Activity.active,
        clear=rx.cond(Activity.active > 0, button(say(locale, "activity.clear"), on_click=Activity.clear)),
        key=Activity.cleared.to_string(),
    )


def _call(locale: str, one: rx.Var[Call]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9)),
        rx.el.td(one.who),
        rx.el.td(rx.el.code(one.tool)),
        rx.el.td(rx.el.code(one.arguments, class_name="small quiet")),
        rx.el.td(
            pill(one.outcome, one.tone),
            rx.cond(one.code != "", rx.el.div(rx.el.code(one.code, class_name="small quiet"))),
        ),
        rx.el.td(one.ms, class_name="num"),
    )


def _change(locale: str, one: rx.Var[Change]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(time_ago(at=one.at, lang=locale, stale=10**9)),
        rx.el.td(one.who),
        rx.el.td(one.what),
        rx.el.td(one.thing),
        rx.el.td(rx.foreach(one.lines, rx.el.div)),
        rx.el.td(pill(one.outcome, one.tone)),
    )
