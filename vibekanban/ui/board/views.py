"""The menu of saved views: looking at the board by one, keeping what is shown as one, forgetting one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.board import views
from vibekanban.domains.board.filters import Filters
from vibekanban.ui import base, guard
from vibekanban.ui.base import locale_of
from vibekanban.ui.board.board_state import Board, Choice
from vibekanban.ui.components.parts import button


class Views(rx.State):
    views: list[Choice] = []

    @guard.signed_in
    async def load(self) -> Any:
        """On arrival; the address may name a view."""
        await self._show()
        asked = base.uuid_of(self.router.url.query_parameters.get("view", ""))
        return await self._look(asked) if asked else None

    @guard.signed_in
    async def look(self, view_id: str) -> Any:
        """Show the board by a view."""
        return await self._look(UUID(view_id))

    @guard.signed_in
    async def keep(self, form: dict[str, Any]) -> Any:
        """What is shown now, under a name."""
        board = await self.get_state(Board)
        await base.run(self, views.save, str(form.get("view-name") or ""), board._filters())
        await self._show()
        return rx.toast.success(say(locale_of(self), "board.view.kept"))

    @guard.signed_in
    async def forget(self, view_id: str) -> Any:
        await base.run(self, views.forget, UUID(view_id))
        await self._show()
        return rx.toast.success(say(locale_of(self), "board.view.gone"))

    async def _look(self, view_id: UUID) -> Any:
        found = await base.run(self, views.view, view_id)
        board = await self.get_state(Board)
        return await board._look_by(Filters.parse(found.filters))

    async def _show(self) -> None:
        self.views = [Choice(str(one.id), one.name) for one in await base.run(self, views.views)]


def menu(locale: str) -> rx.Component:
    return rx.el.details(
        rx.el.summary(say(locale, "board.views"), class_name="btn"),
        rx.el.div(
            rx.foreach(
                Views.views,
                lambda one: rx.el.div(
                    rx.el.button(one.label, type="button", on_click=Views.look(one.id), class_name="grow"),
                    rx.el.button(
                        "×",
                        rx.el.span(say(locale, "board.view.forget"), " ", one.label, class_name="sr"),
                        type="button",
                        on_click=Views.forget(one.id),
                        class_name="narrow",
                    ),
                    class_name="pick",
                ),
            ),
            rx.cond(
                Views.views.length() == 0,
                rx.el.p(
                    say(locale, "board.views.none"), class_name="small quiet", style={"padding": "6px 12px"}
                ),
            ),
            rx.el.form(
                rx.el.input(
                    name="view-name",
                    required=True,
                    max_length=80,
                    placeholder=say(locale, "board.view.name"),
                    class_name="input",
                    custom_attrs={"aria-label": say(locale, "board.view.name")},
                ),
                button(say(locale, "board.view.keep"), kind="small wide plain", type="submit"),
                on_submit=Views.keep,
                reset_on_submit=True,
                class_name="stack tight",
                style={"padding": "8px 12px"},
            ),
            class_name="pop",
        ),
        class_name="menu views",
    )
