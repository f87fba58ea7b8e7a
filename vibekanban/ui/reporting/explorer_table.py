"""The table of the explorer with its filters: rows, what they leave out, and the account's total."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.reporting.figures import Metric
from vibekanban.domains.reporting.wording import OPERATORS
from vibekanban.ui.components.parts import button, card, pill
from vibekanban.ui.live_page import fresh
from vibekanban.ui.reporting.explorer_asking import Asking
from vibekanban.ui.reporting.explorer_rows import Cell, Row
from vibekanban.ui.reporting.explorer_state import Explorer

STATUSES = ("ACTIVE", "PAUSED", "WITH_ISSUES", "ARCHIVED", "DELETED")


def choice(label: str, options: list[rx.Component], value: Any, on_change: Any) -> rx.Component:
    return rx.el.select(
        *options,
        value=value,
        on_change=on_change,
        class_name="input narrow",
        custom_attrs={"aria-label": label},
    )


def said(locale: str, prefix: str, words: Any) -> list[rx.Component]:
    return [rx.el.option(say(locale, f"{prefix}.{word.value}"), value=word.value) for word in words]


def explorer_table(locale: str) -> rx.Component:
    return card(
        say(locale, "reports.table"),
        _filters(locale),
        rx.foreach(
            Explorer.warnings,
            lambda text: rx.el.div(rx.el.span(text), class_name="banner warn", role="status"),
        ),
        rx.el.div(
            rx.el.table(
                rx.el.caption(say(locale, "reports.title"), class_name="sr"),
                rx.el.thead(
                    rx.el.tr(
                        _sortable("name", say(locale, "ui.column.name"), number=False),
                        rx.el.th(say(locale, "reports.column.status"), scope="col"),
                        rx.foreach(Explorer.heads, lambda one: _sortable(one.name, one.label, one.counted)),
                    )
                ),
                rx.el.tbody(
                    rx.foreach(Explorer.rows, _line),
                    rx.cond(
                        Explorer.count == 0,
                        rx.el.tr(
                            rx.el.td(
                                rx.cond(
                                    Explorer.fetching,
                                    say(locale, "reports.fetching"),
                                    say(locale, "reports.none"),
                                ),
                                col_span=Explorer.heads.length() + 2,
                                class_name="quiet",
                            )
                        ),
                    ),
                ),
                rx.el.tfoot(rx.foreach(Explorer.below, _sum)),
            ),
            class_name="sheet",
            role="region",
            tab_index=0,
            custom_attrs={"aria-label": say(locale, "reports.title")},
        ),
        rx.cond(
            Explorer.pages > 1,
            rx.el.nav(
                button(
                    say(locale, "reports.page.previous"),
                    kind="small",
                    disabled=Explorer.page == 1,
                    on_click=Explorer.turn(-1),
                ),
                rx.el.span(Explorer.page, " / ", Explorer.pages, class_name="num small quiet"),
                button(
                    say(locale, "reports.page.next"),
                    kind="small",
                    disabled=Explorer.page == Explorer.pages,
                    on_click=Explorer.turn(1),
                ),
                class_name="pager",
                custom_attrs={"aria-label": say(locale, "reports.title")},
            ),
        ),
        rx.el.div(
            rx.foreach(Explorer.notes, lambda text: rx.el.p(text, class_name="small quiet")),
            rx.cond(
                Explorer.unread,
                rx.el.div(
                    button(say(locale, "reports.read_missing"), kind="small", on_click=Asking.read_missing)
                ),
            ),
            class_name="stack tight",
            style={"marginTop": "12px"},
        ),
        subtitle=rx.el.span(
            say(locale, "reports.counted"),
            " ",
            rx.el.b(Explorer.counted),
            rx.cond(
                Explorer.attribution != "",
                rx.el.span(", ", say(locale, "reports.attribution"), " ", rx.el.b(Explorer.attribution)),
            ),
        ),
        aside=rx.el.span(
            rx.el.span(Explorer.count, " ", say(locale, "reports.rows"), " · ", class_name="small quiet num"),
            fresh(locale, Explorer.fetched_at),
        ),
    )


def _filters(locale: str) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.input(
                type="search",
                placeholder=say(locale, "reports.search"),
                default_value=Explorer.search,
                on_change=Explorer.find.debounce(300),
                class_name="input search",
                custom_attrs={"aria-label": say(locale, "reports.search")},
            ),
            choice(
                say(locale, "reports.filter.status"),
                [
                    rx.el.option(say(locale, "reports.filter.any"), value=""),
                    *[rx.el.option(say(locale, f"ui.status.{word}"), value=word) for word in STATUSES],
                ],
                rx.cond(Explorer.statuses.length() > 0, Explorer.statuses[0], ""),
                lambda value: Explorer.pick("statuses", value),
            ),
            _menu(say(locale, "reports.filters"), _bound_form(locale)),
            _menu(say(locale, "reports.metrics"), *[_metric(locale, metric) for metric in Metric]),
            rx.cond(Explorer.exports, button("CSV", symbol="download", on_click=Explorer.export)),
            class_name="tools",
        ),
        rx.cond(
            Explorer.bounds.length() > 0,
            rx.el.ul(
                rx.foreach(
                    Explorer.bounds,
                    lambda one: rx.el.li(
                        rx.el.button(
                            one.label,
                            rx.el.span("×", custom_attrs={"aria-hidden": "true"}),
                            rx.el.span(say(locale, "reports.filter.remove"), class_name="sr"),
                            type="button",
                            on_click=Explorer.unbound(one.text),
                            class_name="btn small",
                        )
                    ),
                ),
                class_name="plain spread",
            ),
        ),
        class_name="stack tight",
        style={"marginBottom": "10px"},
    )


def _menu(label: str, *inside: rx.Component) -> rx.Component:
    return rx.el.details(
        rx.el.summary(label, class_name="btn"),
        rx.el.div(*inside, class_name="pop", style={"padding": "10px 14px"}),
        class_name="menu",
    )


def _metric(locale: str, metric: Metric) -> rx.Component:
    return rx.el.label(
        rx.el.input(
            type="checkbox",
            checked=Explorer.metrics.contains(metric.value),
            on_change=lambda _on: Explorer.toggle(metric.value),
        ),
        say(locale, f"reports.metric.{metric.value}"),
        class_name="check",
    )


def _bound_form(locale: str) -> rx.Component:
    def named(name: str, options: list[rx.Component]) -> rx.Component:
        return rx.el.select(
            *options,
            name=name,
            class_name="input",
            custom_attrs={"aria-label": say(locale, f"reports.filter.{name}")},
        )

    return rx.el.form(
        named("metric", said(locale, "reports.metric", Metric)),
        named(
            "operator",
            [rx.el.option(say(locale, f"reports.filter.{word}"), value=word) for word in OPERATORS],
        ),
        rx.el.input(
            name="value",
            input_mode="decimal",
            required=True,
            class_name="input",
            placeholder="100",
            custom_attrs={"aria-label": say(locale, "reports.filter.value")},
        ),
        rx.el.button(say(locale, "reports.filter.add"), type="submit", class_name="strong"),
        on_submit=Explorer.bound,
        class_name="stack tight",
    )


def _sortable(name: Any, label: Any, counted: Any = "", *, number: bool = True) -> rx.Component:
    down = Explorer.sort == "-" + name
    up = Explorer.sort == name
    return rx.el.th(
        rx.el.button(
            label,
            rx.cond(down, "↓", rx.cond(up, "↑", "")),
            type="button",
            on_click=Explorer.order(name),
        ),
        rx.cond(counted != "", rx.el.div(counted, class_name="how")),
        scope="col",
        class_name="n" if number else "",
        custom_attrs={"aria-sort": rx.cond(down, "descending", rx.cond(up, "ascending", "none"))},
    )


def _line(row: rx.Var[Row]) -> rx.Component:
    return rx.el.tr(
        rx.el.td(
            rx.cond(row.href != "", rx.el.a(row.name, href=row.href), rx.el.span(row.name)),
            rx.cond(row.inside != "", rx.el.div(row.inside, class_name="small quiet")),
        ),
        rx.el.td(rx.cond(row.status != "", pill(row.status, row.tone))),
        rx.foreach(row.cells, _cell),
    )


def _sum(row: rx.Var[Row]) -> rx.Component:
    return rx.el.tr(
        rx.el.th(row.name, scope="row", col_span=2),
        rx.foreach(row.cells, _cell),
        class_name=row.status,
    )


def _cell(cell: rx.Var[Cell]) -> rx.Component:
    return rx.el.td(
        cell.value,
        rx.cond(
            cell.delta != "", rx.el.div(rx.el.b(cell.delta, class_name=cell.tone), class_name="small delta")
        ),
        rx.cond(cell.counted != "", rx.el.div(cell.counted, class_name="how")),
        class_name="n num",
    )
