"""The numbers of today as they come in; its own module, so that other pages do not load it."""

from __future__ import annotations

from typing import Any

import reflex as rx

from vibekanban.core.i18n import say

_TEXTS = ("waiting", "on", "off", "paused", "totals", "hours", "chart", "none")
_COLUMNS = ("spend", "revenue", "roas", "conversions", "clicks")


class LiveToday(rx.Component):
    """Reads a campaign's `realtime` stream: totals and hours, each with its age; `stale` is in seconds."""

    library = "$/public/today.js"
    tag = "LiveToday"
    lib_dependencies: list[str] = ["uplot@1.6.32"]
    campaign: rx.Var[str]
    lang: rx.Var[str]
    texts: rx.Var[dict[str, str]]
    height: rx.Var[int]
    stale: rx.Var[int]


def live_today(locale: str, campaign: Any, *, stale: int) -> rx.Component:
    texts = {name: say(locale, f"ui.today.{name}") for name in _TEXTS}
    texts |= {name: say(locale, f"ui.column.{name}") for name in _COLUMNS}
    return LiveToday.create(campaign=campaign, lang=locale, texts=texts, stale=stale)
