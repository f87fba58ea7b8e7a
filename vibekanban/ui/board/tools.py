"""What stands above the columns: searching, filtering, sorting, saved views, a new task."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.board import sources
from vibekanban.domains.board.filters import Sort
from vibekanban.domains.board.models import Stage
from vibekanban.ui.board import views
from vibekanban.ui.board.board_state import Board
from vibekanban.ui.components.parts import acts, button, dialog, field, open_dialog, text_input


def tools(locale: str) -> rx.Component:
    return rx.el.div(
        rx.el.input(
            type="search",
            placeholder=say(locale, "board.search"),
            default_value=Board.q,
            key=Board.searched,
            on_change=lambda text: Board.filter("q", text).debounce(300),
            class_name="input search",
            custom_attrs={"aria-label": say(locale, "board.search")},
        ),
        rx.el.details(
            rx.el.summary(
                say(locale, "board.filters"),
                rx.cond(Board.filtered, rx.el.span(" •", class_name="strong")),
                class_name="btn",
            ),
            rx.el.div(*_filters(locale), class_name="pop"),
            class_name="menu filters",
        ),
        views.menu(locale),
        rx.cond(Board.filtered, button(say(locale, "board.clear"), on_click=Board.clear)),
        button(say(locale, "board.task.new"), kind="go", symbol="plus", on_click=open_dialog("board-new")),
        class_name="tools board-tools",
    )


def _filters(locale: str) -> list[rx.Component]:
    return [
        _select(
            locale,
            "account",
            Board.account,
            rx.foreach(Board.accounts, lambda one: rx.el.option(one.label, value=one.id)),
        ),
        _select(
            locale,
            "kind",
            Board.kind,
            *[rx.el.option(say(locale, f"board.kind.{kind}.many"), value=kind) for kind in sources.KINDS],
        ),
        _select(
            locale,
            "assignee",
            Board.assignee,
            *[rx.el.option(say(locale, f"board.assignee.{who}"), value=who) for who in ("me", "none")],
            rx.foreach(Board.people, lambda one: rx.el.option(one.label, value=one.id)),
        ),
        _select(
            locale,
            "label",
            Board.label,
            rx.foreach(Board.labels, lambda one: rx.el.option(one, value=one)),
        ),
        _select(
            locale,
            "currency",
            Board.currency,
            rx.foreach(Board.currencies, lambda one: rx.el.option(one, value=one)),
        ),
        field(
            "board-sort",
            say(locale, "board.sort"),
            rx.el.select(
                *[rx.el.option(say(locale, f"board.sort.{sort}"), value=sort.value) for sort in Sort],
                id="board-sort",
                value=Board.sort,
                on_change=lambda value: Board.filter("sort", value),
                class_name="input",
            ),
        ),
        rx.el.label(
            rx.el.input(type="checkbox", checked=Board.snoozed, on_change=Board.asleep),
            say(locale, "board.snoozed"),
            class_name="check",
        ),
    ]


def _select(locale: str, name: str, value: rx.Var[str], *options: rx.Component) -> rx.Component:
    return field(
        f"board-{name}",
        say(locale, f"board.filter.{name}"),
        rx.el.select(
            rx.el.option(say(locale, f"board.all.{name}"), value=""),
            *options,
            id=f"board-{name}",
            value=value,
            on_change=lambda chosen: Board.filter(name, chosen),
            class_name="input",
        ),
    )


def new_task(locale: str) -> rx.Component:
    return dialog(
        "board-new",
        say(locale, "board.task.new"),
        rx.el.form(
            field(
                "title", say(locale, "board.task.title"), text_input("title", required=True, max_length=200)
            ),
            field(
                "notes",
                say(locale, "board.task.notes"),
                rx.el.textarea(id="notes", name="notes", rows="3", max_length=5000, class_name="input"),
            ),
            field(
                "task_account",
                say(locale, "board.filter.account"),
                rx.el.select(
                    rx.el.option(say(locale, "board.no_account"), value=""),
                    rx.foreach(Board.own, lambda one: rx.el.option(one.label, value=one.id)),
                    id="task_account",
                    name="task_account",
                    class_name="input",
                ),
            ),
            field(
                "stage",
                say(locale, "board.task.stage"),
                rx.el.select(
                    *[
                        rx.el.option(say(locale, f"board.stage.{stage}"), value=stage.value)
                        for stage in Stage
                    ],
                    id="stage",
                    name="stage",
                    default_value=Stage.ATTENTION.value,
                    class_name="input",
                ),
            ),
            field("due", say(locale, "board.task.due"), text_input("due", kind="date")),
            acts(locale, "board-new", button(say(locale, "board.task.write"), kind="go", type="submit")),
            on_submit=Board.write,
            reset_on_submit=True,
            class_name="stack",
        ),
    )
