"""A report's numbers in the reader's language: the same words on the page and in the e-mail."""

from __future__ import annotations

from decimal import Decimal

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.meta.metrics import Range
from vibekanban.domains.reporting.definitions import Breakdown, Condition, Operator
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.figures import KINDS, NEITHER, WORSE_WHEN_UP, Figures, Kind, Metric
from vibekanban.domains.reporting.models import Cadence
from vibekanban.domains.reporting.schedules import Schedule

NOTHING = "—"
SLIGHT = Decimal("0.0005")  # what is written as 0.0 % has not moved
OPERATORS = {
    "over": Operator.OVER,
    "at_least": Operator.AT_LEAST,
    "under": Operator.UNDER,
    "at_most": Operator.AT_MOST,
}


def written(metric: Metric, value: Decimal | None, currency: str, locale: str) -> str:
    """A metric as people read it."""
    if value is None:
        return NOTHING
    match KINDS[metric]:
        case Kind.MONEY:
            return i18n.money(value, currency, locale)
        case Kind.TIMES:
            return f"{i18n.number(value, locale, decimals=2)}×"
        case Kind.PERCENT:
            return i18n.percent(value / 100, locale, decimals=2)
        case Kind.COUNT:
            return i18n.number(value, locale, decimals=0 if value == value.to_integral_value() else 2)


def changed(metric: Metric, now: Figures, before: Figures | None, locale: str) -> tuple[str, str]:
    """`+12,4 %` since the period before, and whether that is good (up), bad (down) or neither."""
    value, was = now.value(metric), before.value(metric) if before else None
    if before is None:
        return "", ""
    if value is None or not was:
        return NOTHING, ""
    ratio = value / was - 1
    if abs(ratio) < SLIGHT:
        return i18n.percent(0, locale), ""
    sign = "+" if ratio > 0 else "−"
    tone = (
        "" if not ratio or metric in NEITHER else "up" if (ratio > 0) != (metric in WORSE_WHEN_UP) else "down"
    )
    return f"{sign}{i18n.percent(abs(ratio), locale)}", tone


def difference(metric: Metric, now: Decimal | None, was: Decimal | None, currency: str, locale: str) -> str:
    """`+12,30 €`: by how much it moved."""
    by = (now or Decimal()) - (was or Decimal())
    sign = "+" if by > 0 else "−" if by < 0 else ""
    return f"{sign}{written(metric, abs(by), currency, locale)}"


def spans(answer: Answer, locale: str) -> str:
    """The days of the report, and those they are compared with."""
    return " / ".join(_span(days, locale) for days in (answer.asked, answer.compared) if days is not None)


def _span(days: Range, locale: str) -> str:
    first, last = i18n.day(days.since, locale), i18n.day(days.until, locale)
    return first if days.days == 1 else f"{first} – {last}"


def category(breakdown: Breakdown, value: str, locale: str) -> str:
    """A category as people call it: `Mujeres`, `España`, `25–34 · Mujeres`, `09:00`."""
    names = breakdown.value.split(",")
    parts = value.split("|") if len(names) > 1 else [value]
    return " · ".join(_category(name, part, locale) for name, part in zip(names, parts, strict=False))


def _category(breakdown: str, value: str, locale: str) -> str:
    if breakdown == "hour":
        return f"{value}:00"
    if breakdown == "country":
        return i18n.country(value, locale)
    known = i18n.catalogue(i18n.known(locale))
    spelled = value.replace("_", " ").strip().capitalize() if breakdown != "region" else value
    return known.get(f"reports.category.{value}") or spelled or known["reports.category.unknown"]


def condition(bound: Condition, currency: str, locale: str) -> str:
    """A filter in words: `Gasto más de 100,00 €`."""
    name = say(locale, f"reports.metric.{bound.metric.value}")
    word = next(word for word, operator in OPERATORS.items() if operator is bound.operator)
    value = written(bound.metric, bound.value, currency, locale)
    return f"{name} {say(locale, f'reports.filter.{word}')} {value}"


def plan(schedule: Schedule, locale: str) -> str:
    """A schedule in words: `Cada lunes a las 08:00`."""
    hour = f"{schedule.hour:02}:00"
    match schedule.cadence:
        case Cadence.NONE:
            return say(locale, "reports.plan.none")
        case Cadence.DAILY:
            return say(locale, "reports.plan.daily", hour=hour)
        case Cadence.WEEKLY:
            return say(
                locale,
                "reports.plan.weekly",
                day=say(locale, f"reports.weekday.{schedule.weekday}"),
                hour=hour,
            )
        case Cadence.MONTHLY if schedule.month_day == 31:
            return say(locale, "reports.plan.month_end", hour=hour)
        case Cadence.MONTHLY:
            return say(locale, "reports.plan.monthly", day=schedule.month_day, hour=hour)
