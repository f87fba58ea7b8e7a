"""What a report asks for: an account, a level, days, metrics, filters and order; stored as it is spoken on the wire."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from vibekanban.core.errors import Invalid
from vibekanban.domains.meta.metrics import LONGEST, Range
from vibekanban.domains.meta.models import Level
from vibekanban.domains.reporting.figures import Metric

MOST_CONDITIONS = 5
LONGEST_CUT = 190  # days of a breakdown: each has as many rows as categories


class Preset(StrEnum):
    """Days counted from today in the account's timezone; CUSTOM names them."""

    TODAY = "today"
    YESTERDAY = "yesterday"
    LAST_7 = "last_7_days"
    LAST_14 = "last_14_days"
    LAST_30 = "last_30_days"
    LAST_90 = "last_90_days"
    LAST_WEEK = "last_week"
    THIS_MONTH = "this_month"
    LAST_MONTH = "last_month"
    CUSTOM = "custom"


class Compare(StrEnum):
    """PREVIOUS: as many days just before. YEAR: the same days 52 weeks before, so that weekdays match."""

    NONE = "none"
    PREVIOUS = "previous"
    YEAR = "year"


class Breakdown(StrEnum):
    """One set at a time, as Meta allows it; HOUR is the hour of the account's day."""

    NONE = ""
    AGE = "age"
    GENDER = "gender"
    AGE_GENDER = "age,gender"
    COUNTRY = "country"
    REGION = "region"
    PLATFORM = "publisher_platform"
    POSITION = "publisher_platform,platform_position"
    DEVICE_PLATFORM = "device_platform"
    DEVICE = "impression_device"
    HOUR = "hour"


class Shape(StrEnum):
    """What the chart shows: the total by day, or the largest rows side by side."""

    DAYS = "days"
    ROWS = "rows"


class Operator(StrEnum):
    OVER = ">"
    AT_LEAST = ">="
    UNDER = "<"
    AT_MOST = "<="


def _plain(value: Any) -> Any:
    """Text without control characters: a NUL can not be stored."""
    if isinstance(value, str) and not value.isprintable():
        raise PydanticCustomError("string_type", "control characters")
    return value


def _written(value: Any) -> Any:
    """A day as YYYY-MM-DD: pydantic alone takes any number for a moment of 1970."""
    if value is None or isinstance(value, date) or (isinstance(value, str) and len(value) == 10):
        return value
    raise PydanticCustomError("date_parsing", "not written as a date")


CONDITION = rf"^({'|'.join(Metric)})(>=|<=|>|<)(-?[0-9]{{1,12}}(?:\.[0-9]{{1,6}})?)$"
Measured = Literal[Level.ACCOUNT, Level.CAMPAIGN, Level.AD_SET, Level.AD]
Text = Annotated[str, BeforeValidator(_plain), Field(max_length=100)]
Day = Annotated[date | None, BeforeValidator(_written)]


class Document(BaseModel):
    """Base of what is stored and spoken in camelCase; unknown fields are refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra="forbid", frozen=True, validate_default=True
    )


@dataclass(frozen=True)
class Condition:
    """Rows whose metric is over or under a value; a row without the metric is left out."""

    metric: Metric
    operator: Operator
    value: Decimal

    def holds(self, value: Decimal | None) -> bool:
        if value is None:
            return False
        return {
            Operator.OVER: value > self.value,
            Operator.AT_LEAST: value >= self.value,
            Operator.UNDER: value < self.value,
            Operator.AT_MOST: value <= self.value,
        }[self.operator]


FIRST = [
    Metric.SPEND, Metric.IMPRESSIONS, Metric.CLICKS, Metric.CTR, Metric.CONVERSIONS, Metric.CPA, Metric.REVENUE,
    Metric.ROAS,
]  # fmt: skip


class Definition(Document):
    """A question to the numbers of one account."""

    account_id: UUID
    level: Measured = Level.CAMPAIGN
    breakdown: Breakdown = Breakdown.NONE
    preset: Preset = Preset.LAST_30
    since: Day = Field(default=None, description="First day, with `preset: custom`")
    until: Day = Field(default=None, description="Last day, included, with `preset: custom`")
    compare: Compare = Compare.PREVIOUS
    metrics: list[Metric] = Field(default=FIRST, min_length=1, max_length=len(Metric))
    q: Text = Field(default="", description="A part of the name, or Meta's whole id")
    statuses: list[Text] = Field(default=[], max_length=20, description="Effective statuses; none is all")
    where: list[Annotated[str, Field(pattern=CONDITION)]] = Field(
        default=[], max_length=MOST_CONDITIONS, description="A metric and a bound: `roas<1.5`, `spend>=100`"
    )
    sort: str = Field(
        default="-spend", description="`name` or a metric; a minus in front turns the order round"
    )
    chart: Metric = Metric.SPEND
    shape: Shape = Shape.DAYS

    @field_validator("metrics")
    @classmethod
    def _once_each(cls, metrics: list[Metric]) -> list[Metric]:
        return list(dict.fromkeys(metrics))

    @field_validator("sort")
    @classmethod
    def _known(cls, sort: str) -> str:
        if sort.removeprefix("-") not in {"name", *Metric}:
            raise PydanticCustomError("enum", "no such order")
        return sort

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.preset is Preset.CUSTOM and (self.since is None or self.until is None):
            raise PydanticCustomError("missing", "a custom range has two days")
        return self

    @property
    def conditions(self) -> list[Condition]:
        found = (re.fullmatch(CONDITION, text) for text in self.where)
        return [Condition(Metric(m[1]), Operator(m[2]), Decimal(m[3])) for m in found if m]


def range_of(definition: Definition, today: date) -> Range:
    """The days that are meant, on the account's calendar."""
    first = today.replace(day=1)
    monday = today - timedelta(days=today.weekday())
    spans = {
        Preset.TODAY: (today, today),
        Preset.YESTERDAY: (today - timedelta(days=1), today - timedelta(days=1)),
        Preset.LAST_7: (today - timedelta(days=6), today),
        Preset.LAST_14: (today - timedelta(days=13), today),
        Preset.LAST_30: (today - timedelta(days=29), today),
        Preset.LAST_90: (today - timedelta(days=89), today),
        Preset.LAST_WEEK: (monday - timedelta(days=7), monday - timedelta(days=1)),
        Preset.THIS_MONTH: (first, today),
        Preset.LAST_MONTH: ((first - timedelta(days=1)).replace(day=1), first - timedelta(days=1)),
    }
    since, until = spans.get(definition.preset) or (definition.since or today, definition.until or today)
    until = min(until, today)
    if since > until:
        raise Invalid({"since": "syncs.field.range"})
    if (until - since).days >= LONGEST:
        raise Invalid({"since": "syncs.field.range_long"})
    if definition.breakdown and (until - since).days >= LONGEST_CUT:
        raise Invalid({"since": "reports.field.range_breakdown"})
    return Range(since, until)


def compared(asked: Range, compare: Compare) -> Range | None:
    """The days to compare with."""
    if compare is Compare.NONE:
        return None
    back = timedelta(days=asked.days if compare is Compare.PREVIOUS else 364)
    try:
        return Range(asked.since - back, asked.until - back)
    except OverflowError:  # the year 1 has no year before it
        return None
