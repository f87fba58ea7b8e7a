"""A backtest predicts what passes do: the same history, lived hour by hour, fires at the same moments."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import func, select

from tests.factories.alerts import ZONE, an_alert, fired, passed
from tests.factories.meta import a_campaign
from tests.factories.metrics import a_row, write
from vibekanban.core import db
from vibekanban.domains.alerts import backtest
from vibekanban.domains.alerts.models import Alert, AlertEvent, AlertType
from vibekanban.domains.editing.errors import Cancelled
from vibekanban.domains.meta import insights
from vibekanban.domains.meta.insights import HOUR, HOURLY, Fact
from vibekanban.domains.meta.models import Level, MetaAccount

FIRST = date(2026, 3, 10)
BEFORE, LIVED = 3, 3  # days that are known at the start, and days that are lived through

BY_HOUR: list[dict[str, Any]] = [
    {"condition": {"metric": "spend", "operator": ">", "value": 150}, "window": "today"},
    {"condition": {"metric": "ctr", "operator": "<", "value": 1.8}, "window": "last_3h", "hysteresis": 20},
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
        "condition": {"metric": "cpc", "operator": ">", "value": 3, "compare": "baseline", "periods": 2},
        "window": "today",
    },
    {
        "condition": {
            "any": [
                {"metric": "cpm", "operator": ">", "value": 11, "minimum": {"metric": "spend", "value": 20}},
                {
                    "all": [
                        {"metric": "clicks", "operator": ">=", "value": 60, "window": "last_4h"},
                        {"metric": "roas", "operator": "<", "value": 2.2, "window": "yesterday"},
                    ]
                },
            ]
        },
        "window": "today",
        "maturity_hours": 5,
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
    {"condition": {"metric": "impressions", "operator": "=", "value": 0}, "window": "last_2h"},
    {
        "condition": {"metric": "spend", "operator": ">=", "value": 300},
        "window": "today",
        "level": Level.ACCOUNT,
    },
]
BY_DAY: list[dict[str, Any]] = [
    {"condition": {"metric": "roas", "operator": "<", "value": 1.9}, "window": "today"},
    {"condition": {"metric": "cpa", "operator": ">", "value": 11}, "window": "last_2d", "maturity_hours": 30},
    {"condition": {"check": "trackingLoss", "clicks": 100, "drop": 10, "periods": 2}, "level": Level.ACCOUNT},
    {
        "condition": {"metric": "revenue", "operator": "<", "value": 0, "compare": "previous"},
        "window": "yesterday",
        "cooldown_minutes": 0,
    },
]


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
    account_id: UUID,
    known: dict[tuple[str, date, int], dict[str, int]],
    days: list[date],
    at: datetime,
    *,
    by_hour: bool,
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
        if by_hour:
            write(store, account_id, hours, breakdown=HOUR, **span)
        write(store, account_id, by_day, **span)
        write(store, account_id, accounts, level=Level.ACCOUNT, **span)


def lived(
    database: Any,
    account: MetaAccount,
    known: dict[tuple[str, date, int], dict[str, int]],
    hours: tuple[int, ...] = tuple(range(24)),
) -> None:
    """Some days, read and judged at the end of these hours."""
    before = [FIRST + timedelta(days=n) for n in range(-BEFORE, 0)]
    by_hour = len(hours) > 1
    told(account.id, known, before, datetime.combine(FIRST, time(0), tzinfo=ZONE), by_hour=by_hour)
    for day in (FIRST + timedelta(days=n) for n in range(LIVED)):
        midnight = datetime.combine(day, time(0), tzinfo=ZONE)
        told(account.id, known, [day - timedelta(days=1)], midnight, by_hour=by_hour)
        for hour in hours:
            at = datetime.combine(day, time(hour, 59, 59), tzinfo=ZONE)
            so_far = {key: row for key, row in known.items() if key[1] < day or key[2] <= hour}
            told(account.id, so_far, [day], at, by_hour=by_hour)
            passed(database, account, at)


def shown(numbers: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return sorted((one["leaf"], one["value"], one["before"], one["met"]) for one in numbers)


@pytest.mark.parametrize(("seed", "piece"), [(1, 24), (2, 5)])
@pytest.mark.parametrize(
    ("conditions", "hours"), [(BY_HOUR, tuple(range(24))), (BY_DAY, (23,))], ids=["hours", "days"]
)
def test_a_backtest_predicts_what_passes_do(
    database: Any,
    account: MetaAccount,
    monkeypatch: pytest.MonkeyPatch,
    seed: int,
    piece: int,
    conditions: list[dict[str, Any]],
    hours: tuple[int, ...],
) -> None:
    monkeypatch.setattr(backtest, "PIECE", 1)
    monkeypatch.setattr(backtest, "SHORTEST", piece)
    with database() as session:
        campaigns = [a_campaign(session, account, name=f"Campaña {n}", daily_budget=20000) for n in range(3)]
        alerts = [
            an_alert(session, account, **{"name": f"Alerta {n}", **wanted})
            for n, wanted in enumerate(conditions)
        ]
    lived(database, account, made_up([campaign.meta_id for campaign in campaigns], seed), hours)
    counts = []
    for alert, wanted in zip(alerts, conditions, strict=True):
        happened = {
            (event.object_id, event.fired_at): shown(event.numbers)
            for event in fired(database)
            if event.alert_id == alert.id
        }
        replay = backtest.backtest(
            account.user_id, **tried(alert, wanted), since=FIRST, until=FIRST + timedelta(days=LIVED - 1)
        )
        predicted = {(one.object_id, one.fired_at): shown(one.numbers) for one in replay.firings}
        assert predicted == happened, wanted
        counts.append(len(happened))
    assert sum(1 for count in counts if count) >= len(counts) - 2


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


def test_a_backtest_that_is_called_off_ends_between_its_pieces_and_leaves_nothing(
    database: Any, account: MetaAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest, "PIECE", 1)
    monkeypatch.setattr(backtest, "SHORTEST", 5)
    with database() as session:
        mine = session.get_one(MetaAccount, account.id)
        campaign = a_campaign(session, mine)
        mine.today_synced_at = datetime.combine(FIRST + timedelta(days=20), time(12), tzinfo=ZONE)
    days = [FIRST + timedelta(days=n) for n in range(20)]
    with db.metrics_transaction() as store:
        rows = [a_row(campaign.meta_id, day, spend="20") for day in days]
        facts = [insights.fact(row, Level.CAMPAIGN) for row in rows]
        write(store, account.id, facts, since=days[0], until=days[-1])
    asked: dict[str, Any] = {
        "account_id": account.id,
        "name": "Gasto",
        "type": AlertType.BUDGET_THRESHOLD,
        "condition": {"metric": "spend", "operator": ">", "value": 1},
        "window": "yesterday",
        "since": days[0],
        "until": days[-1],
    }
    heard: list[tuple[int, int]] = []

    def step(judged: int, total: int) -> None:
        heard.append((judged, total))
        if judged >= 10:
            raise Cancelled()

    with pytest.raises(Cancelled):
        backtest.backtest(account.user_id, **asked, step=step)
    assert heard == [(0, 20), (5, 20), (10, 20)]
    assert [len(backtest.backtest(account.user_id, **asked).firings) for _ in range(2)] == [1, 1]
    with database() as session:
        assert session.exec(select(func.count()).select_from(Alert)).one() == 0
        assert session.exec(select(func.count()).select_from(AlertEvent)).one() == 0
