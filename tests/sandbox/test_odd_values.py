"""Odd values are refused or understood, and never break an account."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import Caller, Frozen, first_account, refusal

ODD = [None, [], {}, [1], [[1]], {"a": 1}, True, "ñ", "9" * 40, "{", -1]
NAMES = ("name", "status", "daily_budget", "lifetime_budget", "adset_budgets", "stop_time", "targeting")
AN_ADSET = {
    "name": "Conjunto",
    "optimization_goal": "OFFSITE_CONVERSIONS",
    "billing_event": "IMPRESSIONS",
    "promoted_object": {"pixel_id": "1", "custom_event_type": "PURCHASE"},
}


def first(graph: httpx.Client, path: str) -> str:
    return graph.get(path, params={"limit": 1}).json()["data"][0]["id"]


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_an_account_lives_after_any_value_of_a_write(
    graph: httpx.Client, account: str, sandbox: Sandbox, value: Any
) -> None:
    targets = first(graph, f"/{account}/campaigns"), first(graph, f"/{account}/adsets")
    for name in NAMES:
        for one in targets:
            assert graph.post(f"/{one}", json={name: value}).status_code in {200, 400}
    sandbox.admin.post("/_sandbox/clock", json={"by": 2 * 86400}).raise_for_status()
    for level in ("campaign", "ad"):
        asked = {"level": level, "date_preset": "last_3d"}
        assert graph.get(f"/{account}/insights", params=asked).json()["data"]


def test_null_is_as_good_as_not_named(graph: httpx.Client, account: str) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    before = graph.get(f"/{campaign}", params={"fields": "daily_budget"}).json()
    graph.post(f"/{campaign}", json={"daily_budget": None, "name": "Otra"}).raise_for_status()
    after = graph.get(f"/{campaign}", params={"fields": "daily_budget,name"}).json()
    assert after == {**before, "name": "Otra"}


def test_a_budget_beyond_reason_spends_what_the_market_has(
    graph: httpx.Client, account: str, frozen: Frozen
) -> None:
    frozen("2026-11-10T09:00:00+00:00")
    campaign = first(graph, f"/{account}/campaigns")
    graph.post(f"/{campaign}", data={"daily_budget": 10**12}).raise_for_status()
    frozen("2026-11-13T09:00:00+00:00")
    [row] = graph.get(f"/{campaign}/insights", params={"date_preset": "yesterday"}).json()["data"]
    assert 1_000 < float(row["spend"]) < 1_000_000


@pytest.mark.parametrize("places", ["x", 5, {"geo_locations": 5}, {"geo_locations": []}], ids=repr)
def test_targeting_is_an_object(graph: httpx.Client, account: str, places: Any) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    made = graph.post(f"/{account}/adsets", json={**AN_ADSET, "campaign_id": campaign, "targeting": places})
    assert refusal(made)[0] == 100


def test_budgets_are_handed_to_the_ad_sets_all_or_none(graph: httpx.Client, account: str) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    adsets = [one["id"] for one in graph.get(f"/{campaign}/adsets").json()["data"]]
    shares = [{"adset_id": one, "daily_budget": 900} for one in adsets]
    short = [*shares[:-1], {"adset_id": adsets[-1], "daily_budget": 1}]
    refused = graph.post(f"/{campaign}", data={"adset_budgets": json.dumps(short)})
    assert refusal(refused) == (100, 1885272)
    fields = {"fields": "daily_budget"}
    kept = graph.get(f"/{campaign}/adsets", params=fields).json()["data"]
    assert not any("daily_budget" in one for one in kept)
    graph.post(f"/{campaign}", data={"adset_budgets": json.dumps(shares)}).raise_for_status()
    now = graph.get(f"/{campaign}/adsets", params=fields).json()["data"]
    assert {one["daily_budget"] for one in now} == {"900"}
    assert "daily_budget" not in graph.get(f"/{campaign}", params=fields).json()


@pytest.mark.parametrize(
    "days", ['{"since":"2026-11-01","until":"2026-11-02"}', "{'since':'2026-11-01','until':'2026-11-02'}"]
)
def test_a_range_may_stand_in_either_quotes(graph: httpx.Client, account: str, days: str) -> None:
    [row] = graph.get(f"/{account}/insights", params={"time_range": days}).json()["data"]
    assert (row["date_start"], row["date_stop"]) == ("2026-11-01", "2026-11-02")
    nested = {"fields": f"insights.time_range({days}){{spend}}"}
    assert graph.get(f"/{account}", params=nested).json()["insights"]["data"][0]["spend"] == row["spend"]


@pytest.mark.parametrize("days", ["last week", "[]", "{'since':'2026-11-01'}"])
def test_a_range_that_is_none_is_refused(graph: httpx.Client, account: str, days: str) -> None:
    assert refusal(graph.get(f"/{account}/insights", params={"time_range": days}))[0] == 100


@pytest.mark.parametrize("pair", ["publisher_platform,age", "country,gender", "device_platform,region"])
def test_kinds_of_breakdowns_do_not_mix(graph: httpx.Client, account: str, pair: str) -> None:
    assert refusal(graph.get(f"/{account}/insights", params={"breakdowns": pair}))[0] == 100


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ("clock", [1]), ("clock", {"to": "never"}), ("limits", {"tier": "gold"}), ("limits", {"score": "many"}),
        ("faults", {"kind": "earthquake"}), ("tokens", {"person": "nobody"}), ("incidents", {"account": "1"}),
    ],
)  # fmt: skip
def test_the_tests_hand_refuses_what_makes_no_sense(sandbox: Sandbox, call: str, body: Any) -> None:
    assert sandbox.admin.post(f"/_sandbox/{call}", json=body).status_code == 422


def test_no_object_of_the_hard_cases_answers_with_a_crash(caller: Caller) -> None:
    client = caller("dificil")
    for edge in ("campaigns", "adsets", "ads", "adcreatives", "activities", "minimum_budgets", "adspixels"):
        assert client.get(f"/{first_account(client)}/{edge}").status_code == 200
