"""The sandbox's numbers add up on every level, follow every edit, and ripen as Meta's do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import SignIn

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
WEEK = '{"since":"2026-11-02","until":"2026-11-08"}'
COUNTS = ("impressions", "clicks", "inline_link_clicks")
Rows = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def frozen(sandbox: Sandbox) -> Callable[[datetime], None]:
    """Stops the sandbox's clock at a moment; it stands at `NOON` from the start."""

    def at(moment: datetime) -> None:
        body = {"to": moment.timestamp(), "speed": 0}
        sandbox.admin.post("/_sandbox/clock", json=body).raise_for_status()

    at(NOON)
    return at


@pytest.fixture
def rows(graph: httpx.Client, frozen: object) -> Rows:
    """Every insights row of an object."""

    def asked(object_id: str, **params: Any) -> list[dict[str, Any]]:
        names = "account_id,campaign_id,adset_id,ad_id,spend,actions,action_values," + ",".join(COUNTS)
        query = {"time_range": WEEK, "limit": 5000, "fields": names, **params}
        answer = graph.get(f"/{object_id}/insights", params=query)
        answer.raise_for_status()
        return answer.json()["data"]

    return asked


def summed(found: list[dict[str, Any]]) -> tuple[Decimal, ...]:
    return tuple(
        sum((Decimal(row.get(name, "0")) for row in found), Decimal()) for name in ("spend", *COUNTS)
    )


def purchases(found: list[dict[str, Any]], kind: str = "omni_purchase") -> int:
    return sum(
        int(action["value"])
        for row in found
        for action in row.get("actions", [])
        if action["action_type"] == kind
    )


@pytest.mark.parametrize("level", ["campaign", "adset", "ad"])
def test_every_level_adds_up_to_the_account(rows: Rows, account: str, level: str) -> None:
    whole = rows(account)
    parts = rows(account, level=level, time_increment=1)
    assert summed(parts) == summed(whole)
    assert purchases(parts) == purchases(whole) > 0


@pytest.mark.parametrize(
    "breakdown",
    [
        "age", "gender", "age,gender", "country", "region", "publisher_platform",
        "publisher_platform,platform_position", "device_platform",
        "hourly_stats_aggregated_by_advertiser_time_zone",
    ],
)  # fmt: skip
def test_a_breakdown_adds_up_to_the_total(rows: Rows, account: str, breakdown: str) -> None:
    cut = rows(account, level="campaign", breakdowns=breakdown)
    assert len(cut) > len(rows(account, level="campaign"))
    assert summed(cut) == summed(rows(account))


def test_the_edges_of_an_object_agree_with_the_account(rows: Rows, account: str) -> None:
    campaign, *_ = rows(account, level="campaign")
    [alone] = rows(campaign["campaign_id"])
    assert summed([alone]) == summed([campaign])
    assert summed(rows(campaign["campaign_id"], level="ad")) == summed([campaign])


def test_people_click_what_they_see(rows: Rows, account: str) -> None:
    for row in rows(account, level="ad", time_increment=1):
        assert int(row["impressions"]) >= int(row["clicks"]) >= int(row["inline_link_clicks"])


def test_kinds_of_purchases_are_the_same_purchases(rows: Rows, account: str) -> None:
    whole = rows(account)
    kinds = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
    assert len({purchases(whole, kind) for kind in kinds}) == 1


def test_reach_is_not_the_sum_of_its_days(rows: Rows, account: str) -> None:
    [whole] = rows(account, fields="reach")
    daily = rows(account, fields="reach", time_increment=1)
    assert (
        max(int(day["reach"]) for day in daily)
        < int(whole["reach"])
        < sum(int(day["reach"]) for day in daily)
    )


def test_the_oracle_tells_the_same(rows: Rows, account: str, sandbox: Sandbox) -> None:
    query = {"account": account, "level": "campaign", "since": "2026-11-02", "until": "2026-11-08"}
    truth = sandbox.admin.get("/_sandbox/oracle", params=query).json()
    daily = rows(account, level="campaign", time_increment=1)
    told = {(one["id"], one["date"]): (one["spend"], str(one["impressions"])) for one in truth["items"]}
    assert told == {
        (row["campaign_id"], row["date_start"]): (row["spend"], row["impressions"]) for row in daily
    }
    assert truth["totals"]["purchases"] == purchases(daily)


def test_a_past_day_costs_what_it_cost(rows: Rows, account: str, frozen: Callable[..., None]) -> None:
    before = summed(rows(account, level="ad"))
    frozen(NOON + timedelta(days=50))
    assert summed(rows(account, level="ad")) == before


def test_purchases_arrive_late_and_freeze_after_28_days(
    rows: Rows, account: str, frozen: Callable[..., None]
) -> None:
    seen = []
    for age in (1, 7, 28, 29, 60):
        frozen(datetime(2026, 11, 8, 12, tzinfo=UTC) + timedelta(days=age))
        seen.append(purchases(rows(account, time_range='{"since":"2026-11-08","until":"2026-11-08"}')))
    assert seen == sorted(seen)
    assert seen[0] < seen[1] < seen[2] == seen[3] == seen[4]


def test_today_grows_in_quarters_of_an_hour(rows: Rows, account: str, frozen: Callable[..., None]) -> None:
    seen = []
    for minute in (0, 14, 15, 29, 30):
        frozen(NOON + timedelta(minutes=minute))
        seen.append(summed(rows(account, date_preset="today", time_range="")))
    assert seen[0] == seen[1] < seen[2] == seen[3] < seen[4]


def test_a_day_begins_at_the_accounts_midnight(
    sandbox: Sandbox, sign_in: SignIn, frozen: Callable[..., None]
) -> None:
    world = sandbox.admin.get("/_sandbox/world").json()["dificil"]["accounts"]
    tokyo, santiago = (
        next(one for one in world if one["currency"] == currency) for currency in ("JPY", "CLP")
    )
    for one in (tokyo, santiago):
        frozen(datetime(2026, 11, 10, 23, 30, tzinfo=UTC))
        here = datetime(2026, 11, 10, 23, 30, tzinfo=UTC).astimezone(ZoneInfo(one["timezone"])).date()
        [row] = httpx.get(
            f"{sandbox.url}/v26.0/act_{one['id']}/insights",
            params={"access_token": sign_in("dificil"), "date_preset": "today", "fields": "spend"},
        ).json()["data"]
        assert row["date_start"] == row["date_stop"] == here.isoformat()
        assert "." not in row["spend"]


def test_nothing_is_delivered_while_paused(
    rows: Rows, account: str, graph: httpx.Client, frozen: Callable[..., None]
) -> None:
    campaign = rows(account, level="campaign")[0]["campaign_id"]
    today = {"date_preset": "today", "time_range": ""}
    graph.post(f"/{campaign}", data={"status": "PAUSED"}).raise_for_status()
    frozen(NOON + timedelta(minutes=30))
    at_the_pause = summed(rows(campaign, **today))
    frozen(NOON + timedelta(hours=6))
    assert summed(rows(campaign, **today)) == at_the_pause
    graph.post(f"/{campaign}", data={"status": "ACTIVE"}).raise_for_status()
    frozen(NOON + timedelta(hours=8))
    assert summed(rows(campaign, **today)) > at_the_pause


def test_a_day_spends_no_more_than_three_quarters_above_its_budget(
    rows: Rows, account: str, graph: httpx.Client
) -> None:
    listed = graph.get(f"/{account}/campaigns", params={"fields": "daily_budget", "limit": 100}).json()[
        "data"
    ]
    budgets = {one["id"]: int(one["daily_budget"]) for one in listed}
    for row in rows(account, level="campaign", time_increment=1):
        assert Decimal(row["spend"]) * 100 <= budgets[row["campaign_id"]] * Decimal("1.75")


def test_a_doubled_budget_spends_more_from_then_on_only(
    rows: Rows, account: str, graph: httpx.Client, frozen: Callable[..., None]
) -> None:
    campaign = rows(account, level="campaign")[0]["campaign_id"]
    yesterday = {"time_range": '{"since":"2026-11-09","until":"2026-11-09"}'}
    tomorrow = {"time_range": '{"since":"2026-11-11","until":"2026-11-11"}'}
    before = summed(rows(campaign, **yesterday))
    budget = int(graph.get(f"/{campaign}", params={"fields": "daily_budget"}).json()["daily_budget"])
    frozen(NOON + timedelta(days=2))
    usual = summed(rows(campaign, **tomorrow))[0]
    frozen(NOON)
    graph.post(f"/{campaign}", data={"daily_budget": budget * 2}).raise_for_status()
    frozen(NOON + timedelta(days=2))
    assert summed(rows(campaign, **yesterday)) == before
    assert summed(rows(campaign, **tomorrow))[0] > usual * Decimal("1.9")


def test_a_dead_pixel_takes_the_purchases_and_leaves_the_clicks(
    rows: Rows, account: str, sandbox: Sandbox
) -> None:
    since = datetime(2026, 11, 6, tzinfo=ZoneInfo("Europe/Madrid")).timestamp()
    before = rows(account)
    body = {"account": account, "kind": "pixel_outage", "since": since}
    sandbox.admin.post("/_sandbox/incidents", json=body).raise_for_status()
    after = rows(account)
    assert summed(after) == summed(before)
    assert 0 < purchases(after) < purchases(before)
    assert purchases(rows(account, time_range='{"since":"2026-11-07","until":"2026-11-08"}')) == 0


def test_a_deleted_campaign_stays_in_the_accounts_total(
    rows: Rows, account: str, graph: httpx.Client
) -> None:
    before = summed(rows(account))
    campaign = rows(account, level="campaign")[0]["campaign_id"]
    graph.delete(f"/{campaign}").raise_for_status()
    assert summed(rows(account)) == before
    assert summed(rows(account, level="campaign"))[0] < before[0]
    assert campaign not in {row["campaign_id"] for row in rows(account, level="ad")}
