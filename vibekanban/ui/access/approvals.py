"""Approvals: calls of programs that wait for a person, what they would do, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx

from vibekanban.core.i18n import Locale, moment, say
from vibekanban.domains.accounts import queries
from vibekanban.domains.guarding import approvals
from vibekanban.domains.guarding.models import Approval, ApprovalStatus
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import (
    acts,
    bones,
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
from vibekanban.ui.editing import wording
from vibekanban.ui.layout import shell
from vibekanban.ui.live_state import LiveState

TONES = {
    ApprovalStatus.PENDING: "warn",
    ApprovalStatus.APPROVED: "info",
    ApprovalStatus.DONE: "good",
    ApprovalStatus.FAILED: "bad",
    ApprovalStatus.REJECTED: "",
    ApprovalStatus.EXPIRED: "",
}


@dataclass
class Held:
    id: str
    token: str
    what: str
    name: str
    changes: list[str]
    money: str
    reasons: list[str]
    reason: str
    expires_at: str
    decided_at: str
    status: str
    tone: str
    note: str


class Approvals(LiveState, rx.State):
    waiting: list[Held] = []
    decided: list[Held] = []
    chosen_id: str = ""
    chosen: str = ""
    approving: bool = True

    @guard.signed_in
    async def ask(self, approval_id: str, on: bool) -> rx.event.EventSpec:
        found = await base.run(self, approvals.approval, UUID(approval_id))
        self.chosen_id, self.approving = approval_id, on
        held = _held(found, locale_of(self), await self._zone())
        self.chosen = " · ".join(part for part in (held.what, held.name, *held.changes, held.money) if part)
        return open_dialog("decide")

    @guard.signed_in
    async def decide(self, form: dict[str, Any]) -> list[rx.event.EventSpec]:
        act = approvals.approve if self.approving else approvals.reject
        await base.run(self, act, UUID(self.chosen_id), note=str(form.get("note", "")))
        await self._show()
        said = "ui.approvals.approved" if self.approving else "ui.approvals.rejected"
        return [close_dialog("decide"), rx.toast.success(say(locale_of(self), said))]

    async def _zone(self) -> ZoneInfo:
        user = await base.run(self, queries.user)
        return ZoneInfo(user.timezone if user else "UTC")

    async def _show(self) -> None:
        locale, zone = locale_of(self), await self._zone()
        found = [_held(one, locale, zone) for one in await base.run(self, approvals.approvals, limit=100)]
        self.waiting = [one for one in found if one.status == say(locale, "ui.approvals.status.pending")]
        self.decided = [one for one in found if one not in self.waiting]
        self.loaded = True


def _held(one: Approval, locale: Locale, zone: ZoneInfo) -> Held:
    stake = one.preview.get("atStake") or {}
    delta = stake.get("dailyBudgetDelta")
    money = ""
    if delta is not None:
        moved = wording.signed(Decimal(delta), stake["currency"], locale)
        money = say(locale, "ui.approvals.money", delta=moved)
    return Held(
        id=str(one.id),
        token=one.token_name,
        what=say(locale, f"mcp.tools.{one.tool}.title"),
        name=one.object_name,
        changes=wording.told(one.preview.get("changes", []), stake.get("currency", ""), locale),
        money=money,
        reasons=[say(locale, f"policy.held.{reason}") for reason in one.reasons],
        reason=str(one.arguments.get("reason", "")),
        expires_at=moment(one.expires_at, locale, zone),
        decided_at=one.decided_at.isoformat() if one.decided_at else "",
        status=say(locale, f"ui.approvals.status.{one.status.value}"),
        tone=TONES[one.status],
        note=one.note,
    )


def page(locale: str) -> rx.Component:
    return shell(
        locale,
        "approvals",
        say(locale, "ui.nav.approvals"),
        live(topics=["approvals"], on_change=Approvals.changed),
        card(
            say(locale, "ui.approvals.waiting"),
            rx.cond(
                ~Approvals.loaded,
                bones(3),
                rx.cond(
                    Approvals.waiting.length() > 0,
                    rx.el.ul(
                        rx.foreach(Approvals.waiting, lambda one: _waiting(locale, one)),
                        class_name="plain stack",
                    ),
                    empty("check", say(locale, "ui.approvals.none"), say(locale, "ui.approvals.none_text")),
                ),
            ),
            subtitle=say(locale, "ui.approvals.text"),
        ),
        rx.cond(
            Approvals.decided.length() > 0,
            card(
                say(locale, "ui.approvals.decided"),
                table(
                    say(locale, "ui.approvals.decided"),
                    [
                        head(say(locale, f"ui.approvals.{name}"))
                        for name in ("when", "token", "what", "changes", "status", "note")
                    ],
                    rx.foreach(Approvals.decided, lambda one: _decided(locale, one)),
                ),
            ),
        ),
        dialog(
            "decide",
            rx.cond(
                Approvals.approving,
                say(locale, "ui.approvals.approve.title"),
                say(locale, "ui.approvals.reject.title"),
            ),
            rx.el.p(Approvals.chosen),
            rx.el.form(
                rx.el.div(
                    rx.el.label(say(locale, "ui.approvals.note"), html_for="note"),
                    rx.el.textarea(id="note", name="note", max_length=500, rows="3", class_name="input"),
                    rx.el.span(say(locale, "ui.approvals.note.hint"), class_name="hint"),
                    class_name="field",
                ),
                acts(
                    locale,
                    "decide",
                    rx.cond(
                        Approvals.approving,
                        button(say(locale, "ui.approvals.approve"), kind="go", type="submit"),
                        button(say(locale, "ui.approvals.reject"), kind="danger", type="submit"),
                    ),
                ),
                on_submit=Approvals.decide,
                reset_on_submit=True,
                class_name="stack",
            ),
        ),
    )


def _waiting(locale: str, one: rx.Var[Held]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.p(rx.el.b(one.token), " · ", one.what, " · ", rx.el.b(one.name)),
            rx.el.ul(rx.foreach(one.changes, lambda change: rx.el.li(change)), class_name="plain num"),
            rx.cond(one.money != "", rx.el.p(one.money, class_name="strong num")),
            rx.cond(one.reason != "", rx.el.p("“", one.reason, "”", class_name="quiet")),
            rx.foreach(one.reasons, lambda reason: rx.el.p(reason, class_name="quiet small")),
            rx.el.p(
                say(locale, "ui.approvals.expires"),
                " ",
                one.expires_at,
                class_name="quiet small",
            ),
            class_name="grow stack tight",
        ),
        rx.el.div(
            button(say(locale, "ui.approvals.reject"), kind="danger", on_click=Approvals.ask(one.id, False)),
            button(say(locale, "ui.approvals.approve"), kind="go", on_click=Approvals.ask(one.id, True)),
            class_name="spread",
        ),
        key=one.id,
        class_name="spread line",
    )


def _decided(locale: str, one: rx.Var[Held]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(time_ago(at=one.decided_at, lang=locale, stale=10**9, never="—")),
        rx.el.td(one.token),
        rx.el.td(one.what, " · ", one.name),
        rx.el.td(rx.foreach(one.changes, lambda change: rx.el.div(change, class_name="num"))),
        rx.el.td(pill(one.status, one.tone)),
        rx.el.td(one.note),
    )
