"""Alerts, and numbers for them to fire on, as tests need them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text, update
from sqlmodel import Session, col, select

from tests.factories.metrics import a_fact, a_row, write
from vibekanban.core import columns, db
from vibekanban.domains.alerts import alerts, engine
from vibekanban.domains.alerts.models import Alert, AlertEvent, AlertType
from vibekanban.domains.meta import insights
from vibekanban.domains.meta.insights import HOUR, HOURLY
from vibekanban.domains.meta.models import Ad, AdSet, Campaign, Level, MetaAccount

ZONE = ZoneInfo("Europe/Madrid")
AT = datetime(2026, 3, 11, 14, 20, tzinfo=ZONE)  # a Wednesday
ABOVE_100: dict[str, Any] = {"metric": "spend", "operator": ">", "value": 100}


def an_alert(session: Session, place: Campaign | MetaAccount, **values: Any) -> Alert:
    """An alert on today's spend above 100, on a campaign or on all of an account's."""
    of = {"campaign_id": place.id} if isinstance(place, Campaign) else {"account_id": place.id}
    given: dict[str, Any] = {
        "name": "Gasto alto",
        "type": AlertType.BUDGET_THRESHOLD,
        "condition": ABOVE_100,
        "window": "today",
        **of,
        **values,
    }
    return alerts.create(session, place.user_id, **given)


def a_firing(
    session: Session, alert: Alert, thing: Campaign | AdSet | Ad, at: datetime | None = None
) -> AlertEvent:
    """The alert fired for an object, with what it asks for still to be done."""
    event = AlertEvent(
        alert_id=alert.id,
        user_id=alert.user_id,
        account_id=alert.account_id,
        level=alert.level.value,
        object_id=thing.id,
        object_name=thing.name,
        fired_at=at or columns.now() - timedelta(minutes=1),
        action=alert.action,
    )
    session.add(event)
    session.flush()
    return event


def spent(
    account_id: UUID, at: datetime, *rows: dict[str, Any], days: int = 1, level: Level = Level.CAMPAIGN
) -> None:
    """What the store says of the account's campaigns after a read: `{campaign, ago, spend …}` a day."""
    day = at.astimezone(ZONE).date()
    facts = [a_fact(row["campaign"], day - timedelta(days=row.get("ago", 0)), **_told(row)) for row in rows]
    with db.metrics_transaction() as store:
        write(
            store, account_id, facts, level=level, since=day - timedelta(days=days - 1), until=day, read_at=at
        )


def spent_by_hour(account_id: UUID, at: datetime, *rows: dict[str, Any], days: int = 1) -> None:
    """The same by the hour: `{campaign, ago, hour, spend …}`."""
    day = at.astimezone(ZONE).date()
    facts = [
        insights.fact(
            a_row(row["campaign"], day - timedelta(days=row.get("ago", 0)), **_told(row))
            | {HOURLY: f"{row['hour']:02}:00:00 - {row['hour']:02}:59:59"},
            Level.CAMPAIGN,
            breakdown=HOUR,
        )
        for row in rows
    ]
    with db.metrics_transaction() as store:
        write(
            store,
            account_id,
            facts,
            breakdown=HOUR,
            since=day - timedelta(days=days - 1),
            until=day,
            read_at=at,
        )


def a_reach(account_id: UUID, campaign: str, at: datetime, *, days: int, reach: int) -> None:
    """What Meta said of the people a campaign reached in the days before one."""
    day = at.astimezone(ZONE).date()
    with db.metrics_transaction() as store:
        store.execute(
            text(
                "INSERT INTO metric_reach (account_id, level, object_id, since, until, reach, impressions, fetched_at)"
                " VALUES (:account, 'campaign', :object, :since, :until, :reach, 0, :at)"
            ),
            {
                "account": account_id,
                "object": campaign,
                "since": day - timedelta(days=days),
                "until": day - timedelta(days=1),
                "reach": reach,
                "at": at,
            },
        )


def _told(row: dict[str, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        name: str(value)
        for name, value in row.items()
        if name not in {"campaign", "ago", "hour", "purchases", "revenue"}
    }
    for name, field in (("purchases", "actions"), ("revenue", "action_values")):
        if name in row:
            told[field] = [{"action_type": "omni_purchase", "value": str(row[name])}]
    return told


def read(session: Session, account_id: UUID, at: datetime) -> None:
    """The account's numbers were read at a moment."""
    session.execute(update(MetaAccount).where(col(MetaAccount.id) == account_id).values(today_synced_at=at))


def passed(database: Any, account: MetaAccount, at: datetime) -> int:
    """A pass after a read at a moment; how many fired."""
    with database() as session:
        read(session, account.id, at)
    return engine.judge([account.id])


def fired(database: Any) -> list[AlertEvent]:
    """Every firing, the first one first."""
    with database() as session:
        return list(session.exec(select(AlertEvent).order_by(col(AlertEvent.id))))
