"""How alerts, their firings and a try on the past are answered, whoever asks."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from pydantic import Field

from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.alerts.models import ActionOutcome, AlertType
from vibekanban.domains.meta.models import Level


class Watched(Shape):
    """What an alert watches and does; beside the inbox it is told on its channels."""

    name: str
    type: AlertType
    account_id: UUID
    campaign_id: UUID | None
    level: Level
    name_filter: str
    condition: dict[str, Any]
    window: str
    maturity_hours: int
    minimum: dict[str, Any] | None
    cooldown_minutes: int
    hysteresis: float
    channels: list[str]
    action: dict[str, Any] | None
    is_active: bool
    last_fired_at: Moment | None
    created_at: Moment


class Figure(Shape):
    """A comparison of the condition; a value that is null has no end (a cost with nothing bought)."""

    leaf: int
    metric: str
    window: str
    compare: str
    operator: str
    threshold: float
    value: float | None
    before: float | None
    change: float | None
    met: bool


class FiringRow(Shape):
    """A firing, with the numbers that fired it."""

    id: UUID
    alert_id: UUID
    account_id: UUID
    level: Level
    object_id: UUID
    object_name: str
    fired_at: Moment
    numbers: list[Figure]
    action: dict[str, Any] | None = Field(description="What it asked for, beside telling")
    outcome: ActionOutcome | None = Field(description="What became of that; null: nothing yet")
    error_code: str | None
    change_id: UUID | None = Field(description="In the change log")


class WouldFire(Shape):
    """`endedAt` is when it would have been over; null: it was not, by the last read."""

    object_id: UUID
    object_name: str
    fired_at: Moment
    ended_at: Moment | None
    numbers: list[Figure]


class Backtest(Shape):
    """`daysByHour` are the days judged hour by hour, the others were judged at their end."""

    since: date
    until: date
    days_by_hour: int
    objects: int
    firings: list[WouldFire]
    cut: bool = Field(description="There were more than a thousand firings")
