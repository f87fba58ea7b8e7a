"""The dashboard: one account's numbers against the period before, live, and its campaigns."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui.base import path
from vibekanban.ui.components.charts import live_chart
from vibekanban.ui.components.numbers import kpis, numbers_table, period, twin
from vibekanban.ui.components.parts import anchor, button, card, empty, pill, progress
from vibekanban.ui.components.shared import shared_mark
from vibekanban.ui.live_page import fresh, live_page
from vibekanban.ui.meta.dashboard_state import COLUMNS, Dashboard, Trend


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "dashboard",
        say(locale, "ui.dashboard.title"),
        _board(locale),
        topics=["metrics", "campaigns", "sync", "connections", "sharing"],
        on_change=Dashboard.changed,
        loaded=Dashboard.loaded,
        found=Dashboard.account_id != "",
        nothing=empty(
            "plug",
            say(locale, "ui.dashboard.empty.title"),
            say(locale, "ui.dashboard.empty.text"),
            anchor(say(locale, "ui.dashboard.empty.act"), path(locale, "/app/accounts"), kind="go"),
        ),
    )


def _board(locale: str) -> rx.Component:
    return rx.fragment(
        _tools(locale),
        rx.cond(
            Dashboard.trouble != "",
            rx.el.div(
                rx.el.span(Dashboard.trouble),
                rx.cond(
                    Dashboard.shared_by == "",
                    anchor(say(locale, "ui.nav.accounts"), path(locale, "/app/accounts"), kind="small"),
                ),
                class_name="banner bad",
                role="alert",
            ),
        ),
        rx.cond(
            Dashboard.syncing,
            rx.el.section(
                rx.el.div(
                    rx.el.span(Dashboard.step, class_name="grow strong"),
                    rx.el.span(Dashboard.progress, " %", class_name="num"),
                    class_name="spread",
                ),
                progress(Dashboard.progress, say(locale, "ui.sync.progress")),
                class_name="card stack tight",
                aria_live="polite",
            ),
        ),
        kpis(Dashboard.tiles, against=say(locale, "ui.dashboard.before")),
        card(
            say(locale, "ui.dashboard.chart"),
            live_chart(
                columns=Trend.columns,
                series=[
                    {
                        "label": say(locale, "ui.column.spend"),
                        "scale": "money",
                        "color": "series-1",
                        "fill": True,
                    },
                    {
                        "label": say(locale, "ui.column.revenue"),
                        "scale": "money",
                        "color": "series-2",
                        "dash": True,
                    },
                ],
                lang=locale,
                currency=Dashboard.currency,
                label=say(locale, "ui.dashboard.chart.label"),
                height=300,
                unit="day",
                unfinished=rx.cond(Trend.unfinished, say(locale, "ui.unfinished"), ""),
            ),
            twin(
                locale,
                numbers_table(
                    say(locale, "ui.dashboard.chart"),
                    say(locale, "ui.column.day"),
                    [say(locale, f"ui.column.{name}") for name in ("spend", "revenue", "roas")],
                    Trend.days,
                ),
            ),
            subtitle=rx.el.span(
                say(locale, "ui.dashboard.counts"), " ", rx.el.b(Dashboard.event), " · ", Dashboard.timezone
            ),
            aside=fresh(locale, Dashboard.fetched_at),
        ),
        _campaigns(locale),
    )


def _tools(locale: str) -> rx.Component:
    return rx.el.div(
        rx.el.div(
            rx.el.label(say(locale, "ui.account"), html_for="account", class_name="sr"),
            rx.el.select(
                rx.foreach(Dashboard.accounts, lambda one: rx.el.option(one.label, value=one.id)),
                id="account",
                value=Dashboard.account_id,
                on_change=Dashboard.choose,
                class_name="input",
                style={"maxWidth": "100%"},
            ),
            class_name="field",
        ),
        shared_mark(locale, Dashboard.shared_by),
        period(locale, Dashboard.preset, Dashboard.span, choices=("7", "30", "90", "custom")),
        rx.cond(
            Dashboard.preset == "custom",
            rx.el.form(
                rx.el.input(
                    type="date",
                    name="since",
                    default_value=Dashboard.since,
                    class_name="input",
                    custom_attrs={"aria-label": say(locale, "ui.range.since")},
                ),
                rx.el.input(
                    type="date",
                    name="until",
                    default_value=Dashboard.until,
                    class_name="input",
                    custom_attrs={"aria-label": say(locale, "ui.range.until")},
                ),
                button(say(locale, "ui.range.show"), type="submit"),
                on_submit=Dashboard.between,
                class_name="tools",
            ),
        ),
        class_name="tools",
    )


def _campaigns(locale: str) -> rx.Component:
    def sortable(name: Any, label: Any, *, number: bool = True) -> rx.Component:
        here = Dashboard.sort == name
        return rx.el.th(
            rx.el.button(
                label,
                rx.cond(here, rx.cond(Dashboard.down, "↓", "↑"), ""),
                type="button",
                on_click=Dashboard.order(name),
            ),
            scope="col",
            class_name="n" if number else "",
            custom_attrs={
                "aria-sort": rx.cond(here, rx.cond(Dashboard.down, "descending", "ascending"), "none")
            },
        )

    return card(
        say(locale, "ui.campaigns.title"),
        rx.el.div(
            rx.el.input(
                type="search",
                placeholder=say(locale, "ui.campaigns.search"),
                on_change=Dashboard.find.debounce(300),
                class_name="input search",
                custom_attrs={"aria-label": say(locale, "ui.campaigns.search")},
            ),
            rx.el.select(
                rx.el.option(say(locale, "ui.campaigns.all"), value=""),
                *[
                    rx.el.option(say(locale, f"ui.status.{word}"), value=word)
                    for word in ("ACTIVE", "PAUSED", "WITH_ISSUES", "ARCHIVED")
                ],
                value=Dashboard.status,
                on_change=Dashboard.only,
                class_name="input",
                custom_attrs={"aria-label": say(locale, "ui.column.status")},
            ),
            rx.el.details(
                rx.el.summary(say(locale, "ui.campaigns.columns"), class_name="btn"),
                rx.el.div(
                    *[
                        rx.el.label(
                            rx.el.input(
                                type="checkbox",
                                checked=Dashboard.columns.contains(name),
                                on_change=lambda _on, name=name: Dashboard.toggle(name),
                            ),
                            say(locale, f"ui.column.{name}"),
                            class_name="check",
                        )
                        for name in COLUMNS
                    ],
                    class_name="pop",
                    style={"padding": "10px 14px"},
                ),
                class_name="menu",
            ),
            rx.cond(
                Dashboard.shared_by == "",
                anchor(
                    say(locale, "sharing.share"),
                    path(locale, "/app/sharing") + "?share=summary&of=" + Dashboard.account_id,
                    symbol="share",
                ),
            ),
            rx.cond(Dashboard.exports, button("CSV", symbol="download", on_click=Dashboard.export)),
            class_name="tools",
            style={"marginBottom": "10px"},
        ),
        rx.cond(
            Dashboard.total > 0,
            rx.el.div(
                rx.el.table(
                    rx.el.caption(say(locale, "ui.campaigns.title"), class_name="sr"),
                    rx.el.thead(
                        rx.el.tr(
                            sortable("name", say(locale, "ui.column.name"), number=False),
                            rx.el.th(say(locale, "ui.column.status"), scope="col"),
                            rx.foreach(Dashboard.heads, lambda one: sortable(one[0], one[1])),
                        )
                    ),
                    rx.el.tbody(
                        rx.foreach(
                            Dashboard.lines,
                            lambda line: rx.el.tr(
                                rx.el.td(
                                    rx.el.a(line.name, href=path(locale, "/app/campaign") + "?id=" + line.id)
                                ),
                                rx.el.td(pill(line.status, line.tone)),
                                rx.foreach(line.cells, lambda cell: rx.el.td(cell, class_name="n num")),
                            ),
                        )
                    ),
                ),
                class_name="sheet",
                role="region",
                tab_index=0,
                custom_attrs={"aria-label": say(locale, "ui.campaigns.title")},
            ),
            rx.el.p(say(locale, "ui.campaigns.none"), class_name="quiet"),
        ),
        rx.cond(
            Dashboard.unlisted != "",
            rx.el.p(
                say(locale, "ui.campaigns.unlisted"),
                " ",
                rx.el.b(Dashboard.unlisted, class_name="num"),
                class_name="small quiet",
            ),
        ),
        aside=rx.el.div(
            rx.el.span(Dashboard.total, " ", say(locale, "ui.campaigns.count"), class_name="small quiet num"),
            rx.cond(
                Dashboard.shared_by == "",
                anchor(
                    say(locale, "ui.parts.new_campaign"),
                    path(locale, "/app/new") + "?level=campaign&parent=" + Dashboard.account_id,
                    kind="small",
                    symbol="plus",
                ),
            ),
            class_name="spread",
        ),
    )
