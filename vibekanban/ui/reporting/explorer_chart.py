"""The figure of the explorer and the table that says the same."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import plotly.graph_objects as go

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.figures import Figures, Metric
from vibekanban.domains.reporting.wording import written


def over_time(answer: Answer, locale: str) -> go.Figure:
    """The chosen metric by day, and dotted the days before, under the days they are compared with."""
    metric, days = answer.definition.chart, _days(answer)
    figure = go.Figure()
    figure.add_scatter(
        x=days,
        y=[_point(answer.days.get(day), metric) for day in days],
        name=say(locale, "reports.chart.now"),
        mode="lines" if len(days) > 2 else "lines+markers",
        line={"width": 2.5},
    )
    if answer.compared is not None:
        back = answer.asked.since - answer.compared.since
        figure.add_scatter(
            x=days,
            y=[_point(answer.days_before.get(day - back), metric) for day in days],
            name=say(locale, "reports.chart.before"),
            mode="lines" if len(days) > 2 else "lines+markers",
            line={"width": 1.5, "dash": "dot"},
        )
    return figure


def day_rows(answer: Answer, locale: str) -> list[list[str]]:
    """Day, value, and the value before; the newest first."""
    metric, currency = answer.definition.chart, answer.account.currency
    rows = []
    for day in reversed(_days(answer)):
        row = [i18n.day(day, locale), written(metric, _value(answer.days.get(day), metric), currency, locale)]
        if answer.compared is not None:
            before = answer.days_before.get(day - (answer.asked.since - answer.compared.since))
            row.append(written(metric, _value(before, metric), currency, locale))
        rows.append(row)
    return rows


def _days(answer: Answer) -> list[date]:
    return [answer.asked.since + timedelta(days=n) for n in range(answer.asked.days)]


def _value(figures: Figures | None, metric: Metric) -> Decimal | None:
    return (figures or Figures()).value(metric)


def _point(figures: Figures | None, metric: Metric) -> float | None:
    value = _value(figures, metric)
    return None if value is None else float(value)
