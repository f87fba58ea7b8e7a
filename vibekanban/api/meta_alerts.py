"""Routes of alerts."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from fastapi import APIRouter
from pydantic import Field

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, SeenDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.alerts import alerts
from vibekanban.domains.alerts import backtest as trying
from vibekanban.domains.alerts.errors import TooManyAlerts
from vibekanban.domains.alerts.models import AlertType
from vibekanban.domains.alerts.shapes import Backtest, FiringRow, Watched
from vibekanban.domains.meta.models import Level

router = APIRouter(prefix="/api/meta/alerts", tags=["Alerts"])

EXAMPLE: dict[str, Any] = {
    "name": "ROAS bajo con gasto",
    "type": "PERFORMANCE_DROP",
    "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
    "condition": {
        "all": [
            {"metric": "spend", "operator": ">", "value": 100},
            {"metric": "roas", "operator": "<", "value": -30, "compare": "baseline", "periods": 7},
        ]
    },
    "window": "yesterday",
    "cooldownMinutes": 720,
    "channels": ["email"],
}
CONDITION = (
    "A comparison `{metric, operator, value}` (with `compare`, `periods`, `sameWeekday`, `window`, `minimum` where"
    ' wanted), or `{"all": […]}` and `{"any": […]}` of them'
)
WINDOW = "`today`, `yesterday`, `last_6h` (up to 72 hours) or `last_7d` (whole days before today, up to 90)"
CHANNELS = 'Beside the inbox: "email", and ids of channels'
Channels = list[Literal["email"] | UUID]


class ActionBody(Wire):
    """`changeBudget` needs `percent` and `atMost`; the others nothing. A pause of today ends at the account's midnight."""

    kind: Literal["pause", "pauseToday", "changeBudget"]
    percent: float | None = Field(None, ge=-90, le=100)
    at_least: float | None = Field(None, gt=0, le=1e9, description="Major units")
    at_most: float | None = Field(None, gt=0, le=1e9)
    per_day: int | None = Field(
        None, ge=1, le=4, description="Changes of an object a day; one unless it says more"
    )


class NewAlert(Wire):
    """What to watch: the condition is judged on each object of the level in the account or the campaign."""

    name: str = Field(max_length=120)
    type: AlertType
    account_id: UUID | None = Field(None, description="All its objects of the level; or:")
    campaign_id: UUID | None = Field(None, description="This campaign alone, or its ad sets or ads")
    level: Level | None = Field(None, description="campaign, unless it says otherwise")
    name_filter: str = Field("", max_length=100, description="Part of an object's name; empty: any")
    condition: dict[str, Any] = Field(description=CONDITION)
    window: str = Field("today", max_length=20, description=WINDOW)
    maturity_hours: int = Field(
        0, ge=0, le=168, description="Conversions younger than this are not looked at"
    )
    minimum: dict[str, Any] | None = Field(None, description="{metric, value}: below it a value says nothing")
    cooldown_minutes: int = Field(60, ge=0, le=43200)
    hysteresis: float = Field(
        0, ge=0, le=100, description="Percent a value comes back before it may fire again"
    )
    channels: Channels = Field(default_factory=list, max_length=20, description=CHANNELS)
    action: ActionBody | None = Field(None, description="What to do beside telling")
    is_active: bool = True

    model_config = example(EXAMPLE)


class ChangedAlert(Wire):
    """The fields to change; what is absent stays."""

    name: str = Field("", max_length=120)
    type: AlertType = AlertType.BUDGET_THRESHOLD
    level: Level = Level.CAMPAIGN
    name_filter: str = Field("", max_length=100)
    condition: dict[str, Any] = Field(default_factory=dict, description=CONDITION)
    window: str = Field("today", max_length=20, description=WINDOW)
    maturity_hours: int = Field(0, ge=0, le=168)
    minimum: dict[str, Any] | None = None
    cooldown_minutes: int = Field(60, ge=0, le=43200)
    hysteresis: float = Field(0, ge=0, le=100)
    channels: Channels = Field(default_factory=list, max_length=20)
    action: ActionBody | None = None
    is_active: bool = True

    model_config = example({"isActive": False})


class Tried(NewAlert):
    """An alert that is not kept, and the days to try it on: the last 28 unless they are named, at most 90."""

    since: wire.Day | None = None
    until: wire.Day | None = None

    model_config = example(EXAMPLE)


class AlertOut(Watched):
    """An alert; beside the inbox it is told on its channels."""

    id: UUID
    updated_at: Moment


class BacktestOut(Backtest):
    model_config = example(
        {
            "since": "2026-10-28",
            "until": "2026-11-24",
            "daysByHour": 14,
            "objects": 12,
            "firings": [],
            "cut": False,
        }
    )


@router.get("", responses=responses(NotSignedIn, wire.BadCursor))
def alert_list(
    session: SessionDep,
    user: CurrentUser,
    accountId: UUID | None = None,  # noqa: N803 - the contract's names
    campaignId: UUID | None = None,  # noqa: N803
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[AlertOut]:
    """Your alerts, newest first."""
    found = alerts.alerts(
        session,
        user.id,
        account_id=accountId,
        campaign_id=campaignId,
        before=wire.after(cursor),
        limit=limit + 1,
    )
    return wire.page(AlertOut, found, limit, lambda alert: wire.cursor_of(alert.id))


@router.post("", status_code=201, responses=responses(NotSignedIn, NotFound, Invalid, TooManyAlerts))
def create(body: NewAlert, session: SessionDep, user: CurrentUser) -> AlertOut:
    """Watch a condition; it is judged at once, and after every read of the account."""
    return AlertOut.model_validate(alerts.create(session, user.id, **_values(body)))


@router.post("/backtest", responses=responses(NotSignedIn, NotFound, Invalid))
def backtest(body: Tried, seen: SeenDep) -> BacktestOut:
    """When an alert would have fired over stored history; nothing is kept and nobody is told."""
    return BacktestOut.model_validate(trying.backtest(seen.user_id, **_values(body)))


@router.patch("/{alert_id:uuid}", responses=responses(NotSignedIn, NotFound, Invalid))
def change(alert_id: UUID, body: ChangedAlert, session: SessionDep, user: CurrentUser) -> AlertOut:
    """Change an alert, switch it off or on."""
    return AlertOut.model_validate(alerts.change(session, user.id, alert_id, **_values(body)))


@router.delete("/{alert_id:uuid}", status_code=204, responses=responses(NotSignedIn, NotFound))
def remove(alert_id: UUID, session: SessionDep, user: CurrentUser) -> None:
    """Delete an alert with its firings; for a day it can be restored."""
    alerts.remove(session, user.id, alert_id)


@router.post("/{alert_id:uuid}/restore", responses=responses(NotSignedIn, NotFound, TooManyAlerts))
def restore(alert_id: UUID, session: SessionDep, user: CurrentUser) -> AlertOut:
    """Bring an alert back with its firings, within a day of its deletion; it is judged at once."""
    return AlertOut.model_validate(alerts.restore(session, user.id, alert_id))


@router.get("/{alert_id:uuid}/events", responses=responses(NotSignedIn, NotFound, wire.BadCursor))
def firings(
    alert_id: UUID, session: SessionDep, user: CurrentUser, limit: Limit = 25, cursor: Cursor = None
) -> Page[FiringRow]:
    """When an alert fired, with the numbers that fired it; newest first."""
    found = alerts.firings(session, user.id, alert_id, before=wire.after(cursor), limit=limit + 1)
    return wire.page(FiringRow, found, limit, lambda firing: wire.cursor_of(firing.id))


def _values(body: NewAlert | ChangedAlert) -> dict[str, Any]:
    """What was sent, as the domain takes it."""
    values = body.model_dump(exclude_unset=isinstance(body, ChangedAlert))
    if body.action is not None:
        values["action"] = body.action.model_dump(by_alias=True, exclude_none=True)
    if values.get("channels") is not None:
        values["channels"] = [str(chosen) for chosen in values["channels"]]
    return values
