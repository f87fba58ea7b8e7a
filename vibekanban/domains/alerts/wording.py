"""A firing's numbers in a reader's words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from vibekanban.core import i18n
from vibekanban.domains.alerts.measures import HOUR_OF_DAY, OBJECTS

MONEY = {"spend", "revenue", "cpa", "cpc", "cpm", "averageOrder"}
PERCENT = {"ctr", "linkCtr", "conversionRate"}
RATIO = {"roas", "frequency"}
NOW = {*OBJECTS, HOUR_OF_DAY}  # what has no window


def figures(numbers: list[dict[str, Any]], currency: str, locale: str) -> str:
    """`Gasto 120,50 € (hoy); ROAS 0,80 (últimos 7 días)`: the values that made it fire."""
    met = sorted((one for one in numbers if one["met"]), key=lambda one: one["leaf"])
    return "; ".join(_figure(one, currency, locale) for one in met)


def _figure(one: dict[str, Any], currency: str, locale: str) -> str:
    label = i18n.say(locale, f"alerts.metric.{one['metric']}")
    value = written(one["metric"], one["value"], currency, locale)
    if one["metric"] in NOW:
        return f"{label}: {value}"
    text = f"{label} {value} ({window(one['window'], locale)})"
    if one["compare"] == "absolute":
        return text
    before = written(one["metric"], one["before"], currency, locale)
    if one["compare"] in {"budget", "pacing"}:
        change = i18n.percent((one["change"] or 0) / 100, locale, decimals=0)
        return f"{text}, {i18n.say(locale, 'alerts.of_budget', change=change, before=before)}"
    return f"{text}, {i18n.say(locale, 'alerts.before', before=before)}"


def written(metric: str, value: float | None, currency: str, locale: str) -> str:
    """A value as its metric is written; one without end (a cost of nothing bought) is a sign."""
    if value is None:
        return "∞"
    if metric == HOUR_OF_DAY:
        return f"{int(value)}:{round(value % 1 * 60) % 60:02}"
    if metric in MONEY:
        return i18n.money(Decimal(str(round(value, 4))), currency, locale)
    if metric in PERCENT:
        return i18n.percent(value / 100, locale, decimals=2)
    return i18n.number(value, locale, decimals=2 if metric in RATIO else 0)


def window(text: str, locale: str) -> str:
    """`hoy`, `ayer`, `últimas 6 horas`, `últimos 7 días`."""
    if text in {"today", "yesterday"}:
        return i18n.say(locale, f"alerts.window.{text}")
    unit = "hours" if text.endswith("h") else "days"
    return i18n.counted(locale, f"alerts.window.{unit}", int(text.removeprefix("last_")[:-1]))
