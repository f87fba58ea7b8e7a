"""How a report's answer is told, whoever asks: rows that add up, under the names they have outside."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.reporting.definitions import Breakdown, Measured
from vibekanban.domains.reporting.explorer import Answer, Line, Pair
from vibekanban.domains.reporting.figures import Figures, Metric

Values = dict[Metric, str | float | None]


class PairOut(Shape):
    """The metrics that were asked for; `previous` is null when nothing is compared."""

    numbers: Values
    previous: Values | None


class HiddenOut(PairOut):
    count: int


class LineOut(PairOut):
    id: UUID | None
    meta_id: str
    value: str | None = Field(description="The category, with a breakdown")
    name: str
    parents: list[str] = Field(description="Names of what it is in, from above")
    status: str
    conversion_events: list[str]


class ComparedOut(Shape):
    since: date
    until: date
    complete: bool = Field(description="Whether we hold all its days")


class Report(Shape):
    """What every answer says beside its rows."""

    account_id: UUID
    currency: str
    timezone: str
    level: Measured
    breakdown: Breakdown
    since: date
    until: date
    compared: ComparedOut | None
    conversion_events: list[str]
    mixed_events: bool
    mixed_attribution: bool = Field(description="Conversions of different settings stand side by side")
    count: int = Field(description="Rows of all pages")
    hidden: HiddenOut = Field(description="What the filters hide")
    unlisted: PairOut
    totals: PairOut
    missing_days: int
    fetched_at: Moment | None = Field(description="When Meta was last read for these days")


def told(answer: Answer, lines: Iterable[Line]) -> dict[str, Any]:
    """An answer with some of its rows, for a shape made of Report."""
    account, compared = answer.account, answer.compared
    return {
        "account_id": account.id,
        "currency": account.currency,
        "timezone": account.timezone,
        "level": answer.definition.level,
        "breakdown": answer.definition.breakdown,
        "since": answer.asked.since,
        "until": answer.asked.until,
        "compared": compared
        and {"since": compared.since, "until": compared.until, "complete": answer.complete_before},
        "conversion_events": list(answer.events),
        "mixed_events": answer.mixed_events,
        "mixed_attribution": answer.mixed_windows,
        "items": [_line(line, answer) for line in lines],
        "count": len(answer.lines),
        "hidden": {"count": answer.hidden_count, **_pair(answer.hidden, answer)},
        "unlisted": _pair(answer.rest, answer),
        "totals": _pair(answer.total, answer),
        "missing_days": answer.missing_days,
        "fetched_at": answer.fetched_at,
    }


def values(figures: Figures, answer: Answer) -> Values:
    return {metric: figures.written(metric, answer.account.currency) for metric in answer.definition.metrics}


def _line(line: Line, answer: Answer) -> dict[str, Any]:
    return {
        "id": line.id,
        "meta_id": line.object_id,
        "value": line.category if answer.definition.breakdown else None,
        "name": line.name,
        "parents": list(line.parents),
        "status": line.status,
        "conversion_events": list(line.events),
        "attribution_settings": list(line.windows),
        **_pair(Pair(line.now, line.before), answer),
    }


def _pair(pair: Pair, answer: Answer) -> dict[str, Any]:
    before = None if pair.before is None else values(pair.before, answer)
    return {"numbers": values(pair.now, answer), "previous": before}
