"""The meter of the accounts page: how much of Meta's quota an account has used, and what waits because of it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import queries
from vibekanban.domains.meta import accounts, quota
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import (
    button,
    close_dialog,
    dialog,
    head,
    open_dialog,
    pill,
    progress,
    table,
)

TONES = {quota.Pace.FREE: "good", quota.Pace.SLOWED: "warn", quota.Pace.HELD: "bad"}


@dataclass
class Bucket:
    """One of Meta's limits, as a bar."""

    name: str
    percent: int
    note: str


@dataclass
class Lane:
    """What a lane may do now, for insights and for everything else."""

    name: str
    insights: str
    insights_tone: str
    others: str
    others_tone: str
    calls: str


class Quota(rx.State):
    account_id: str = ""
    account: str = ""
    buckets: list[Bucket] = []
    lanes: list[Lane] = []
    blocked: str = ""
    reviewed: str = ""

    @guard.signed_in
    async def ask(self, account_id: str) -> rx.event.EventSpec:
        await self._show(account_id)
        return open_dialog("quota")

    @guard.signed_in
    async def again(self) -> None:
        await self._show(self.account_id)

    async def _show(self, account_id: str) -> None:
        locale = locale_of(self)
        found = await base.run(self, quota.quota, UUID(account_id))
        account = await base.run(self, accounts.account, UUID(account_id))
        user = await base.run(self, queries.user)
        zone = ZoneInfo(user.timezone if user else "UTC")
        self.account_id, self.account = account_id, account.name
        self.blocked = (
            say(locale, "ui.quota.blocked", until=i18n.moment(found.blocked_until, locale, zone))
            if found.blocked_until
            else ""
        )
        self.buckets = [
            Bucket(
                name=i18n.catalogue(locale).get(f"ui.quota.bucket.{one.name}", one.name),
                percent=min(100, round(one.percent)),
                note=say(locale, "ui.quota.of_app") if one.of_app else "",
            )
            for one in found.buckets
        ]
        paces = {(one.lane, one.insights): one.pace for one in found.lanes}
        calls: dict[str, int] = {}
        for one in found.last_hour:
            calls[one.lane.value] = calls.get(one.lane.value, 0) + one.calls
        self.lanes = [
            Lane(
                name=say(locale, f"ui.quota.lane.{lane.value}"),
                insights=say(locale, f"ui.quota.pace.{paces[lane, True].value}"),
                insights_tone=TONES[paces[lane, True]],
                others=say(locale, f"ui.quota.pace.{paces[lane, False].value}"),
                others_tone=TONES[paces[lane, False]],
                calls=str(calls.get(lane.value, 0)),
            )
            for lane in {one.lane: None for one in found.lanes}
        ]
        self.reviewed = say(locale, "ui.quota.reviewed", calls=found.reviewed, failed=found.failed)


def meter(locale: str) -> rx.Component:
    """The dialog; `Quota.ask(account id)` opens it."""
    names = ("lane", "insights", "others", "calls")
    return dialog(
        "quota",
        rx.fragment(say(locale, "ui.quota.title"), " · ", Quota.account),
        rx.el.p(say(locale, "ui.quota.text"), class_name="quiet small"),
        rx.cond(Quota.blocked != "", rx.el.p(Quota.blocked, class_name="banner bad", role="alert")),
        rx.cond(
            Quota.buckets.length() > 0,
            rx.el.ul(rx.foreach(Quota.buckets, _bucket), class_name="plain stack"),
            rx.el.p(say(locale, "ui.quota.unknown"), class_name="quiet"),
        ),
        table(
            say(locale, "ui.quota.lanes"),
            [head(say(locale, f"ui.quota.column.{name}"), number=name == "calls") for name in names],
            rx.foreach(Quota.lanes, _lane),
        ),
        rx.el.p(Quota.reviewed, class_name="quiet small"),
        rx.el.div(
            button(say(locale, "ui.quota.again"), symbol="refresh", on_click=Quota.again),
            button(say(locale, "ui.close"), kind="go", on_click=close_dialog("quota")),
            class_name="acts",
        ),
    )


def _bucket(one: rx.Var[Bucket]) -> rx.Component:
    return rx.el.li(
        rx.el.div(
            rx.el.span(one.name, " ", rx.el.span(one.note, class_name="quiet small"), class_name="grow"),
            rx.el.span(one.percent, " %", class_name="num strong"),
            class_name="spread",
        ),
        progress(one.percent, one.name),
        class_name="stack tight",
    )


def _lane(one: rx.Var[Lane]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(one.name),
        rx.el.td(pill(one.insights, one.insights_tone)),
        rx.el.td(pill(one.others, one.others_tone)),
        rx.el.td(one.calls, class_name="n num"),
    )
