"""Numbers that add up, and the metrics derived of them; the same rules as the store's own statements."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Self

from vibekanban.domains.meta import money

EXACT = Decimal("0.0001")
MILLION = Decimal(1_000_000)


class Metric(StrEnum):
    SPEND = "spend"
    IMPRESSIONS = "impressions"
    CLICKS = "clicks"
    LINK_CLICKS = "linkClicks"
    CTR = "ctr"
    CPC = "cpc"
    CPM = "cpm"
    CONVERSIONS = "conversions"
    CPA = "cpa"
    REVENUE = "revenue"
    ROAS = "roas"
    REACH = "reach"
    FREQUENCY = "frequency"
    CPP = "cpp"


class Kind(StrEnum):
    """How a metric is written."""

    MONEY = "money"
    COUNT = "count"
    PERCENT = "percent"
    TIMES = "times"


KINDS = {
    Metric.SPEND: Kind.MONEY,
    Metric.IMPRESSIONS: Kind.COUNT,
    Metric.CLICKS: Kind.COUNT,
    Metric.LINK_CLICKS: Kind.COUNT,
    Metric.CTR: Kind.PERCENT,
    Metric.CPC: Kind.MONEY,
    Metric.CPM: Kind.MONEY,
    Metric.CONVERSIONS: Kind.COUNT,
    Metric.CPA: Kind.MONEY,
    Metric.REVENUE: Kind.MONEY,
    Metric.ROAS: Kind.TIMES,
    Metric.REACH: Kind.COUNT,
    Metric.FREQUENCY: Kind.TIMES,
    Metric.CPP: Kind.MONEY,
}
OF_CONVERSIONS = frozenset({Metric.CONVERSIONS, Metric.CPA, Metric.REVENUE, Metric.ROAS})
OF_PEOPLE = frozenset({Metric.REACH, Metric.FREQUENCY, Metric.CPP})
WORSE_WHEN_UP = frozenset({Metric.CPC, Metric.CPM, Metric.CPA, Metric.CPP})
NEITHER = frozenset({Metric.SPEND, Metric.FREQUENCY})


@dataclass(frozen=True)
class Figures:
    """Exact sums of a stretch of days; `people` is what Meta said of exactly that stretch, never a sum."""

    impressions: int = 0
    clicks: int = 0
    link_clicks: int = 0
    spend_micros: int = 0
    conversions_micros: int = 0
    revenue_micros: int = 0
    people: int | None = None

    def __add__(self, other: Self) -> Self:
        return self._counted(other, 1)

    def __sub__(self, other: Self) -> Self:
        return self._counted(other, -1)

    def _counted(self, other: Self, sign: int) -> Self:
        names = [one.name for one in fields(self) if one.name != "people"]
        sums = {name: getattr(self, name) + sign * getattr(other, name) for name in names}
        return replace(self, **sums, people=None)

    def __bool__(self) -> bool:
        return any(getattr(self, one.name) for one in fields(self) if one.name != "people")

    def value(self, metric: Metric) -> Decimal | None:
        """A metric; None where there is no divisor, or nobody was counted."""
        spend = Decimal(self.spend_micros) / MILLION
        match metric:
            case Metric.SPEND:
                return spend
            case Metric.IMPRESSIONS:
                return Decimal(self.impressions)
            case Metric.CLICKS:
                return Decimal(self.clicks)
            case Metric.LINK_CLICKS:
                return Decimal(self.link_clicks)
            case Metric.CONVERSIONS:
                return Decimal(self.conversions_micros) / MILLION
            case Metric.REVENUE:
                return Decimal(self.revenue_micros) / MILLION
            case Metric.CTR:
                return _ratio(Decimal(self.clicks * 100), self.impressions)
            case Metric.CPC:
                return _ratio(spend, self.clicks)
            case Metric.CPM:
                return _ratio(spend * 1000, self.impressions)
            case Metric.CPA:
                return _ratio(Decimal(self.spend_micros), self.conversions_micros)
            case Metric.ROAS:
                return _ratio(Decimal(self.revenue_micros), self.spend_micros)
            case Metric.REACH:
                return None if self.people is None else Decimal(self.people)
            case Metric.FREQUENCY:
                return _ratio(Decimal(self.impressions), self.people or 0)
            case Metric.CPP:
                return _ratio(spend * 1000, self.people or 0)

    def written(self, metric: Metric, currency: str) -> str | int | float | None:
        """A metric as the API writes it: money is text, the rest numbers."""
        value = self.value(metric)
        if value is None:
            return None
        if KINDS[metric] is Kind.MONEY:
            return plain(value, metric, currency)
        return (
            int(value) if value == value.to_integral_value() and KINDS[metric] is Kind.COUNT else float(value)
        )


def plain(value: Decimal, metric: Metric, currency: str) -> str:
    """A metric as a program reads it: sums of money with the currency's decimals or more, ratios with four."""
    if metric in {Metric.SPEND, Metric.REVENUE}:
        return money.text(value, currency) or ""
    if KINDS[metric] is Kind.COUNT:
        return f"{value.normalize():f}"
    return f"{value:.4f}"


def _ratio(above: Decimal, below: int) -> Decimal | None:
    return (above / below).quantize(EXACT, rounding=ROUND_HALF_UP) if below else None
