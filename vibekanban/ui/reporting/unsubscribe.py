"""The page behind the link of a report's e-mail: it asks, then pauses the report."""

from __future__ import annotations

import reflex as rx

from vibekanban.core import db
from vibekanban.core.errors import NotFound
from vibekanban.core.i18n import say
from vibekanban.domains.reporting import sending
from vibekanban.ui import guard
from vibekanban.ui.base import path
from vibekanban.ui.components.leaving import leaving

ROUTE = "/unsubscribe-report"


class ReportLeaving(rx.State):
    ended: str = ""
    unknown: bool = False

    @guard.public
    async def load(self) -> None:
        self.ended, self.unknown = "", False

    @guard.public
    async def end(self) -> None:
        """Pause the report of the link in the address."""
        token = self.router.url.query_parameters.get("token", "")
        try:
            self.ended, self.unknown = await db.run(sending.unsubscribe, token[:500]), False
        except NotFound:
            self.unknown = True


def page(locale: str) -> rx.Component:
    return leaving(
        locale,
        ROUTE,
        "reports.leave",
        ended=ReportLeaving.ended != "",
        unknown=ReportLeaving.unknown,
        end=ReportLeaving.end,
        elsewhere=rx.el.a(
            say(locale, "reports.saved.title"), href=path(locale, "/app/reports/saved"), class_name="link"
        ),
        what=ReportLeaving.ended,
    )
