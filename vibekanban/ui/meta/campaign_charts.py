"""The figures people explore on a campaign's page; made here, drawn by Plotly after the page is there."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from vibekanban.core.i18n import say
from vibekanban.ui.components.figures import blank

# readable on light and dark alike; the page's own tokens are not known to a figure made on the server
SPEND, REVENUE, ROAS = "#16967c", "#d98324", "#6f86e8"


def over_time(rows: list[dict[str, Any]], locale: str, *, unfinished: bool) -> go.Figure:
    """Spend and revenue as bars, ROAS as a line on the right; an unfinished last day is paler."""
    strength = [1.0] * (len(rows) - 1) + [0.45 if unfinished else 1.0]
    days = [row["date"] for row in rows]
    figure = _empty()
    for name, colour in (("spend", SPEND), ("revenue", REVENUE)):
        figure.add_bar(
            x=days,
            y=[float(row[name]) for row in rows],
            name=say(locale, f"ui.column.{name}"),
            marker={"color": colour, "opacity": strength},
        )
    figure.add_scatter(
        x=days,
        y=[row["roas"] for row in rows],
        name="ROAS",
        yaxis="y2",
        mode="lines",
        line={"color": ROAS, "width": 2},
    )
    figure.update_layout(
        barmode="group",
        xaxis={"tickformat": "%-d/%-m", "hoverformat": "%-d/%-m/%Y"},
        yaxis2={"overlaying": "y", "side": "right", "showgrid": False, "rangemode": "tozero"},
    )
    return figure


def by_campaign(rows: list[tuple[str, float, float]], here: str, locale: str) -> go.Figure:
    """Spend of the account's campaigns beside what they brought in; this one stands out."""
    chosen = sorted(rows, key=lambda row: row[1])[-12:]
    figure = _empty()
    names = [name[:38] for name, _, _ in chosen]
    figure.add_bar(
        y=names, x=[spend for _, spend, _ in chosen], orientation="h", name=say(locale, "ui.column.spend"),
        marker_color=[SPEND if name == here else "rgba(22,150,124,.45)" for name, _, _ in chosen],
    )  # fmt: skip
    figure.add_bar(
        y=names, x=[revenue for _, _, revenue in chosen], orientation="h", name=say(locale, "ui.column.revenue"),
        marker_color=[REVENUE if name == here else "rgba(217,131,36,.45)" for name, _, _ in chosen],
    )  # fmt: skip
    figure.update_layout(barmode="group", yaxis={"automargin": True, "showgrid": False})
    return figure


def by_category(rows: list[dict[str, Any]], locale: str) -> go.Figure:
    """Spend and revenue of each category."""
    names = [row["value"] for row in rows]
    figure = _empty()
    for name, colour in (("spend", SPEND), ("revenue", REVENUE)):
        figure.add_bar(
            x=names,
            y=[float(row[name]) for row in rows],
            name=say(locale, f"ui.column.{name}"),
            marker_color=colour,
        )
    figure.update_layout(barmode="group", xaxis={"type": "category"})
    return figure


def _empty() -> go.Figure:
    return blank(
        xaxis={"zeroline": False, "tickformat": ",.0f"},
        yaxis={"zeroline": False, "rangemode": "tozero", "tickformat": ",.0f"},
    )
