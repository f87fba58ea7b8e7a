"""The drawer of a card: its numbers, where it may go, whose it is, what was done and said."""

from __future__ import annotations

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.base import path
from vibekanban.ui.board.board_state import Board
from vibekanban.ui.board.drawer_state import NAME, SLEEPS, Drawer
from vibekanban.ui.components.live import time_ago
from vibekanban.ui.components.numbers import kpis
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    button,
    close_dialog,
    dialog,
    field,
    open_dialog,
    pill,
    text_input,
)
from vibekanban.ui.live_page import fresh

NEVER = 10**9  # seconds: a moment of the past does not go stale


def drawer(locale: str) -> rx.Component:
    card = Drawer.card
    return rx.fragment(
        rx.el.dialog(
            rx.el.div(
                rx.el.header(
                    rx.el.div(
                        rx.el.p(card.kind_name, " · ", card.account, class_name="small quiet"),
                        rx.el.h2(card.title, id=f"{NAME}-title"),
                        class_name="grow",
                    ),
                    button(say(locale, "board.close"), kind="small", on_click=close_dialog(NAME)),
                    class_name="spread top-line",
                ),
                rx.el.div(
                    rx.cond(card.status != "", pill(card.status, card.tone)),
                    rx.cond(card.pace != "", pill(card.pace, card.pace_tone)),
                    rx.cond(card.month != "", pill(card.month, card.month_tone)),
                    rx.cond(card.due != "", pill(card.due, card.due_tone)),
                    rx.cond(card.mine == "false", pill(say(locale, "board.read_only"), "info")),
                    rx.cond(card.snoozed != "", pill(rx.Var.create(say(locale, "board.until") + " ") + card.snoozed)),
                    class_name="spread marks",
                ),
                rx.cond(card.spend != "", _numbers(locale)),
                rx.cond(card.note != "", rx.el.p(card.note, class_name="banner warn small")),
                rx.cond(card.mine == "true", _hands(locale)),
                rx.cond(card.kind == "campaign", _done(locale)),
                _talk(locale),
                class_name="inside",
            ),
            id=NAME,
            class_name="drawer",
            custom_attrs={"aria-labelledby": f"{NAME}-title"},
        ),
        _gone(locale),
    )  # fmt: skip


def _numbers(locale: str) -> rx.Component:
    card = Drawer.card
    return rx.el.section(
        kpis(Drawer.tiles),
        rx.el.p(
            rx.cond(card.budget != "", rx.el.b(card.budget, " · ", class_name="num")),
            say(locale, "ui.dashboard.counts"), " ", Drawer.event, " · ", fresh(locale, card.fresh_at),
            class_name="small quiet",
        ),
        anchor(say(locale, "board.campaign.open"), path(locale, "/app/campaign") + "?id=" + card.id, kind="small"),
        class_name="stack tight",
    )  # fmt: skip


def _hands(locale: str) -> rx.Component:
    """What may be done with a card."""
    return rx.fragment(
        rx.cond(
            Drawer.targets.length() > 0,
            _part(
                say(locale, "board.move_to"),
                rx.el.div(
                    rx.foreach(
                        Drawer.targets,
                        lambda one: button(one.label, kind="small", on_click=Drawer.move(one.id)),
                    ),
                    class_name="spread",
                ),
            ),
        ),
        rx.cond(Drawer.card.kind == "task", _task(locale)),
        rx.el.div(
            field(
                "assignee",
                say(locale, "board.filter.assignee"),
                rx.el.select(
                    rx.el.option(say(locale, "board.nobody"), value=""),
                    rx.foreach(Drawer.people, lambda one: rx.el.option(one.label, value=one.id)),
                    id="assignee",
                    value=Drawer.assignee,
                    on_change=Drawer.assign,
                    class_name="input",
                ),
            ),
            field(
                "snooze",
                say(locale, "board.snooze"),
                rx.el.select(
                    rx.el.option(say(locale, "board.snooze.no"), value=""),
                    *[rx.el.option(say(locale, f"board.snooze.{days}"), value=days) for days in SLEEPS],
                    id="snooze",
                    value="",
                    on_change=Drawer.snooze,
                    class_name="input",
                ),
            ),
            class_name="two",
        ),
        rx.cond(
            Drawer.card.snoozed != "",
            button(say(locale, "board.wake"), kind="small", on_click=Drawer.snooze("")),
        ),
        rx.el.form(
            field(
                "labels",
                say(locale, "board.labels"),
                rx.el.div(
                    text_input("labels", default_value=Drawer.labels, key=Drawer.card_id + Drawer.labels),
                    button(say(locale, "ui.save"), type="submit"),
                    class_name="copy",
                ),
                hint=say(locale, "board.labels.hint"),
            ),
            on_submit=Drawer.label,
        ),
    )


def _task(locale: str) -> rx.Component:
    return _part(
        say(locale, "board.task.edit"),
        rx.el.form(
            field(
                "task-title",
                say(locale, "board.task.title"),
                text_input("task-title", default_value=Drawer.card.title, required=True, max_length=200),
            ),
            field(
                "task-notes",
                say(locale, "board.task.notes"),
                rx.el.textarea(
                    id="task-notes",
                    name="notes",
                    rows="4",
                    max_length=5000,
                    default_value=Drawer.notes,
                    class_name="input",
                ),
            ),
            rx.el.div(
                field(
                    "task-account",
                    say(locale, "board.filter.account"),
                    rx.el.select(
                        rx.el.option(say(locale, "board.no_account"), value=""),
                        rx.foreach(Board.own, lambda one: rx.el.option(one.label, value=one.id)),
                        id="task-account",
                        name="task_account",
                        default_value=Drawer.account,
                        class_name="input",
                    ),
                ),
                field(
                    "task-due",
                    say(locale, "board.task.due"),
                    text_input("task-due", kind="date", default_value=Drawer.due),
                ),
                class_name="two",
            ),
            rx.el.div(
                button(say(locale, "board.task.throw"), kind="danger", on_click=open_dialog("board-gone")),
                button(say(locale, "ui.save"), kind="go", type="submit"),
                class_name="acts",
            ),
            on_submit=Drawer.rewrite,
            class_name="stack",
            key=Drawer.card_id,
        ),
    )


def _gone(locale: str) -> rx.Component:
    return dialog(
        "board-gone",
        say(locale, "board.task.throw.title"),
        rx.el.p(rx.el.b(Drawer.card.title)),
        rx.el.p(say(locale, "board.task.throw.text")),
        acts(
            locale,
            "board-gone",
            button(say(locale, "board.task.throw"), kind="danger", on_click=Drawer.throw_away),
        ),
    )


def _done(locale: str) -> rx.Component:
    return _part(
        say(locale, "ui.activity.changes"),
        rx.cond(
            Drawer.done.length() > 0,
            rx.el.ul(
                rx.foreach(
                    Drawer.done,
                    lambda one: rx.el.li(
                        rx.el.b(one.what), " · ", one.who, " · ", one.outcome, " · ",
                        time_ago(at=one.at, lang=locale, stale=NEVER),
                    ),
                ),
                class_name="plain stack tight small",
            ),
            rx.el.p(say(locale, "ui.activity.changes.empty"), class_name="small quiet"),
        ),
    )  # fmt: skip


def _talk(locale: str) -> rx.Component:
    return _part(
        say(locale, "board.comments"),
        rx.el.ul(
            rx.foreach(
                Drawer.said,
                lambda one: rx.el.li(
                    rx.el.div(
                        rx.el.b(one.who),
                        rx.el.span(time_ago(at=one.at, lang=locale, stale=NEVER), class_name="small grow"),
                        rx.cond(
                            one.shared & (Drawer.card.mine == "true"),
                            pill(say(locale, "board.said.shared"), "info"),
                        ),
                        rx.cond(
                            one.mine,
                            button(say(locale, "board.take_back"), kind="small", on_click=Drawer.take_back(one.id)),
                        ),
                        class_name="spread",
                    ),
                    rx.el.p(one.text, class_name="said-text"),
                ),
            ),
            class_name="plain stack",
        ),
        rx.el.form(
            rx.el.textarea(
                id="comment",
                name="comment",
                rows="3",
                max_length=2000,
                required=True,
                placeholder=say(locale, "board.comment.hint"),
                class_name="input",
                custom_attrs={"aria-label": say(locale, "board.comment")},
            ),
            rx.cond(
                (Drawer.people.length() > 1) & (Drawer.card.mine == "true"),
                rx.el.label(
                    rx.el.input(type="checkbox", name="shared"),
                    say(locale, "board.comment.shared"),
                    class_name="check small",
                ),
            ),
            rx.el.div(
                rx.foreach(
                    Drawer.people,
                    lambda one: rx.el.button(
                        "@", one.label, type="button", class_name="tag",
                        custom_attrs={"data-mention": one.label},
                    ),
                ),
                button(say(locale, "board.say"), kind="go small", type="submit"),
                class_name="spread",
            ),
            on_submit=Drawer.say,
            reset_on_submit=True,
            class_name="stack tight",
        ),
    )  # fmt: skip


def _part(title: str, *body: rx.Component) -> rx.Component:
    return rx.el.section(rx.el.h3(title), *body, class_name="part")
