"""The card that says what Meta corrected since the reader's last visit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import reflex as rx

from vibekanban.core import columns, i18n
from vibekanban.core.i18n import say
from vibekanban.domains.reporting import restatements, wording
from vibekanban.domains.reporting.figures import Metric
from vibekanban.domains.reporting.restatements import Moved
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.components.parts import button, card, head, table

METRICS = (Metric.SPEND, Metric.CONVERSIONS, Metric.REVENUE)
MOST = 10


@dataclass
class Amount:
    """A number after the correction, and by how much it moved."""

    now: str
    by: str


@dataclass
class Line:
    name: str
    days: str
    amounts: list[Amount]


class Restated(rx.State):
    shown: bool = False
    account_id: str = ""
    since: str = ""
    total: list[Amount] = []
    days: list[Line] = []
    campaigns: list[Line] = []
    more: str = ""
    _as_of: str = ""

    @guard.signed_in
    async def seen(self) -> rx.event.EventSpec:
        """What is shown was seen; what came in since then was not."""
        account_id = base.uuid_of(self.account_id)
        if account_id is not None:
            at = datetime.fromisoformat(self._as_of) if self._as_of else None
            await base.run(self, restatements.seen, account_id, at=at)
            await self._look(self.account_id)
        return rx.toast.success(say(locale_of(self), "reports.restated.marked"))

    async def _look(self, account_id: str) -> None:
        """Read again what was corrected in an account."""
        known = base.uuid_of(account_id)
        if known is None:
            self.shown = False
            return
        self._as_of = columns.now().isoformat()
        found = await base.run(self, restatements.restatements, known)
        locale, currency = locale_of(self), found.account.currency
        zone = ZoneInfo(found.account.timezone)
        self.account_id = account_id
        self.since = (
            say(locale, "reports.restated.since", moment=i18n.moment(found.since, locale, zone))
            if found.looked
            else say(locale, "reports.restated.never")
        )
        self.total = _amounts(found.total, currency, locale)
        self.days = [
            Line(i18n.day(one.day, locale), "", _amounts(one.moved, currency, locale))
            for one in found.days[:MOST]
        ]
        self.campaigns = [
            Line(
                say(locale, "reports.restated.gone", name=one.name) if one.gone else one.name,
                str(len(one.days)),
                _amounts(one.moved, currency, locale),
            )
            for one in found.campaigns[:MOST]
        ]
        left = max(0, len(found.campaigns) - MOST)
        self.more = say(locale, "reports.restated.more", count=left) if left else ""
        self.shown = True


def _amounts(moved: Moved, currency: str, locale: str) -> list[Amount]:
    amounts = []
    for metric in METRICS:
        was, now = (figures.value(metric) for figures in (moved.was, moved.now))
        amounts.append(
            Amount(
                wording.written(metric, now, currency, locale),
                wording.difference(metric, now, was, currency, locale),
            )
        )
    return amounts


def restated_card(locale: str) -> rx.Component:
    """Nothing to say is one line; otherwise the sum, the days and the campaigns."""
    return rx.cond(
        Restated.shown,
        card(
            say(locale, "reports.restated.title"),
            rx.cond(
                Restated.days.length() + Restated.campaigns.length() > 0, _moved(locale), _nothing(locale)
            ),
            subtitle=rx.el.span(Restated.since, ". ", say(locale, "reports.restated.why")),
            aside=rx.cond(
                Restated.days.length() + Restated.campaigns.length() > 0,
                button(say(locale, "reports.restated.seen"), kind="small", on_click=Restated.seen),
            ),
        ),
    )


def _nothing(locale: str) -> rx.Component:
    return rx.el.p(say(locale, "reports.restated.none"), class_name="quiet")


def _moved(locale: str) -> rx.Component:
    titles = [say(locale, f"reports.metric.{metric.value}") for metric in METRICS]
    return rx.fragment(
        rx.el.dl(
            *[
                rx.el.div(
                    rx.el.dt(title),
                    rx.el.dd(Restated.total[at].by, class_name="value num"),
                    rx.el.dd(Restated.total[at].now, class_name="delta num"),
                    class_name="kpi",
                )
                for at, title in enumerate(titles)
            ],
            class_name="kpis",
        ),
        rx.el.details(
            rx.el.summary(say(locale, "reports.restated.campaigns")),
            _table(
                locale, "reports.restated.campaigns", "reports.restated.campaign", Restated.campaigns, titles
            ),
            rx.cond(Restated.more != "", rx.el.p(Restated.more, class_name="small quiet")),
            class_name="twin",
        ),
        rx.el.details(
            rx.el.summary(say(locale, "reports.restated.days")),
            _table(locale, "reports.restated.days", "reports.column.day", Restated.days, titles, count=False),
            class_name="twin",
        ),
    )


def _table(
    locale: str, caption: str, first: str, lines: rx.Var[list[Line]], titles: list[str], *, count: bool = True
) -> rx.Component:
    counted = [head(say(locale, "reports.restated.count"), number=True)] if count else []
    return table(
        say(locale, caption),
        [head(say(locale, first)), *counted, *(head(title, number=True) for title in titles)],
        rx.foreach(
            lines,
            lambda line: rx.el.tr(
                rx.el.td(line.name),
                *([rx.el.td(line.days, class_name="n num")] if count else []),
                rx.foreach(
                    line.amounts,
                    lambda amount: rx.el.td(
                        amount.now, rx.el.div(amount.by, class_name="small strong"), class_name="n num"
                    ),
                ),
            ),
        ),
        scrolls=True,
    )
