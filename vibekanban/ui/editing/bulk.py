"""Bulk edit: pick objects of every account, see what would become of them, change them, and back."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.editing import picking
from vibekanban.domains.editing.bulk_actions import TEXTS, Action
from vibekanban.ui.base import path
from vibekanban.ui.components.parts import (
    acts,
    anchor,
    button,
    card,
    dialog,
    empty,
    head,
    open_dialog,
    pill,
    progress,
    table,
)
from vibekanban.ui.editing.bulk_state import ACTIONS, DAYS, LEVELS, PICK, STATUSES, Bulk, Found, Row
from vibekanban.ui.live_page import live_page

__all__ = ["Bulk", "page"]
EVERY = (
    "const all=document.querySelectorAll('#bulk-list input[type=checkbox]');"
    "const on=[...all].some(one=>!one.checked);all.forEach(one=>{one.checked=on})"
)


# the metric is the last column, and none of its own when it is the spend
_OWN_METRIC = {"display": rx.cond(Bulk.metric == "spend", "none", "")}


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "bulk",
        say(locale, "bulk.title"),
        rx.fragment(
            _results(locale), _filters(locale), _picking(locale), _preview(locale), *_dialogs(locale)
        ),
        topics=["bulk"],
        on_change=Bulk.changed,
        loaded=Bulk.loaded,
        found=Bulk.accounts.length() > 0,
        nothing=empty(
            "plug",
            say(locale, "ui.dashboard.empty.title"),
            say(locale, "ui.dashboard.empty.text"),
            anchor(say(locale, "ui.dashboard.empty.act"), path(locale, "/app/accounts"), kind="go"),
        ),
    )


def _labelled(name: str, label: Any, control: rx.Component) -> rx.Component:
    return rx.el.div(rx.el.label(label, html_for=f"bulk-{name}"), control, class_name="field")


def _select(name: str, label: str, value: Any, options: list[rx.Component], **props: Any) -> rx.Component:
    control = rx.el.select(
        *options,
        id=f"bulk-{name}",
        name=name,
        class_name="input",
        style={"maxWidth": "100%"},
        **({"default_value": value} | props),
    )
    return _labelled(name, label, control)


def _input(name: str, label: Any, **props: Any) -> rx.Component:
    return _labelled(name, label, rx.el.input(id=f"bulk-{name}", name=name, class_name="input", **props))


def _filters(locale: str) -> rx.Component:
    return rx.el.form(
        _select(
            "account",
            say(locale, "ui.account"),
            Bulk.account_id,
            [
                rx.el.option(say(locale, "bulk.every_account"), value=""),
                rx.foreach(Bulk.accounts, lambda one: rx.el.option(one.label, value=one.id)),
            ],
        ),
        _select(
            "level",
            say(locale, "bulk.level"),
            Bulk.level,
            [rx.el.option(say(locale, f"bulk.level.{one.value}"), value=one.value) for one in LEVELS],
        ),
        _select(
            "status",
            say(locale, "ui.column.status"),
            Bulk.status,
            [
                rx.el.option(say(locale, "bulk.alive"), value=""),
                *[rx.el.option(say(locale, f"ui.status.{word}"), value=word) for word in STATUSES],
            ],
        ),
        _input("search", say(locale, "bulk.name_contains"), type="search", default_value=Bulk.search),
        _select(
            "metric",
            say(locale, "bulk.metric"),
            Bulk.metric,
            [rx.el.option(say(locale, f"ui.column.{name}"), value=name) for name in picking.METRICS],
        ),
        _select(
            "days",
            say(locale, "bulk.days"),
            Bulk.days,
            [rx.el.option(say(locale, "bulk.days.last", days=days), value=days) for days in DAYS],
        ),
        _input("above", say(locale, "bulk.above"), input_mode="decimal", default_value=Bulk.above, size="8"),
        _input("below", say(locale, "bulk.below"), input_mode="decimal", default_value=Bulk.below, size="8"),
        button(say(locale, "bulk.search"), type="submit"),
        on_submit=Bulk.sift,
        class_name="tools card",
    )


def _picking(locale: str) -> rx.Component:
    heads = [
        head(say(locale, "ui.column.name")),
        head(say(locale, "ui.account")),
        head(say(locale, "ui.column.status")),
        head(say(locale, "ui.column.budget"), number=True),
        head(say(locale, "ui.column.spend"), number=True),
    ]
    chosen = [(name, say(locale, f"ui.column.{name}")) for name in picking.METRICS]
    heads.append(
        rx.el.th(
            rx.match(Bulk.metric, *chosen, ""),
            scope="col",
            class_name="n",
            style=_OWN_METRIC,
            custom_attrs={"data-label": say(locale, "bulk.metric")},
        )
    )
    return card(
        say(locale, "bulk.pick.title"),
        rx.cond(
            Bulk.found.length() > 0,
            rx.el.form(
                rx.el.div(
                    table(
                        say(locale, "bulk.pick.title"),
                        heads,
                        rx.foreach(Bulk.found, lambda one: _candidate(one)),
                        scrolls=True,
                    ),
                    id="bulk-list",
                ),
                rx.el.div(
                    _select(
                        "action",
                        say(locale, "bulk.action"),
                        Bulk.action,
                        [rx.el.option(say(locale, f"bulk.action.{name}"), value=name) for name in ACTIONS],
                        on_change=Bulk.choose,
                    ),
                    _params(locale),
                    button(say(locale, "bulk.preview"), kind="go", type="submit", disabled=Bulk.working),
                    class_name="tools",
                    style={"marginTop": "14px"},
                ),
                rx.el.p(Bulk.wrong, class_name="wrong", role="alert"),
                on_submit=Bulk.rehearse,
            ),
            empty("layers", say(locale, "bulk.none"), say(locale, "bulk.none.text")),
        ),
        aside=rx.el.div(
            rx.el.span(Bulk.found.length(), " ", say(locale, "bulk.objects"), class_name="small quiet num"),
            button(say(locale, "bulk.pick.all"), kind="small", on_click=rx.call_script(EVERY)),
            class_name="spread",
        ),
        subtitle=say(locale, "bulk.pick.text"),
    )


def _candidate(one: rx.Var[Found]) -> rx.Component:
    box = rx.Var.create(PICK) + one.id
    return rx.el.tr(
        rx.el.td(
            rx.el.label(rx.el.input(type="checkbox", name=box, id=box), one.name, class_name="tickable")
        ),
        rx.el.td(one.account),
        rx.el.td(
            pill(one.status, one.tone),
            rx.foreach(one.why, lambda reason: rx.el.div(reason, class_name="small quiet")),
        ),
        rx.el.td(one.budget, class_name="n num"),
        rx.el.td(one.spend, class_name="n num"),
        rx.el.td(one.value, class_name="n num", style=_OWN_METRIC),
        key=one.id,
    )


def _params(locale: str) -> rx.Component:
    amounts = (Bulk.action == Action.SET_BUDGET.value) | (Bulk.action == Action.SET_BID.value)
    return rx.fragment(
        rx.cond(
            amounts,
            rx.foreach(
                Bulk.currencies,
                lambda one: rx.el.div(
                    rx.el.label(
                        say(locale, "bulk.amount"), " ", one, html_for=rx.Var.create("amount-") + one
                    ),
                    rx.el.input(
                        id=rx.Var.create("amount-") + one,
                        name=rx.Var.create("amount-") + one,
                        input_mode="decimal",
                        size="10",
                        class_name="input",
                    ),
                    class_name="field",
                ),
            ),
        ),
        rx.cond(
            Bulk.action == Action.CHANGE_BUDGET_PERCENT.value,
            _input("percent", say(locale, "bulk.percent"), input_mode="text", placeholder="-20", size="8"),
        ),
        rx.cond(
            Bulk.action == Action.RENAME.value,
            rx.fragment(*[_input(f"text-{name}", say(locale, f"bulk.text.{name}")) for name in TEXTS]),
        ),
    )


def _rows(locale: str, caption: str, rows: Any, *, spent: bool) -> rx.Component:
    def line(one: rx.Var[Row]) -> rx.Component:
        return rx.el.tr(
            rx.el.td(one.name, rx.el.div(one.account, class_name="small quiet")),
            rx.el.td(rx.foreach(one.lines, lambda text: rx.el.div(text, class_name="num"))),
            *([rx.el.td(one.spent, class_name="n num")] if spent else []),
            rx.el.td(
                pill(one.state, one.tone),
                rx.cond(one.why != "", rx.el.div(one.why, class_name="small quiet")),
            ),
        )

    return table(
        caption,
        [
            head(say(locale, "ui.column.name")),
            head(say(locale, "ui.activity.change")),
            *([head(say(locale, "bulk.spent"), number=True)] if spent else []),
            head(say(locale, "ui.activity.outcome")),
        ],
        rx.foreach(rows, line),
    )


def _preview(locale: str) -> rx.Component:
    return rx.el.div(
        rx.cond(
            Bulk.rows.length() > 0,
            card(
                say(locale, "bulk.preview.title"),
                rx.el.ul(rx.foreach(Bulk.money, rx.el.li), class_name="num strong stack tight"),
                _rows(locale, say(locale, "bulk.preview.title"), Bulk.rows, spent=True),
                rx.el.div(
                    rx.el.span(
                        Bulk.able, " ", say(locale, "bulk.will"), " · ", Bulk.refused, " ",
                        say(locale, "bulk.will_not"), rx.cond(Bulk.rehearsed != "", " · " + Bulk.rehearsed, ""),
                        class_name="num quiet",
                    ),
                    button(
                        say(locale, "bulk.go"),
                        kind="go",
                        on_click=open_dialog("bulk-run"),
                        disabled=(Bulk.able == 0) | Bulk.working,
                    ),
                    class_name="pager",
                ),
            ),
        ),
        id="bulk-preview",
        aria_live="polite",
    )  # fmt: skip


def _results(locale: str) -> rx.Component:
    return rx.cond(
            Bulk.run_id != "",
            card(
                say(locale, "bulk.results"),
                rx.el.div(
                    progress(Bulk.progress, say(locale, "bulk.progress")),
                    rx.el.p(
                        Bulk.done, " ", say(locale, "bulk.count.done"), " · ", Bulk.failed, " ",
                        say(locale, "bulk.count.failed"), " · ", Bulk.total, " ", say(locale, "bulk.count.total"),
                        class_name="num",
                    ),
                    class_name="stack tight",
                    aria_live="polite",
                ),
                rx.el.details(
                    rx.el.summary(say(locale, "bulk.results.rows")),
                    _rows(locale, say(locale, "bulk.results"), Bulk.results, spent=False),
                    class_name="fold",
                    custom_attrs={"open": True},
                ),
                aside=rx.el.div(
                    anchor(say(locale, "ui.nav.changes"), path(locale, "/app/changes"), kind="small"),
                    rx.cond(
                        Bulk.undoable,
                        button(
                            say(locale, "changes.undo_all"),
                            kind="small danger",
                            on_click=Bulk.ask_back,
                            disabled=Bulk.working,
                        ),
                    ),
                    class_name="spread",
                ),
                id="bulk-results",
            ),
    )  # fmt: skip


def _dialogs(locale: str) -> list[rx.Component]:
    def confirm(name: str, title: str, act: Any) -> rx.Component:
        return dialog(
            name,
            title,
            rx.el.p(rx.el.b(Bulk.asked)),
            rx.el.ul(rx.foreach(Bulk.money, rx.el.li), class_name="num strong stack tight"),
            acts(locale, name, button(say(locale, "bulk.go"), kind="go", on_click=act)),
        )

    return [
        confirm("bulk-run", say(locale, "bulk.run.title"), Bulk.carry_out),
        confirm("bulk-undo", say(locale, "changes.undo_all.title"), Bulk.take_back),
    ]
