"""How alerts, their firings and a try on the past are answered."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.alerts.models import Alert
from vibekanban.domains.tools.keeping import Written


class AlertRow(Shape):
    """`id` is null of one that is only tried; the condition is as people write it."""

    id: UUID | None
    name: str
    type: str
    account_id: UUID
    campaign_id: UUID | None
    level: str
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

    @classmethod
    def of(cls, alert: Alert) -> AlertRow:
        return cls.model_validate(
            {**alert.model_dump(), "level": alert.level.value, "type": alert.type.value}
        )


class WrittenAlert(Written):
    item: AlertRow | None


class FiringRow(Shape):
    """`outcome` is what became of the alert's action."""

    id: UUID
    object_id: UUID
    object_name: str
    level: str
    fired_at: Moment
    numbers: list[dict[str, Any]]
    action: dict[str, Any] | None
    outcome: str | None
    error_code: str | None
    change_id: UUID | None


class WouldFire(Shape):
    object_id: UUID
    object_name: str
    fired_at: Moment
    ended_at: Moment | None
    numbers: list[dict[str, Any]]


class BacktestResult(Shape):
    """`count` firings, of which `firings` are the first hundred; days were judged by the hour or at their end."""

    since: date
    until: date
    days_by_hour: int
    objects: int
    count: int
    cut: bool
    firings: list[WouldFire]
