"""Trying the draft of an alert on history: how far it is, stopping it, and what it found.

The work goes on beside the tab's other events. It ends with the page, the dialog, the session or the draft it is of.
"""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass, field
from uuid import uuid4
from zoneinfo import ZoneInfo

import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.errors import AppError
from vibekanban.core.i18n import say
from vibekanban.domains.accounts import hot, queries
from vibekanban.domains.alerts import backtest, wording
from vibekanban.domains.alerts.backtest import Replay
from vibekanban.domains.editing.errors import Cancelled
from vibekanban.ui import base, guard
from vibekanban.ui.alerts.history import Fired
from vibekanban.ui.alerts.rules_state import Alerts
from vibekanban.ui.base import locale_of

LOOK = 0.4  # seconds between two looks at how far it is, and whether anybody still wants it
LONGEST = 120.0
SHOWN = 12


@dataclass
class _Under:
    """Between the thread that judges and the event that shows it."""

    off: threading.Event = field(default_factory=threading.Event)
    judged: int = 0
    total: int = 0

    def step(self, judged: int, total: int) -> None:
        if self.off.is_set():
            raise Cancelled()
        self.judged, self.total = judged, total


class Trial(rx.State):
    """`of` is the edition of the draft that it belongs to: what is shown for an older one is hidden."""

    of: int = -1
    running: bool = False
    percent: int = 0
    reached: str = ""
    said: str = ""
    rows: list[Fired] = []
    wrong: str = ""
    _turn: str = ""

    @guard.meanwhile
    async def begin(self) -> None:
        """What the draft would have done, before it is kept."""
        async with self:
            draft = await self.get_state(Alerts)
            locale, path, cookie = locale_of(self), self.router.url.path, guard.cookie_of(self)
            turn = uuid4().hex
            self._clear(turn, draft.edition)
            try:
                values = draft._values()
            except AppError as error:
                self.wrong = guard.sentence(error, locale)
                return
            currency, user_id = draft._currency(), await base.user_id(self)
            person = await base.run(self, queries.user)
            self.running = True
        under, found, wrong = _Under(), None, ""
        work = asyncio.ensure_future(
            asyncio.to_thread(lambda: backtest.backtest(user_id, step=under.step, **values))
        )
        begun = time.monotonic()
        try:
            while not (await asyncio.wait([work], timeout=LOOK))[0]:
                late = time.monotonic() - begun > LONGEST
                wanted = not late and await hot.seen(cookie) is not None
                if not under.off.is_set() and not await _shown(self, turn, path, under, wanted=wanted):
                    under.off.set()
                    wrong = say(locale, "alerts.try.long") if late else ""
            found = work.result()
        except Cancelled:
            pass
        except AppError as error:
            wrong = guard.sentence(error, locale)
        finally:
            under.off.set()
        async with self:
            if self._turn != turn:
                return
            self.running, self.wrong = False, wrong
            if found is not None:
                self.said = _told(found, locale)
                self.rows = _rows(found, currency, ZoneInfo(person.timezone if person else "UTC"), locale)

    @guard.signed_in
    async def stop(self) -> None:
        """Whoever judges stops at the next piece; nothing was kept."""
        if self.running:
            self._clear("", self.of)
            self.said = say(locale_of(self), "alerts.try.stopped")

    def _clear(self, turn: str, edition: int) -> None:
        self._turn, self.of = turn, edition
        self.running, self.percent, self.reached = False, 0, ""
        self.said, self.rows, self.wrong = "", [], ""


async def _shown(trial: Trial, turn: str, path: str, under: _Under, *, wanted: bool) -> bool:
    """Show how far it is; False when nobody wants it any more: it was stopped, or the draft or the page is another."""
    async with trial:
        draft = await trial.get_state(Alerts)
        if trial._turn != turn:
            return False
        if draft.edition != trial.of or trial.router.url.path != path:
            trial._clear("", trial.of)
            return False
        if not wanted:
            trial.running = False
            return False
        if under.total:
            locale = locale_of(trial)
            trial.percent = under.judged * 100 // under.total
            trial.reached = say(
                locale,
                "alerts.try.reached",
                judged=i18n.number(under.judged, locale),
                total=i18n.number(under.total, locale),
            )
        return True


def _told(found: Replay, locale: i18n.Locale) -> str:
    told = {
        "since": i18n.day(found.since, locale),
        "until": i18n.day(found.until, locale),
        "objects": i18n.counted(locale, "alerts.objects", found.objects),
    }
    if not found.firings:
        return say(locale, "alerts.tried.none", **told)
    return i18n.counted(locale, "alerts.tried", len(found.firings), **told)


def _rows(found: Replay, currency: str, zone: ZoneInfo, locale: i18n.Locale) -> list[Fired]:
    return [
        Fired(
            id=f"{one.object_id}-{number}",
            at=i18n.moment(one.fired_at, locale, zone),
            alert="",
            thing=one.object_name,
            figures=wording.figures(one.numbers, currency, locale),
        )
        for number, one in enumerate(found.firings[:SHOWN])
    ]
