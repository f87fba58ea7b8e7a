"""Figures for Plotly as pages want them: traces and titles; colours and axes are the page's."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go


def blank(**layout: Any) -> go.Figure:
    """A figure without Plotly's own template, which would go with every change, and into every page as built."""
    return go.Figure(layout={"template": "none", **layout})
