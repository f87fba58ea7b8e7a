"""The live chart of overview pages; its own module, so that pages without charts do not load it."""

from __future__ import annotations

from typing import Any

import reflex as rx


class LiveChart(rx.NoSSRComponent):
    """Series over time: `columns` are the x axis in Unix seconds and then one list a series."""

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


live_chart = LiveChart.create
