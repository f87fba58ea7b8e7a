"""A report's numbers in the reader's language: the same words on the page and in the e-mail."""

from __future__ import annotations

from decimal import Decimal

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.reporting.definitions import Condition, Operator
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.figures import KINDS, NEITHER, WORSE_WHEN_UP, Figures, Kind, Metric

NOTHING = "—"
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
    sign = "+" if ratio > 0 else "−" if ratio < 0 else ""
    tone = (
        "" if not ratio or metric in NEITHER else "up" if (ratio > 0) != (metric in WORSE_WHEN_UP) else "down"
    )
    return f"{sign}{i18n.percent(abs(ratio), locale)}", tone


def spans(answer: Answer, locale: str) -> str:
    """The days of the report, and those they are compared with."""
    texts = [
        f"{i18n.day(days.since, locale)} – {i18n.day(days.until, locale)}"
        for days in (answer.asked, answer.compared)
        if days is not None
    ]
    return " / ".join(texts)


def condition(bound: Condition, currency: str, locale: str) -> str:
    """A filter in words: `Gasto más de 100,00 €`."""
    name = say(locale, f"reports.metric.{bound.metric.value}")
    word = next(word for word, operator in OPERATORS.items() if operator is bound.operator)
    value = written(bound.metric, bound.value, currency, locale)
    return f"{name} {say(locale, f'reports.filter.{word}')} {value}"
