"""The list of saved reports: when each is sent, and what can be done with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import queries as people
from vibekanban.domains.reporting import saved, schedules, sending
from vibekanban.domains.reporting.models import Cadence
from vibekanban.domains.reporting.schedules import Schedule
from vibekanban.domains.reporting.wording import plan
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import close_dialog, open_dialog
from vibekanban.ui.live_state import LiveState


@dataclass
class Line:
    """A report as the list shows it; `plan` is its schedule in words."""

    id: str
    name: str
    account: str
    plan: str
    sent: bool
    paused: bool
    failed: bool
    last_at: str
    next_at: str


class SavedReports(LiveState, rx.State):
    lines: list[Line] = []
    zone: str = ""
    verified: bool = True
    chosen_id: str = ""
    name: str = ""
    cadence: str = "none"
    hour: str = "8"
    weekday: str = "1"
    month_day: str = "1"

    @guard.signed_in
    async def ask(self, report_id: str, what: str) -> Any:
        """Open one of the dialogs for a report."""
        kept = await base.run(self, saved.report, _id(report_id))
        planned = schedules.of(kept.report)
        self.chosen_id, self.name = report_id, kept.report.name
        self.cadence, self.hour = planned.cadence.value, str(planned.hour)
        self.weekday, self.month_day = str(planned.weekday), str(planned.month_day)
        yield open_dialog(what if what in {"rename", "plan", "delete"} else "more")

    @guard.signed_in
    async def rename(self, form: dict[str, Any]) -> Any:
        await base.run(self, saved.change, _id(self.chosen_id), name=str(form.get("name", "")))
        await self._show()
        yield close_dialog("rename")

    @guard.signed_in
    async def pick(self, cadence: str) -> None:
        """How often, while the dialog is open: it asks for the day that belongs to it."""
        self.cadence = cadence if cadence in set(Cadence) else "none"

    @guard.signed_in
    async def plan(self, form: dict[str, Any]) -> Any:
        """When it is sent from now on."""
        schedule = Schedule(
            Cadence(self.cadence),
            hour=_whole(form.get("hour"), self.hour, 0, 23),
            weekday=_whole(form.get("weekday"), self.weekday, 1, 7),
            month_day=_whole(form.get("monthDay"), self.month_day, 1, 31),
        )
        await base.run(self, saved.change, _id(self.chosen_id), schedule=schedule)
        await self._show()
        yield close_dialog("plan")
        yield rx.toast.success(say(locale_of(self), "ui.saved"))

    @guard.signed_in
    async def pause(self, report_id: str) -> None:
        """Hold the e-mails back, or let them go on."""
        kept = await base.run(self, saved.report, _id(report_id))
        planned = schedules.of(kept.report)
        turned = Schedule(
            planned.cadence, planned.hour, planned.weekday, planned.month_day, not planned.is_paused
        )
        await base.run(self, saved.change, _id(report_id), schedule=turned)
        await self._show()

    @guard.signed_in
    async def send(self) -> rx.event.EventSpec:
        """One e-mail now, outside the schedule."""
        await base.run(self, sending.send_now, _id(self.chosen_id))
        return rx.toast.success(say(locale_of(self), "reports.saved.sending"))

    @guard.signed_in
    async def duplicate(self) -> None:
        kept = await base.run(self, saved.report, _id(self.chosen_id))
        name = say(locale_of(self), "reports.saved.copy", name=kept.report.name)[: saved.LONGEST_NAME]
        await base.run(self, saved.duplicate, _id(self.chosen_id), name)
        await self._show()

    @guard.signed_in
    async def delete(self) -> Any:
        await base.run(self, saved.delete, _id(self.chosen_id))
        await self._show()
        yield close_dialog("delete")

    async def _show(self) -> None:
        locale = locale_of(self)
        user = await base.run(self, people.user)
        self.zone, self.verified = (user.timezone, user.is_verified) if user else ("", True)
        self.lines = [_line(kept, self.zone, locale) for kept in await base.run(self, saved.reports)]
        self.loaded = True


def _id(text: str) -> UUID:
    known = base.uuid_of(text)
    if known is None:
        raise NotFound()
    return known


def _whole(given: Any, usual: str, least: int, most: int) -> int:
    text = str(given or usual)
    return min(max(int(text), least), most) if text.isdecimal() else least


def _line(kept: saved.Kept, zone: str, locale: str) -> Line:
    report = kept.report
    next_at = schedules.due_next(report, zone)
    return Line(
        str(report.id),
        report.name,
        kept.account.name,
        plan(schedules.of(report), locale),
        report.cadence is not Cadence.NONE,
        report.is_paused,
        kept.last_failed,
        kept.last_sent_at.isoformat() if kept.last_sent_at else "",
        i18n.moment(next_at, locale, ZoneInfo(zone)) if next_at else "",
    )
