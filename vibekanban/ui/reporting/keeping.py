"""Keeping what the explorer shows as a report: under a new name, or over the one that is open."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.reporting import saved
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of, path
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    button,
    close_dialog,
    dialog,
    field,
    open_dialog,
)
from vibekanban.ui.reporting import explorer_address as address
from vibekanban.ui.reporting.explorer_state import Explorer


class Keeping(rx.State):
    @guard.signed_in
    async def keep(self, form: dict[str, Any]) -> Any:
        """Keep the view under a new name."""
        explorer = await self.get_state(Explorer)
        asked = address.definition(explorer.account_id, explorer._values())
        made = await base.run(self, saved.create, str(form.get("name", "")), asked)
        yield close_dialog("keep")
        async for step in self._show(explorer, made):
            yield step

    @guard.signed_in
    async def overwrite(self) -> Any:
        """Let the open report ask for what is shown."""
        explorer = await self.get_state(Explorer)
        report_id = base.uuid_of(explorer.report_id)
        if report_id is None:
            return
        asked = address.definition(explorer.account_id, explorer._values())
        changed = await base.run(self, saved.change, report_id, definition=asked)
        async for step in self._show(explorer, changed):
            yield step

    async def _show(self, explorer: Explorer, kept: saved.Kept) -> Any:
        explorer._opened(kept)
        async for step in explorer._again():
            yield step
        yield rx.toast.success(say(locale_of(self), "reports.saved.kept", name=kept.report.name))


def keeping(locale: str) -> rx.Component:
    """Which report is open, and the buttons that keep it."""
    return rx.el.div(
        rx.cond(
            Explorer.report_id != "",
            rx.el.span(
                rx.el.b(Explorer.report_name),
                rx.cond(
                    Explorer.altered,
                    rx.el.span(" · ", say(locale, "reports.saved.altered"), class_name="quiet"),
                ),
                class_name="grow",
            ),
            rx.el.span(say(locale, "reports.saved.unsaved"), class_name="grow quiet"),
        ),
        rx.cond(
            (Explorer.report_id != "") & Explorer.altered,
            button(say(locale, "reports.saved.overwrite"), kind="go", on_click=Keeping.overwrite),
        ),
        button(say(locale, "reports.saved.keep"), on_click=open_dialog("keep")),
        anchor(say(locale, "reports.saved.title"), path(locale, "/app/reports/saved")),
        dialog(
            "keep",
            say(locale, "reports.saved.keep"),
            rx.el.form(
                field(
                    "keep-name",
                    say(locale, "reports.saved.name"),
                    rx.el.input(
                        id="keep-name", name="name", required=True, max_length=120, class_name="input"
                    ),
                ),
                acts(locale, "keep", button(say(locale, "ui.save"), kind="go", type="submit")),
                on_submit=Keeping.keep,
                reset_on_submit=True,
                class_name="stack",
            ),
        ),
        class_name="spread",
    )
