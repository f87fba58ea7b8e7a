"""The explorer: one account's numbers by level, compared, filtered, drawn, and taken away as CSV."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.domains.meta.models import MEASURED
from vibekanban.domains.reporting.definitions import Breakdown, Compare, Preset, Shape
from vibekanban.domains.reporting.figures import OF_PEOPLE, Metric
from vibekanban.ui.base import path
from vibekanban.ui.components.numbers import twin
from vibekanban.ui.components.parts import anchor, button, card, empty, head, progress, table
from vibekanban.ui.components.plotly_chart import plotly_chart
from vibekanban.ui.components.shared import shared_mark
from vibekanban.ui.live_page import live_page
from vibekanban.ui.reporting.explorer_asking import Asking
from vibekanban.ui.reporting.explorer_chart import Chart
from vibekanban.ui.reporting.explorer_state import Explorer
from vibekanban.ui.reporting.explorer_table import choice, explorer_table, said
from vibekanban.ui.reporting.keeping import keeping
from vibekanban.ui.reporting.restated import restated_card

__all__ = ["Explorer", "page"]


def page(locale: str) -> rx.Component:
    return live_page(
        locale,
        "reports",
        say(locale, "reports.title"),
        rx.fragment(
            rx.cond(Explorer.shared_by == "", keeping(locale), shared_mark(locale, Explorer.shared_by)),
            _tools(locale),
            _fetching(locale),
            _chart(locale),
            explorer_table(locale),
            restated_card(locale),
        ),
        topics=["metrics", "campaigns", "connections", "sync", "sharing"],
        on_change=Explorer.changed,
        loaded=Explorer.loaded,
        found=Explorer.account_id != "",
        nothing=empty(
            "chart",
            say(locale, "reports.empty.title"),
            say(locale, "reports.empty.text"),
            anchor(say(locale, "reports.empty.act"), path(locale, "/app/accounts"), kind="go"),
        ),
    )


def _tools(locale: str) -> rx.Component:
    return rx.el.div(
        choice(
            say(locale, "ui.account"),
            [rx.foreach(Explorer.accounts, lambda one: rx.el.option(one.label, value=one.id))],  # pyright: ignore[reportArgumentType]
            Explorer.account_id,
            Explorer.choose,
        ),
        choice(
            say(locale, "reports.level"),
            said(locale, "reports.by", MEASURED),
            Explorer.level,
            lambda value: Explorer.pick("level", value),
        ),
        choice(
            say(locale, "reports.breakdown"),
            said(locale, "reports.breakdown", Breakdown),
            Explorer.breakdown,
            lambda value: Explorer.pick("breakdown", value),
        ),
        choice(
            say(locale, "reports.range"),
            said(locale, "reports.range", Preset),
            Explorer.preset,
            lambda value: Explorer.pick("preset", value),
        ),
        rx.cond(Explorer.preset == "custom", _days(locale)),
        choice(
            say(locale, "reports.compare"),
            said(locale, "reports.compare", Compare),
            Explorer.compare,
            lambda value: Explorer.pick("compare", value),
        ),
        class_name="tools",
    )


def _days(locale: str) -> rx.Component:
    def day(name: str, value: Any) -> rx.Component:
        return rx.el.input(
            type="date",
            name=name,
            default_value=value,
            key=value,
            required=True,
            class_name="input",
            custom_attrs={"aria-label": say(locale, f"ui.range.{name}")},
        )

    return rx.el.form(
        day("since", Explorer.since),
        day("until", Explorer.until),
        button(say(locale, "ui.range.show"), type="submit"),
        on_submit=Explorer.between,
        class_name="tools",
    )


def _fetching(locale: str) -> rx.Component:
    """How far a breakdown is that is being read of Meta, or that it failed."""
    return rx.cond(
        Explorer.fetching,
        rx.el.section(
            rx.el.div(
                rx.el.span(say(locale, "reports.fetching"), class_name="grow strong"),
                rx.el.span(Explorer.progress, " %", class_name="num"),
                class_name="spread",
            ),
            progress(Explorer.progress, say(locale, "reports.fetching.progress")),
            class_name="card stack tight",
            aria_live="polite",
        ),
        rx.cond(
            Explorer.fetch_failed != "",
            rx.el.div(
                rx.el.span(say(locale, "reports.fetching.failed"), " ", Explorer.fetch_failed),
                button(say(locale, "reports.fetching.again"), kind="small", on_click=Asking.fetch_again),
                class_name="banner bad",
                role="alert",
            ),
        ),
    )


def _chart(locale: str) -> rx.Component:
    drawn = [metric for metric in Metric if metric not in OF_PEOPLE]
    return card(
        say(locale, "reports.chart"),
        plotly_chart(locale, Chart.figure, label=say(locale, "reports.chart.label"), height=300),
        twin(
            locale,
            table(
                say(locale, "reports.chart"),
                [head(Chart.first), rx.foreach(Chart.heads, lambda label: head(label, number=True))],
                rx.foreach(Chart.rows, _day),
                scrolls=True,
            ),
        ),
        subtitle=rx.el.span(Explorer.spans, class_name="num"),
        aside=rx.el.span(
            choice(
                say(locale, "reports.chart.metric"),
                said(locale, "reports.metric", drawn),
                Explorer.chart,
                lambda value: Explorer.pick("chart", value),
            ),
            choice(
                say(locale, "reports.shape"),
                said(locale, "reports.shape", Shape),
                Explorer.shape,
                lambda value: Explorer.pick("shape", value),
            ),
            class_name="tools",
        ),
    )


def _day(row: rx.Var[list[str]]) -> rx.Component:
    return rx.el.tr(
        rx.foreach(row, lambda cell, at: rx.el.td(cell, class_name=rx.cond(at == 0, "", "n num")))
    )
