"""How reports and restatements are answered."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from vibekanban.core.shapes import Moment, Shape

Numbers = dict[str, str | float | None]


class Values(Shape):
    """The metrics that were asked for; `previous` is null when nothing is compared."""

    numbers: Numbers
    previous: Numbers | None


class Hidden(Values):
    count: int


class ReportLine(Values):
    """`value` is the category, with a breakdown; `parents` are names from above."""

    id: UUID | None
    meta_id: str
    value: str | None
    name: str
    parents: list[str]
    status: str
    conversion_events: list[str]


class Compared(Shape):
    since: date
    until: date
    complete: bool


class Reading(Shape):
    """A breakdown that Meta is being asked for: call again when `underWay` is false (get_sync)."""

    sync_ids: list[UUID]
    under_way: bool
    progress: int
    error_code: str | None


class ReportResult(Shape):
    """`items` of all pages, `hidden` and `unlisted` add up to `totals` exactly."""

    account_id: UUID
    currency: str
    timezone: str
    level: str
    breakdown: str
    since: date
    until: date
    compared: Compared | None
    conversion_events: list[str]
    mixed_events: bool
    mixed_attribution: bool
    items: list[ReportLine]
    count: int
    hidden: Hidden
    unlisted: Values
    totals: Values
    missing_days: int
    reading: Reading | None
    fetched_at: Moment | None
    has_more: bool
    next_cursor: str | None


class ReportRow(Shape):
    """A kept report; run_saved_report answers it."""

    id: UUID
    name: str
    account_id: UUID
    definition: dict[str, Any]
    last_sent_at: Moment | None
    created_at: Moment


class Movement(Shape):
    """Decimal texts."""

    before: str
    now: str
    change: str


class Movements(Shape):
    spend: Movement
    conversions: Movement
    revenue: Movement


class MovedDayRow(Shape):
    date: date
    moved: Movements


class MovedCampaignRow(Shape):
    """An `archived` one left the lists; the account still counts it."""

    id: UUID | None
    meta_id: str
    name: str
    archived: bool
    moved: Movements


class RestatementsResult(Shape):
    """Days that were over at `since` and say something else now; `items` are campaigns, the largest moves first."""

    account_id: UUID
    currency: str
    since: Moment
    totals: Movements
    days: list[MovedDayRow]
    items: list[MovedCampaignRow]
    has_more: bool
    next_cursor: str | None
