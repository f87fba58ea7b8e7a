"""The board: every campaign of every account beside the tasks about them, in columns by what state they are in."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.base import path
from vibekanban.ui.board.board_state import Board
from vibekanban.ui.board.cards import Face, Lane
from vibekanban.ui.board.drawer import drawer
from vibekanban.ui.board.drawer_state import NAME, Drawer
from vibekanban.ui.board.head import head
from vibekanban.ui.board.tools import new_task, tools
from vibekanban.ui.board.views import Views
from vibekanban.ui.components.board import board_moves
from vibekanban.ui.components.icons import icon
from vibekanban.ui.components.live import live, time_ago
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    button,
    dialog,
    empty,
    pill,
)
from vibekanban.ui.live_page import STALE, live_page

__all__ = ["Board", "Drawer", "Views", "page"]


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "board",
        say(locale, "ui.title.board"),
        rx.fragment(
            tools(locale),
            rx.cond(Board.connected, head(locale)),
            rx.cond(~Board.connected, _nothing(locale)),
            _columns(locale),
            board_moves(
                texts={
                    name: say(locale, f"board.say.{name}")
                    for name in ("picked", "carried", "over", "dropped", "cancelled")
                },
                drawer=NAME,
                on_move=Board.ask,
                on_shut=Drawer.forget,
            ),
            live(
                topics=["board", "campaigns", "metrics", "alerts", "approvals", "sharing"],
                on_change=Drawer.changed,
            ),
            drawer(locale),
            _undo(locale),
            _ask(locale),
            _menu(locale),
            new_task(locale),
        ),
        topics=["board", "campaigns", "metrics", "connections", "alerts", "approvals", "sharing"],
        on_change=Board.changed,
        loaded=Board.loaded,
    )


def _nothing(locale: str) -> rx.Component:
    return rx.el.section(
        empty(
            "plug",
            say(locale, "board.empty.title"),
            say(locale, "board.empty.text"),
            anchor(say(locale, "ui.dashboard.empty.act"), path(locale, "/app/accounts"), kind="go"),
        ),
        class_name="card",
    )


def _columns(locale: str) -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.foreach(
                Board.lanes,
                lambda lane: rx.el.button(
                    lane.name,
                    " ",
                    rx.el.b(lane.total, class_name="num"),
                    type="button",
                    custom_attrs={"data-go": lane.stage},
                ),
            ),
            class_name="board-tabs",
            role="group",
            custom_attrs={"aria-label": say(locale, "board.columns")},
        ),
        rx.el.div(
            rx.foreach(Board.lanes, lambda lane: _lane(locale, lane)),
            class_name="board",
            role="region",
            tab_index=-1,
            custom_attrs={"data-board": "", "aria-label": say(locale, "ui.title.board")},
        ),
    )


def _lane(locale: str, lane: rx.Var[Lane]) -> rx.Component:
    return rx.el.section(
        rx.el.header(
            rx.el.h2(lane.name),
            rx.el.span(lane.total, class_name="count num"),
            rx.el.span(lane.sums, class_name="small quiet num sums"),
        ),
        rx.el.div(
            rx.foreach(lane.cards, lambda face: _card(locale, face)),
            rx.cond(lane.total == 0, rx.el.p(lane.hint, class_name="small quiet")),
            class_name="cards",
            custom_attrs={"data-cards": ""},
        ),
        rx.cond(
            lane.more > 0,
            button(
                rx.el.span(say(locale, "board.more"), " (", lane.more, ")"),
                kind="small wide",
                on_click=Board.more,
            ),
        ),
        class_name=rx.cond(lane.total == 0, "lane bare", "lane"),
        custom_attrs={"data-stage": lane.stage, "data-name": lane.name, "aria-label": lane.name},
    )


def _card(locale: str, face: rx.Var[Face]) -> rx.Component:
    return rx.el.article(
        rx.el.div(
            rx.el.span(face.account, class_name="small quiet clip"),
            rx.cond(face.mine == "false", pill(say(locale, "board.read_only"), "info")),
            rx.el.button(
                "⋯",
                rx.el.span(say(locale, "board.move_to"), ": ", face.title, class_name="sr"),
                type="button",
                class_name="dots",
                on_click=Board.ask_where(face.id),
            ),
            class_name="line",
        ),
        rx.el.button(face.title, type="button", class_name="title", on_click=Drawer.open(face.id)),
        rx.cond(face.spend != "", _numbers(locale, face)),
        rx.cond(face.note != "", rx.el.p(face.note, class_name="small note")),
        rx.el.div(
            rx.cond(face.status != "", pill(face.status, face.tone)),
            rx.cond(face.kind != "campaign", pill(face.kind_name, "plain")),
            rx.cond(face.pace != "", pill(face.pace, face.pace_tone)),
            rx.cond(face.month != "", pill(face.month, face.month_tone)),
            rx.cond(face.due != "", pill(face.due, face.due_tone)),
            rx.foreach(face.labels, lambda label: rx.el.span(label, class_name="tag")),
            class_name="marks",
        ),
        rx.cond(
            (face.fresh_at != "") | (face.comments > 0) | (face.initial != ""),
            rx.el.div(
                rx.cond(
                    face.fresh_at != "",
                    rx.el.span(time_ago(at=face.fresh_at, lang=locale, stale=STALE), class_name="small"),
                ),
                rx.cond(
                    face.comments > 0,
                    rx.el.span(icon("chat"), face.comments, class_name="small quiet num said"),
                ),
                rx.cond(
                    face.initial != "",
                    rx.el.span(
                        face.initial, class_name="avatar tiny", title=face.assignee, role="img",
                        custom_attrs={"aria-label": face.assignee},
                    ),
                ),
                class_name="line foot",
            ),
        ),
        class_name="board-card",
        tab_index=0,
        role="group",
        custom_attrs={
            "data-card": face.id,
            "data-at": face.stage,
            "data-title": face.title,
            "data-targets": face.targets,
            "data-mine": face.mine,
            "aria-label": face.kind_name + ": " + face.title,
            "aria-roledescription": say(locale, "board.card"),
            "aria-describedby": "board-keys",
        },
        key=face.id,
    )  # fmt: skip


def _numbers(locale: str, face: rx.Var[Face]) -> rx.Component:
    return rx.fragment(
        rx.el.div(
            rx.el.b(face.spend, class_name="num"),
            rx.el.span(face.budget, class_name="small quiet num"),
            class_name="line money",
        ),
        rx.el.div(
            rx.el.i(style={"width": face.pace_part.to_string() + "%"}), class_name=rx.Var.create("bar thin ") + face.pace_tone,
            custom_attrs={"aria-hidden": "true"},
        ),
        rx.el.dl(
            _number(say(locale, "ui.column.conversions"), face.conversions),
            _number(say(locale, "ui.column.roas"), face.roas),
            class_name="pair small",
        ),
    )  # fmt: skip


def _number(label: str, value: Any) -> rx.Component:
    return rx.el.div(rx.el.dt(label, class_name="quiet"), rx.el.dd(value, class_name="num strong"))


def _undo(locale: str) -> rx.Component:
    return rx.fragment(
        rx.el.p(say(locale, "board.keys"), id="board-keys", hidden=True),
        rx.el.div(
            rx.cond(
                Board.undo_text != "",
                rx.el.div(
                    rx.el.span(Board.undo_text),
                    button(say(locale, "board.undo"), kind="small", on_click=Board.undo),
                    button(say(locale, "board.close"), kind="small", on_click=Board.forget_undo),
                    class_name="undo",
                    key=Board.undo_text,
                ),
            ),
            role="status",
        ),
    )


def _ask(locale: str) -> rx.Component:
    """Names the money at stake before anything happens."""
    return dialog(
        "board-ask",
        Board.asking_title,
        rx.el.p(rx.el.b(Board.asking)),
        rx.el.p(Board.asking_text),
        acts(locale, "board-ask", button(Board.asking_go, kind="go", on_click=Board.go)),
    )


def _menu(locale: str) -> rx.Component:
    return dialog(
        "board-menu",
        say(locale, "board.move_to"),
        rx.el.p(rx.el.b(Board.menu_title)),
        rx.el.div(
            rx.foreach(Board.menu, lambda one: button(one.label, kind="wide", on_click=Board.to(one.id))),
            rx.cond(Board.menu.length() == 0, rx.el.p(say(locale, "board.fixed"), class_name="quiet")),
            class_name="stack tight",
        ),
        acts(locale, "board-menu"),
    )
