"""Insights are the truth to the cent, on every level, and follow time and edits."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import Caller, Frozen, first_account

NOON = "2026-11-10T12:00:00+00:00"
WEEK = {"since": "2026-11-01", "until": "2026-11-07"}
FIELDS = "campaign_id,adset_id,ad_id,impressions,clicks,spend,reach,actions,action_values"


def rows(client: httpx.Client, node: str, **asked: Any) -> list[dict[str, Any]]:
    asked.setdefault("time_range", json.dumps(WEEK))
    answer = client.get(f"/{node}/insights", params={"fields": FIELDS, "limit": 5000, **asked})
    return answer.raise_for_status().json()["data"]


def spent(found: list[dict[str, Any]]) -> int:
    return sum(round(float(row["spend"]) * 100) for row in found)


def counted(found: list[dict[str, Any]], kind: str, field: str = "actions") -> float:
    return round(
        sum(float(a["value"]) for row in found for a in row.get(field, []) if a["action_type"] == kind), 2
    )


def truth(sandbox: Sandbox, **query: Any) -> dict[str, Any]:
    return sandbox.admin.get("/_sandbox/oracle", params={**WEEK, **query}).raise_for_status().json()


@pytest.mark.parametrize("level", ["account", "campaign", "adset", "ad"])
def test_every_level_adds_up_to_the_truth(
    graph: httpx.Client, account: str, sandbox: Sandbox, frozen: Frozen, level: str
) -> None:
    frozen(NOON)
    found, total = rows(graph, account, level=level), truth(sandbox, account=account)["totals"]
    assert spent(found) * 10_000 == total["spend_micros"]
    assert sum(int(row["impressions"]) for row in found) == total["impressions"]
    assert counted(found, "omni_purchase") == total["purchases"]
    assert round(counted(found, "omni_purchase", "action_values") * 1_000_000) == total["value_micros"]


@pytest.mark.parametrize(
    "breakdowns", ["age,gender", "country", "publisher_platform,platform_position", "device_platform"]
)
def test_a_breakdown_adds_up_to_the_whole(
    graph: httpx.Client, account: str, frozen: Frozen, breakdowns: str
) -> None:
    frozen(NOON)
    [whole], cut = rows(graph, account), rows(graph, account, breakdowns=breakdowns)
    assert len(cut) > 1
    assert spent(cut) == spent([whole])
    assert counted(cut, "purchase") == counted([whole], "purchase")
    assert sum(int(row["reach"]) for row in cut) > int(whole["reach"])


def test_hours_add_up_to_the_day_without_people_or_purchases(
    graph: httpx.Client, account: str, frozen: Frozen
) -> None:
    frozen(NOON)
    day = json.dumps({"since": "2026-11-05", "until": "2026-11-05"})
    hours = rows(graph, account, time_range=day, breakdowns="hourly_stats_aggregated_by_advertiser_time_zone")
    assert spent(hours) == spent(rows(graph, account, time_range=day))
    assert {row["reach"] for row in hours} == {"0"}
    assert counted(hours, "purchase") == 0


def test_days_add_up_to_the_range(graph: httpx.Client, account: str, frozen: Frozen) -> None:
    frozen(NOON)
    days = rows(graph, account, time_increment=1)
    assert [row["date_start"] for row in days] == [f"2026-11-0{n}" for n in range(1, 8)]
    assert spent(days) == spent(rows(graph, account))


def test_purchases_contain_each_other_with_the_same_value(
    graph: httpx.Client, account: str, frozen: Frozen
) -> None:
    frozen(NOON)
    found = rows(graph, account)
    names = ("omni_purchase", "purchase", "offsite_conversion.fb_pixel_purchase")
    assert len({counted(found, name) for name in names}) == 1
    assert counted(found, "purchase") > 0


def test_conversions_keep_arriving_for_28_days_and_then_stay(
    graph: httpx.Client, account: str, frozen: Frozen
) -> None:
    seen = []
    for moment in (
        "2026-11-08T12:00:00+00:00",
        "2026-11-20T12:00:00+00:00",
        "2026-12-10T12:00:00+00:00",
        "2027-01-10T12:00:00+00:00",
    ):
        frozen(moment)
        found = rows(graph, account)
        seen.append((counted(found, "purchase"), spent(found)))
    purchases = [count for count, _ in seen]
    assert purchases[0] < purchases[1] < purchases[2] == purchases[3]
    assert len({amount for _, amount in seen}) == 1


def test_today_grows_in_steps_of_a_quarter_of_an_hour(
    graph: httpx.Client, account: str, frozen: Frozen
) -> None:
    amounts = []
    for moment in ("2026-11-10T12:00:00+00:00", "2026-11-10T12:10:00+00:00", "2026-11-10T12:16:00+00:00"):
        frozen(moment)
        amounts.append(spent(rows(graph, account, time_range="", date_preset="today")))
    assert amounts[0] == amounts[1] < amounts[2]


def test_a_paused_campaign_stops_spending_from_the_pause(
    graph: httpx.Client, account: str, frozen: Frozen, sandbox: Sandbox
) -> None:
    frozen(NOON)
    campaign = rows(graph, account, level="campaign")[0]["campaign_id"]
    graph.post(f"/{campaign}", data={"status": "PAUSED"}).raise_for_status()
    frozen("2026-11-12T12:00:00+00:00")
    day = {"since": "2026-11-10", "until": "2026-11-12"}
    found = rows(graph, campaign, time_range=json.dumps(day), time_increment=1)
    assert [row["date_start"] for row in found] == ["2026-11-10"]
    whole = rows(graph, campaign, time_range=json.dumps({"since": "2026-11-03", "until": "2026-11-03"}))
    assert 0 < spent(found) < spent(whole)


def test_a_new_budget_counts_from_its_own_minute(graph: httpx.Client, account: str, frozen: Frozen) -> None:
    frozen(NOON)
    today = {"time_range": "", "date_preset": "today"}
    campaign = rows(graph, account, level="campaign")[0]["campaign_id"]
    budget = int(graph.get(f"/{campaign}", params={"fields": "daily_budget"}).json()["daily_budget"])
    before = spent(rows(graph, campaign, **today))
    graph.post(f"/{campaign}", data={"daily_budget": budget * 10}).raise_for_status()
    assert spent(rows(graph, campaign, **today)) == before
    frozen("2026-11-12T12:00:00+00:00")
    days = rows(
        graph,
        campaign,
        time_range=json.dumps({"since": "2026-11-09", "until": "2026-11-11"}),
        time_increment=1,
    )
    old, between, new = (spent([day]) for day in days)
    assert old < between < new <= budget * 10 * 1.75
    assert new > 5 * old


def test_what_was_created_delivers_once_it_is_on(graph: httpx.Client, account: str, frozen: Frozen) -> None:
    frozen(NOON)
    source = graph.get(f"/{account}/adsets", params={"limit": 1}).json()["data"][0]["id"]
    copied = graph.post(f"/{source}/copies", data={"deep_copy": "true", "status_option": "ACTIVE"}).json()
    frozen("2026-11-12T12:00:00+00:00")
    days = json.dumps({"since": "2026-11-10", "until": "2026-11-11"})
    assert len(rows(graph, copied["copied_adset_id"], time_range=days, level="ad")) == 3
    assert spent(rows(graph, copied["copied_adset_id"], time_range=days)) > 0


def test_the_dead_are_missing_from_lists_and_counted_above(
    graph: httpx.Client, account: str, frozen: Frozen
) -> None:
    frozen(NOON)
    ads = rows(graph, account, level="ad")
    gone = ads[0]["ad_id"]
    total = spent(rows(graph, account))
    graph.delete(f"/{gone}").raise_for_status()
    left = rows(graph, account, level="ad")
    assert gone not in {row["ad_id"] for row in left}
    assert spent(left) < total == spent(rows(graph, account))


def test_yen_have_no_decimals_and_follow_the_clock_of_tokyo(caller: Caller, frozen: Frozen) -> None:
    frozen("2026-11-10T20:00:00+00:00")
    client = caller("dificil")
    accounts = client.get("/me/adaccounts", params={"fields": "id,currency"}).json()["data"]
    yen = next(one["id"] for one in accounts if one["currency"] == "JPY")
    [row] = rows(client, yen, time_range="", date_preset="today")
    assert row["date_start"] == "2026-11-11"
    assert row["spend"].isdigit()


def test_a_pixel_outage_silences_purchases_and_leaves_clicks(
    caller: Caller, sandbox: Sandbox, frozen: Frozen
) -> None:
    frozen(NOON)
    client = caller("lucia")
    account = first_account(client)
    told = {
        "account": account,
        "kind": "pixel_outage",
        "since": 1_793_487_600,
    }  # 2026-11-01, midnight in Madrid
    before = rows(client, account)
    sandbox.admin.post("/_sandbox/incidents", json=told).raise_for_status()
    after = rows(client, account)
    assert counted(before, "purchase") > 0 == counted(after, "purchase")
    assert counted(before, "link_click") == counted(after, "link_click")


def test_filters_reach_parents_children_and_numbers(
    graph: httpx.Client, account: str, frozen: Frozen
) -> None:
    frozen(NOON)
    ads = rows(graph, account, level="ad")
    campaign = ads[0]["campaign_id"]
    inside = [row for row in ads if row["campaign_id"] == campaign]
    rule = [{"field": "campaign.id", "operator": "IN", "value": [campaign]}]
    assert rows(graph, account, level="ad", filtering=json.dumps(rule)) == inside
    assert spent(rows(graph, account, filtering=json.dumps(rule))) == spent(inside)
    large = [{"field": "spend", "operator": "GREATER_THAN", "value": 50}]
    assert all(
        float(row["spend"]) > 50 for row in rows(graph, account, level="ad", filtering=json.dumps(large))
    )


def test_insights_expand_inside_a_list(graph: httpx.Client, account: str, frozen: Frozen) -> None:
    frozen(NOON)
    fields = "campaigns.limit(3){id,name,insights.date_preset(last_7d){spend}}"
    campaigns = graph.get(f"/{account}", params={"fields": fields}).json()["campaigns"]["data"]
    assert len(campaigns) == 3
    assert float(campaigns[0]["insights"]["data"][0]["spend"]) > 0


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"time_range": json.dumps({"since": "2020-01-01", "until": "2020-01-31"})}, (3018, None)),
        ({"fields": "not_a_metric"}, (100, None)),
        ({"breakdowns": "platform_position"}, (100, None)),
        ({"time_increment": "91"}, (100, None)),
    ],
)
def test_what_insights_refuse(
    graph: httpx.Client, account: str, frozen: Frozen, asked: dict[str, str], code: tuple[int, int | None]
) -> None:
    frozen(NOON)
    error = graph.get(f"/{account}/insights", params=asked).json()["error"]
    assert (error["code"], error.get("error_subcode")) == code


def test_too_much_for_a_synchronous_call_is_refused(caller: Caller, frozen: Frozen) -> None:
    frozen(NOON)
    client = caller("grande")
    error = client.get(
        f"/{first_account(client)}/insights", params={"level": "ad", "date_preset": "last_90d"}
    ).json()["error"]
    assert (error["code"], error["error_subcode"]) == (100, 1487534)


def test_ads_with_impressions_are_asked_for_as_the_manual_does(
    graph: httpx.Client, account: str, frozen: Frozen
) -> None:
    frozen(NOON)
    rule = json.dumps([{"field": "ad.impressions", "operator": "GREATER_THAN", "value": 0}])
    assert rows(graph, account, level="ad", filtering=rule) == rows(graph, account, level="ad")


def test_a_runaway_budget_is_tenfold_until_somebody_mends_it(
    graph: httpx.Client, account: str, sandbox: Sandbox, frozen: Frozen
) -> None:
    frozen(NOON)
    first = graph.get(f"/{account}/campaigns", params={"fields": "daily_budget"}).json()["data"][0]
    told = {"account": account, "kind": "runaway"}
    sandbox.admin.post("/_sandbox/incidents", json=told).raise_for_status()
    frozen("2026-11-12T12:00:00+00:00")
    budget = {"fields": "daily_budget"}
    grown = graph.get(f"/{first['id']}", params=budget).json()["daily_budget"]
    assert int(grown) == 10 * int(first["daily_budget"])
    graph.post(f"/{first['id']}", data={"daily_budget": first["daily_budget"]}).raise_for_status()
    frozen("2026-11-14T12:00:00+00:00")
    span = json.dumps({"since": "2026-11-09", "until": "2026-11-13"})
    before, _start, high, _end, after = (
        spent([day]) for day in rows(graph, first["id"], time_range=span, time_increment=1)
    )
    assert high > 7 * before
    assert after < 2 * before


def test_a_day_never_spends_more_than_allowed(caller: Caller, frozen: Frozen) -> None:
    frozen(NOON)
    client = caller("dificil")
    account = first_account(client)
    span = json.dumps({"since": "2026-10-01", "until": "2026-11-09"})
    budgets = {
        one["id"]: int(one["daily_budget"])
        for one in client.get(f"/{account}/campaigns", params={"fields": "daily_budget"}).json()["data"]
    }
    days = rows(client, account, level="campaign", time_range=span, time_increment=1)
    assert len(days) > 150
    assert all(spent([day]) <= 1.75 * budgets[day["campaign_id"]] for day in days)
