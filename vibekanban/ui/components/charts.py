"""The live chart of overview pages; its own module, so that pages without charts do not load it."""

from __future__ import annotations

from typing import Any

import reflex as rx


class LiveChart(rx.Component):
    """Series over time: `columns` are the x axis in Unix seconds and then one list a series.

    `unfinished` says that the last point is not whole yet, for example "today, so far".
    """

    library = "$/public/chart.js"
    tag = "LiveChart"
    lib_dependencies: list[str] = ["uplot@1.6.32"]
    columns: rx.Var[list[Any]]
    series: rx.Var[list[dict[str, Any]]]
    lang: rx.Var[str]
    currency: rx.Var[str]
    label: rx.Var[str]
    height: rx.Var[int]
    unit: rx.Var[str]
    unfinished: rx.Var[str]


live_chart = LiveChart.create
