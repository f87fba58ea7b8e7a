"""One number and how it moved: the tile of a measure, its line of the last days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import reflex as rx

from vibekanban.ui.components.parts import Child

WIDE, HIGH, EDGE = 96, 32, 2


def spark_path(values: Sequence[float | None]) -> str:
    """The outline of a series as the `d` of an SVG path; a gap in the data is a gap in the line."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    step = WIDE / (len(values) - 1)
    parts, pen = [], "M"
    for place, value in enumerate(values):
        if value is None:
            pen = "M"
            continue
        height = (value - low) / (high - low) if high > low else 0.5
        parts.append(f"{pen}{place * step:.1f} {HIGH - EDGE - height * (HIGH - 2 * EDGE):.1f}")
        pen = "L"
    return "".join(parts)


def sparkline(d: str | rx.Var[str], *, colour: str = "series-1") -> rx.Component:
    """The line that `spark_path` made. It repeats what the number says, so it is silent to screen readers."""
    return rx.el.svg(
        rx.el.path(d=d, vector_effect="non-scaling-stroke"),
        view_box=f"0 0 {WIDE} {HIGH}",
        preserve_aspect_ratio="none",
        class_name="spark",
        style={"stroke": f"var(--{colour})"},
        custom_attrs={"aria-hidden": "true", "focusable": "false"},
    )


def kpi(
    label: Child,
    value: Child,
    *,
    delta: Any = "",
    tone: Any = "",
    against: Child = "",
    line: str | rx.Var[str] = "",
    colour: str = "series-1",
    stamp: rx.Component | None = None,
) -> rx.Component:
    """A tile of a `<dl class="kpis">`. `tone` says what the change means (good, bad or nothing), its sign where it went.

    More spend is not good and less cost per sale is not bad: the caller decides, the colour never goes by the sign.
    """
    return rx.el.div(
        rx.el.dt(label),
        rx.el.dd(value, class_name="value num"),
        rx.el.dd(rx.el.b(delta, class_name="move"), " ", against, class_name=f"delta num {tone}"),
        rx.el.dd(sparkline(line, colour=colour), class_name="trace"),
        rx.el.dd(stamp, class_name="stamp") if stamp is not None else rx.fragment(),
        class_name="card kpi traced",
    )


def rate_bar(
    label: Child, value: Child, share: rx.Var[float] | float, *, colour: str = "series-1"
) -> rx.Component:
    """A line of a ranking: name, amount and its share of the largest, from 0 to 100."""
    return rx.el.li(
        rx.el.span(label, class_name="who"),
        rx.el.span(value, class_name="num much"),
        rx.el.span(
            rx.el.i(style={"width": f"{share}%", "background": f"var(--{colour})"}),
            class_name="track",
            custom_attrs={"aria-hidden": "true"},
        ),
    )
