"""How reports and restatements are answered."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.reporting.shapes import LineOut, Report


class Reading(Shape):
    """A breakdown that Meta is being asked for: call again when `underWay` is false (get_sync)."""

    sync_ids: list[UUID]
    under_way: bool
    progress: int
    error_code: str | None


class ReportResult(Report):
    """`items` of all pages, `hidden` and `unlisted` add up to `totals` exactly."""

    items: list[LineOut]
    reading: Reading | None
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
