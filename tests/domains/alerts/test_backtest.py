"""A backtest predicts what passes do: the same history, lived hour by hour, fires at the same moments."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from tests.factories.alerts import ZONE, an_alert, read
from tests.factories.meta import a_campaign
from tests.factories.metrics import a_row, write
from vibekanban.core import db
from vibekanban.domains.alerts import backtest, engine
from vibekanban.domains.alerts.models import Alert, AlertEvent, AlertType
from vibekanban.domains.meta import insights
from vibekanban.domains.meta.insights import HOUR, HOURLY, Fact
from vibekanban.domains.meta.models import Level, MetaAccount

FIRST = date(2026, 3, 10)
BEFORE, LIVED = 3, 2  # days that are known at the start, and days that are lived through

CONDITIONS: list[dict[str, Any]] = [
    {"condition": {"metric": "spend", "operator": ">", "value": 150}, "window": "today"},
    {"condition": {"metric": "roas", "operator": "<", "value": 1.0}, "window": "last_3h", "hysteresis": 20},
    {
        "condition": {"metric": "spend", "operator": ">", "value": 40, "compare": "baseline", "periods": 3},
        "window": "today",
        "cooldown_minutes": 300,
    },
    {
        "condition": {"metric": "ctr", "operator": "<", "value": -10, "compare": "previous"},
        "window": "last_2h",
        "cooldown_minutes": 0,
    },
    {
        "condition": {
            "any": [
                {"metric": "cpa", "operator": ">", "value": 9, "minimum": {"metric": "spend", "value": 20}},
                {
                    "all": [
                        {"metric": "clicks", "operator": ">=", "value": 60, "window": "last_4h"},
                        {"metric": "conversions", "operator": "<=", "value": 4, "window": "last_4h"},
                    ]
                },
            ]
        },
        "window": "today",
        "maturity_hours": 2,
        "cooldown_minutes": 120,
    },
    {"condition": {"metric": "spend", "operator": ">", "value": 100, "compare": "pacing"}, "window": "today"},
    {
        "condition": {
            "all": [
                {"metric": "hour", "operator": ">=", "value": 10},
                {"metric": "roas", "operator": "<", "value": 2.2, "window": "yesterday"},
            ]
        },
    },
    {"condition": {"metric": "impressions", "operator": "=", "value": 0}, "window": "last_2h", "level": Level.CAMPAIGN},
    {"condition": {"metric": "spend", "operator": ">=", "value": 300}, "window": "today", "level": Level.ACCOUNT},
    {"condition": {"check": "trackingLoss", "clicks": 20, "drop": 50, "periods": 2, "hours": 6}},
]  # fmt: skip


def made_up(campaigns: list[str], seed: int) -> dict[tuple[str, date, int], dict[str, int]]:
    """Numbers of every hour, some hours without delivery."""
    chance = random.Random(seed)
    days = [FIRST + timedelta(days=n) for n in range(-BEFORE, LIVED)]
    return {
        (campaign, day, hour): {
            "spend": chance.randrange(2, 20),
            "impressions": chance.randrange(400, 1600),
            "clicks": chance.randrange(4, 40),
            "purchases": chance.randrange(0, 3),
            "revenue": chance.randrange(0, 40),
        }
        for campaign in campaigns
        for day in days
        for hour in range(24)
        if chance.random() > 0.2
    }


def fact(
    key: str, day: date, numbers: dict[str, int], *, hour: int | None = None, account: bool = False
) -> Fact:
    row = a_row(
        key,
        day,
        spend=str(numbers["spend"]),
        impressions=str(numbers["impressions"]),
        clicks=str(numbers["clicks"]),
        actions=[{"action_type": "omni_purchase", "value": str(numbers["purchases"])}],
        action_values=[{"action_type": "omni_purchase", "value": str(numbers["revenue"])}],
    )
    if hour is not None:
        row[HOURLY] = f"{hour:02}:00:00 - {hour:02}:59:59"
    level = Level.ACCOUNT if account else Level.CAMPAIGN
    return insights.fact(row, level, breakdown="" if hour is None else HOUR)


def summed(rows: list[dict[str, int]]) -> dict[str, int]:
    return {name: sum(row[name] for row in rows) for name in rows[0]}


def told(
    account_id: UUID, known: dict[tuple[str, date, int], dict[str, int]], days: list[date], at: datetime
) -> None:
    """What a read at a moment says of some days: hours, days, and the account's days."""
    seen = {key: row for key, row in known.items() if key[1] in days}
    campaigns = sorted({campaign for campaign, _, _ in known})
    hours = [fact(campaign, day, row, hour=hour) for (campaign, day, hour), row in seen.items()]
    whole = {
        (campaign, day): [row for key, row in seen.items() if key[:2] == (campaign, day)]
        for campaign in campaigns
        for day in days
    }
    by_day = [fact(campaign, day, summed(rows)) for (campaign, day), rows in whole.items() if rows]
    all_day = {day: [row for key, row in seen.items() if key[1] == day] for day in days}
    accounts = [fact("79", day, summed(rows), account=True) for day, rows in all_day.items() if rows]
    span = {"since": days[0], "until": days[-1], "read_at": at}
    with db.metrics_transaction() as store:
        write(store, account_id, hours, breakdown=HOUR, **span)
        write(store, account_id, by_day, **span)
        write(store, account_id, accounts, level=Level.ACCOUNT, **span)


def lived(database: Any, account: MetaAccount, known: dict[tuple[str, date, int], dict[str, int]]) -> None:
    """Two days, read and judged at the end of every hour."""
    before = [FIRST + timedelta(days=n) for n in range(-BEFORE, 0)]
    told(account.id, known, before, datetime.combine(FIRST, time(0), tzinfo=ZONE))
    for day in (FIRST + timedelta(days=n) for n in range(LIVED)):
        for hour in range(24):
            at = datetime.combine(day, time(hour, 59, 59), tzinfo=ZONE)
            until_now = {key: row for key, row in known.items() if key[1] < day or key[2] <= hour}
            told(account.id, until_now, [day - timedelta(days=1), day] if hour < 3 else [day], at)
            with database() as session:
                read(session, account.id, at)
            engine.judge([account.id])


def shown(numbers: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted((one["leaf"], one["value"], one["before"], one["met"]) for one in numbers)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_backtest_predicts_what_passes_do(database: Any, account: MetaAccount, seed: int) -> None:
    with database() as session:
        campaigns = [a_campaign(session, account, name=f"Campaña {n}", daily_budget=20000) for n in range(3)]
        alerts = [
            an_alert(session, account, **{"name": f"Alerta {n}", **wanted})
            for n, wanted in enumerate(CONDITIONS)
        ]
    lived(database, account, made_up([campaign.meta_id for campaign in campaigns], seed))
    counts = []
    for alert, wanted in zip(alerts, CONDITIONS, strict=True):
        with database() as session:
            events = session.exec(
                select(AlertEvent).where(AlertEvent.alert_id == alert.id).order_by(col(AlertEvent.id))
            ).all()
        happened = {(event.object_id, event.fired_at): shown(event.numbers) for event in events}
        replay = backtest.backtest(
            account.user_id, **tried(alert, wanted), since=FIRST, until=FIRST + timedelta(days=LIVED - 1)
        )
        assert replay.days_by_hour == LIVED
        predicted = {(one.object_id, one.fired_at): shown(one.numbers) for one in replay.firings}
        assert predicted == happened, wanted
        counts.append(len(happened))
    assert sum(counts) > 20
    assert sum(1 for count in counts if count) >= 8


def tried(alert: Alert, wanted: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": alert.name,
        "type": AlertType.PERFORMANCE_DROP,
        "account_id": alert.account_id,
        "window": alert.window,
        **wanted,
    }


def test_a_connection_that_judged_nothing_yet_can_try_an_alert(database: Any, account: MetaAccount) -> None:
    with database() as session:
        a_campaign(session, session.get_one(MetaAccount, account.id))
    db.engine().dispose()
    found = backtest.backtest(
        account.user_id,
        account_id=account.id,
        name="Gasto",
        type=AlertType.BUDGET_THRESHOLD,
        condition={"metric": "spend", "operator": ">", "value": 1},
        window="today",
    )
    assert (found.objects, found.firings) == (1, [])
