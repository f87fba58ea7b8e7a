"""A figure to explore, drawn by Plotly's basic bundle: 284 KB, which figure.js loads when a figure is looked at."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say
from vibekanban.ui import theme

_SPANISH = {
    "moduleType": "locale",
    "name": "es",
    "dictionary": {
        "Autoscale": "Ajustar",
        "Box Select": "Selección rectangular",
        "Double-click to zoom back out": "Doble clic para alejar",
        "Download plot as a PNG": "Descargar como PNG",
        "Lasso Select": "Selección libre",
        "Pan": "Mover",
        "Reset axes": "Restablecer los ejes",
        "Zoom": "Ampliar",
        "Zoom in": "Acercar",
        "Zoom out": "Alejar",
    },
    "format": {
        "days": ["domingo", "lunes", "martes", "miércoles", "jueves", "viernes", "sábado"],
        "shortDays": ["dom", "lun", "mar", "mié", "jue", "vie", "sáb"],
        "months": [
            "enero", "febrero", "marzo", "abril", "mayo", "junio",
            "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
        ],
        "shortMonths": ["ene", "feb", "mar", "abr", "may", "jun", "jul", "ago", "sep", "oct", "nov", "dic"],
        "date": "%d/%m/%Y",
        "dayMonth": "%-d %b",
        "dayMonthYear": "%-d %b %Y",
        "month": "%b %Y",
    },
}  # fmt: skip


class Figure(rx.Component):
    """Draws `figure` in the page's `layout`; `show` is what a small screen's button says, which asks first."""

    library = "$/public/figure.js"
    tag = "Figure"
    lib_dependencies: list[str] = ["plotly.js-basic-dist-min@3.7.0"]
    figure: rx.Var[Any]
    layout: rx.Var[dict[str, Any]]
    config: rx.Var[dict[str, Any]]
    height: rx.Var[int]
    show: rx.Var[str]


def plotly_chart(locale: str, figure: rx.Var[Any], *, label: str, height: int = 360) -> rx.Component:
    """The figure in a box of fixed size, in the colours of the mode; give the page a table twin beside it.

    `figure` has traces and titles only: a template or colours of its own would be sent with every change.
    """
    config: dict[str, Any] = {"displaylogo": False, "responsive": True, "locale": locale, "scrollZoom": False}
    if locale == "es":
        config["locales"] = {"es": _SPANISH}  # the whole package of languages would be 60 of them
    return rx.el.div(
        Figure.create(
            figure=figure,
            layout=rx.color_mode_cond(layout("light", locale), layout("dark", locale)),
            config=config,
            height=height,
            show=say(locale, "ui.figure.show"),
        ),
        class_name="plotly-box",
        role="figure",
        custom_attrs={"aria-label": label},
    )


def layout(mode: theme.Mode, locale: str) -> dict[str, Any]:
    """Axes, grid and series in the product's colours; Plotly reads no CSS variables."""
    colour = theme.tokens(mode)
    axis = {
        "gridcolor": colour["line"],
        "linecolor": colour["line"],
        "zerolinecolor": colour["line"],
        "automargin": True,
    }
    return {
        "autosize": True,
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": "Hanken Grotesk, system-ui, sans-serif", "size": 13, "color": colour["ink-2"]},
        "colorway": [colour[name] for name in theme.SERIES],
        "separators": ",." if locale == "es" else ".,",
        "margin": {"l": 8, "r": 8, "t": 12, "b": 8},
        "hovermode": "x unified",
        "hoverlabel": {
            "bgcolor": colour["surface"],
            "bordercolor": colour["line"],
            "font": {"color": colour["ink"]},
        },
        "legend": {"orientation": "h", "y": 1.12, "x": 0},
        "xaxis": {**axis, "showgrid": False},
        "yaxis": axis,
        "yaxis2": {
            "automargin": True,
            "linecolor": colour["line"],
        },  # of no effect where nothing is drawn on it
    }
