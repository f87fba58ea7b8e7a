"""The figure of the explorer and the table that says the same."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

import plotly.graph_objects as go
import reflex as rx

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import Level
from vibekanban.domains.reporting.definitions import Breakdown, Shape
from vibekanban.domains.reporting.explorer import Answer, Line, sorted_lines
from vibekanban.domains.reporting.figures import Figures, Metric
from vibekanban.domains.reporting.wording import category, written
from vibekanban.ui.components.figures import blank

MOST, MOST_ORDERED = 12, 24
NOW = "#16967c"  # readable on light and dark alike; the page's own tokens are not known to the server
_AROUND = re.compile(r"[\d.,]+")
ORDERED = frozenset({Breakdown.AGE, Breakdown.HOUR})


class Chart(rx.State):
    """The figure and its table, apart from the rest: they are large and change together."""

    figure: go.Figure = blank()
    first: str = ""
    heads: list[str] = []
    rows: list[list[str]] = []

    def _take(self, answer: Answer, locale: str) -> None:
        by_day = answer.definition.shape is Shape.DAYS
        self.figure = over_time(answer, locale) if by_day else by_row(answer, locale)
        self.first = say(locale, "reports.column.day" if by_day else "ui.column.name")
        compared = answer.compared is not None
        self.heads = [
            say(locale, f"reports.chart.{name}") for name in ("now", *(("before",) if compared else ()))
        ]
        self.rows = day_rows(answer, locale) if by_day else line_rows(answer, locale)


def over_time(answer: Answer, locale: str) -> go.Figure:
    """The chosen metric by day, and dotted the days before, under the days they are compared with."""
    metric, days = answer.definition.chart, _days(answer)
    figure = blank()
    points = [_point(_of_day(answer, day), metric) for day in days]
    going_on = len(days) > 1 and days[-1] == metrics.local_today(answer.account)
    figure.add_scatter(
        x=days[:-1] if going_on else days,
        y=points[:-1] if going_on else points,
        name=say(locale, "reports.chart.now"),
        mode="lines" if len(days) > 2 else "lines+markers",
        line={"width": 2.5, "color": NOW},
    )
    if answer.compared is not None:
        back = answer.asked.since - answer.compared.since
        figure.add_scatter(
            x=days,
            y=[_point(_of_day(answer, day - back), metric) for day in days],
            name=say(locale, "reports.chart.before"),
            mode="lines" if len(days) > 2 else "lines+markers",
            line={"width": 1.5, "dash": "dot"},
        )
    if going_on:  # a day that is not over would look like a fall
        figure.add_scatter(
            x=days[-2:],
            y=points[-2:],
            name=say(locale, "ui.unfinished"),
            mode="lines",
            opacity=0.45,
            hoverinfo=["skip", "all"],
            line={"width": 2.5, "color": NOW},
        )
    figure.update_layout(yaxis=_axis(answer, locale))
    return figure


def _axis(answer: Answer, locale: str) -> dict[str, Any]:
    """Numbers that say what they are: before or after them stands what stands there wherever the metric is written."""
    before, after = _AROUND.split(
        written(answer.definition.chart, Decimal(1), answer.account.currency, locale)
    )
    return {"rangemode": "tozero", "tickprefix": before, "ticksuffix": after, "separatethousands": True}


def by_row(answer: Answer, locale: str) -> go.Figure:
    """The rows with most of the metric, beside what they had before."""
    metric, figure = answer.definition.chart, blank()
    chosen = _largest(answer)
    names = [name_of(line, answer, locale) for line in chosen]
    figure.add_bar(
        x=names,
        y=[_point(line.now, metric) for line in chosen],
        name=say(locale, "reports.chart.now"),
    )
    if answer.compared is not None:
        figure.add_bar(
            x=names,
            y=[_point(line.before, metric) for line in chosen],
            name=say(locale, "reports.chart.before"),
            opacity=0.55,
        )
    figure.update_layout(barmode="group", xaxis={"type": "category"}, yaxis=_axis(answer, locale))
    return figure


def line_rows(answer: Answer, locale: str) -> list[list[str]]:
    """The same as cells: name, value, and the value before."""
    metric, currency = answer.definition.chart, answer.account.currency
    rows = []
    for line in _largest(answer):
        row = [name_of(line, answer, locale), written(metric, line.now.value(metric), currency, locale)]
        if answer.compared is not None:
            row.append(written(metric, _value(line.before, metric), currency, locale))
        rows.append(row)
    return rows


def name_of(line: Line, answer: Answer, locale: str) -> str:
    """A row's short name: the category alone where there is nothing else to tell rows apart."""
    breakdown = answer.definition.breakdown
    if not breakdown:
        return line.name[:40]
    spoken = category(breakdown, line.category, locale)
    return spoken if answer.definition.level is Level.ACCOUNT else f"{line.name[:28]} · {spoken}"


def _largest(answer: Answer) -> list[Line]:
    """By the metric, but categories with an order of their own keep it."""
    metric, definition = answer.definition.chart, answer.definition
    most = sorted_lines(answer.lines, f"-{metric.value}")
    if definition.level is Level.ACCOUNT and definition.breakdown in ORDERED:
        return sorted(most[:MOST_ORDERED], key=lambda line: line.category)
    return most[:MOST]


def day_rows(answer: Answer, locale: str) -> list[list[str]]:
    """Day, value, and the value before; the newest first."""
    metric, currency = answer.definition.chart, answer.account.currency
    rows = []
    for day in reversed(_days(answer)):
        row = [i18n.day(day, locale), written(metric, _value(_of_day(answer, day), metric), currency, locale)]
        if answer.compared is not None:
            before = _of_day(answer, day - (answer.asked.since - answer.compared.since))
            row.append(written(metric, _value(before, metric), currency, locale))
        rows.append(row)
    return rows


def _days(answer: Answer) -> list[date]:
    return answer.asked.all()


def _of_day(answer: Answer, day: date) -> Figures | None:
    """A day's numbers; None when it was not read."""
    if day not in answer.known_days:
        return None
    return answer.days.get(day) or answer.days_before.get(day) or Figures()


def _value(figures: Figures | None, metric: Metric) -> Decimal | None:
    return None if figures is None else figures.value(metric)


def _point(figures: Figures | None, metric: Metric) -> float | None:
    value = _value(figures, metric)
    return None if value is None else float(value)
