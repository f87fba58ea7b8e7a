"""Nodes, edges, pages and batches answer plain HTTP as the Graph API does."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import SignIn


def error(answer: httpx.Response) -> tuple[int, int | None]:
    told = answer.json()["error"]
    return told["code"], told.get("error_subcode")


def walked(graph: httpx.Client, path: str, **params: Any) -> list[dict[str, Any]]:
    """Every item, page by page, by following `next`."""
    answer = graph.get(path, params=params).json()
    found = answer["data"]
    while address := answer.get("paging", {}).get("next"):
        answer = graph.get(address).json()
        found = found + answer["data"]
    return found


@pytest.mark.parametrize("version", ["v24.0", "v25.0", "v26.0"])
def test_three_versions_are_alive(graph: httpx.Client, version: str) -> None:
    answer = graph.get(str(graph.base_url.copy_with(path=f"/{version}/me")))
    assert answer.status_code == 200
    assert answer.headers["facebook-api-version"] == version


@pytest.mark.parametrize("version", ["v23.0", "v3.2"])
def test_an_older_version_is_retired(graph: httpx.Client, version: str) -> None:
    assert error(graph.get(str(graph.base_url.copy_with(path=f"/{version}/me"))))[0] == 2635


def test_slashes_do_not_matter(graph: httpx.Client) -> None:
    for path in ("/v26.0/me/", "//v26.0//me", "/v26.0/me//"):
        assert graph.get(f"http://{graph.base_url.netloc.decode()}{path}").json()["name"] == "Lucía Romero"


def test_a_node_is_its_id_until_fields_are_named(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    assert graph.get(f"/{campaign}").json() == {"id": campaign}
    assert graph.get(f"/{campaign}", params={"fields": '["name","objective"]'}).json().keys() == {
        "id", "name", "objective",
    }  # fmt: skip


def test_fields_expand_into_nodes_edges_and_numbers(graph: httpx.Client, account: str) -> None:
    fields = (
        "name,adsets.limit(2){name,ads.limit(1){name,creative{id,name}}},"
        "insights.date_preset(last_7d).time_increment(1){spend,impressions}"
    )
    [campaign] = graph.get(f"/{account}/campaigns", params={"fields": fields, "limit": 1}).json()["data"]
    assert [len(adset["ads"]["data"]) for adset in campaign["adsets"]["data"]] == [1, 1]
    assert campaign["adsets"]["data"][0]["ads"]["data"][0]["creative"]["name"]
    days = campaign["insights"]["data"]
    assert len(days) == 7
    assert days[0].keys() >= {"spend", "impressions", "date_start", "date_stop"}


def test_an_unknown_field_is_named(graph: httpx.Client, account: str) -> None:
    answer = graph.get(f"/{account}", params={"fields": "nonsense"})
    assert error(answer)[0] == 100
    assert "(nonsense)" in answer.json()["error"]["message"]


def test_an_error_has_every_part_of_metas(graph: httpx.Client) -> None:
    answer = graph.get("/123456")
    assert answer.status_code == 400
    assert answer.headers["x-fb-trace-id"]
    told = answer.json()["error"]
    assert told.keys() >= {"message", "type", "code", "error_subcode", "is_transient", "fbtrace_id"}
    assert (told["code"], told["error_subcode"]) == (100, 33)


@pytest.mark.parametrize("asked", [{"ids": "1,2"}, {"ids": ""}])
def test_several_ids_at_once_are_history(graph: httpx.Client, asked: dict[str, str]) -> None:
    assert error(graph.get("/", params=asked))[0] == 100


def test_a_page_holds_twenty_five_and_counts_on_request(graph: httpx.Client, account: str) -> None:
    answer = graph.get(f"/{account}/ads", params={"summary": "true"}).json()
    assert (len(answer["data"]), answer["summary"]["total_count"]) == (25, 108)


def test_the_next_page_carries_the_token(sandbox: Sandbox, sign_in: SignIn) -> None:
    token = sign_in("agencia")
    answer = httpx.get(f"{sandbox.url}/v26.0/me/adaccounts", params={"access_token": token}).json()
    assert f"access_token={token}" in answer["paging"]["next"]
    assert httpx.get(answer["paging"]["next"]).json()["data"][0] not in answer["data"]


@pytest.mark.parametrize("switch", ["short", "hole", "next_only"])
def test_a_pager_that_follows_next_loses_nothing(
    graph: httpx.Client, account: str, sandbox: Sandbox, switch: str
) -> None:
    sandbox.admin.post("/_sandbox/paging", json={switch: True}).raise_for_status()
    first = graph.get(f"/{account}/ads", params={"limit": 30}).json()
    assert len(first["data"]) == (20 if switch == "short" else 30)
    assert ("cursors" in first["paging"]) is (switch != "next_only")
    ids = [ad["id"] for ad in walked(graph, f"/{account}/ads", limit=30)]
    assert len(ids) == len(set(ids)) == 108


def test_an_empty_page_comes_in_the_middle(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    sandbox.admin.post("/_sandbox/paging", json={"hole": True}).raise_for_status()
    first = graph.get(f"/{account}/ads", params={"limit": 30}).json()
    second = graph.get(first["paging"]["next"]).json()
    assert second["data"] == []
    assert graph.get(second["paging"]["next"]).json()["data"]


def test_forty_thousand_ads_are_walked_without_loss(sandbox: Sandbox, sign_in: SignIn) -> None:
    world = sandbox.admin.get("/_sandbox/world").json()
    large = max(world["grande"]["accounts"], key=lambda one: one["campaigns"] * one["adsets"] * one["ads"])
    headers = {"authorization": f"Bearer {sign_in('grande')}"}
    with httpx.Client(base_url=f"{sandbox.url}/v26.0", headers=headers, timeout=60) as client:
        ids = {one["id"] for one in walked(client, f"/act_{large['id']}/ads", limit=5000)}
    assert len(ids) == 40_000


def test_filters_pick_by_status_name_and_parent(graph: httpx.Client, account: str) -> None:
    def filtered(edge: str, *conditions: dict[str, Any]) -> list[dict[str, Any]]:
        params = {
            "fields": "name,effective_status" + (",campaign_id" if edge == "ads" else ""),
            "filtering": json.dumps(conditions),
            "limit": 500,
        }
        return graph.get(f"/{account}/{edge}", params=params).json()["data"]

    paused = filtered("campaigns", {"field": "effective_status", "operator": "IN", "value": ["PAUSED"]})
    assert {one["effective_status"] for one in paused} == {"PAUSED"}
    named = filtered("campaigns", {"field": "name", "operator": "CONTAIN", "value": "marca"})
    assert named
    assert all("marca" in one["name"].lower() for one in named)
    below = filtered("ads", {"field": "campaign.id", "operator": "IN", "value": [paused[0]["id"]]})
    assert {one["effective_status"] for one in below} == {"CAMPAIGN_PAUSED"}
    assert {one["campaign_id"] for one in below} == {paused[0]["id"]}


def test_insights_are_filtered_by_their_own_numbers(graph: httpx.Client, account: str) -> None:
    params = {"level": "campaign", "date_preset": "last_30d", "fields": "campaign_id,spend", "limit": 500}
    every = graph.get(f"/{account}/insights", params=params).json()["data"]
    middle = sorted(float(row["spend"]) for row in every)[len(every) // 2]
    condition = [{"field": "spend", "operator": "GREATER_THAN", "value": middle}]
    dear = graph.get(f"/{account}/insights", params={**params, "filtering": json.dumps(condition)}).json()[
        "data"
    ]
    assert [row for row in every if float(row["spend"]) > middle] == dear
    assert 0 < len(dear) < len(every)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"date_preset": "whenever"}, 100), ({"time_increment": "91"}, 100), ({"level": "page"}, 100),
        ({"time_range": '{"since":"2015-01-01","until":"2015-01-31"}'}, 3018),
        ({"breakdowns": "age,country"}, 100), ({"breakdowns": "zodiac"}, 100), ({"fields": "nonsense"}, 100),
        ({"time_range": '{"since":"2026-11-02","until":"2026-11-01"}'}, 100),
    ],
)  # fmt: skip
def test_impossible_insights_are_refused(
    graph: httpx.Client, account: str, params: dict[str, str], code: int
) -> None:
    assert error(graph.get(f"/{account}/insights", params=params))[0] == code


def batched(graph: httpx.Client, *entries: dict[str, Any]) -> list[Any]:
    return graph.post("/", data={"batch": json.dumps(entries)}).json()


def test_a_batch_answers_each_entry_with_a_list_of_headers(graph: httpx.Client, account: str) -> None:
    good, bad = batched(
        graph,
        {"method": "GET", "relative_url": f"{account}?fields=currency"},
        {"method": "GET", "relative_url": "v26.0/404"},
    )
    assert json.loads(good["body"])["currency"] == "EUR"
    assert {"name", "value"} == good["headers"][0].keys()
    assert "x-business-use-case-usage" in {header["name"].lower() for header in good["headers"]}
    assert (bad["code"], json.loads(bad["body"])["error"]["code"]) == (400, 100)


def test_a_batch_entry_writes_and_counts(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    sandbox.admin.delete("/_sandbox/calls").raise_for_status()
    [answer] = batched(graph, {"method": "POST", "relative_url": campaign, "body": "name=Otra%20%C3%B1"})
    assert json.loads(answer["body"]) == {"success": True}
    assert len(sandbox.admin.get("/_sandbox/calls").json()) == 1
    assert graph.get(f"/{campaign}", params={"fields": "name"}).json()["name"] == "Otra ñ"


def test_money_and_zone_of_every_account_are_told(sandbox: Sandbox, sign_in: SignIn) -> None:
    params = {"access_token": sign_in("agencia"), "fields": "currency,timezone_name", "limit": 100}
    found = httpx.get(f"{sandbox.url}/v26.0/me/adaccounts", params=params).json()["data"]
    assert len(found) == 60
    assert len({one["currency"] for one in found}) >= 6
    assert len({one["timezone_name"] for one in found}) >= 6


def test_the_research_edges_answer(graph: httpx.Client, account: str) -> None:
    ad = graph.get(f"/{account}/ads", params={"limit": 1}).json()["data"][0]["id"]
    found = [
        graph.get("/search", params={"type": "adgeolocation", "q": "madrid"}),
        graph.get("/search", params={"type": "adinterest", "q": "a"}),
        graph.get(f"/{account}/targetingsearch", params={"q": "a"}),
        graph.get(f"/{account}/minimum_budgets"),
        graph.get(f"/{ad}/previews", params={"ad_format": "DESKTOP_FEED_STANDARD"}),
        graph.get(f"/{account}/adcreatives", params={"fields": "name,object_story_spec"}),
        graph.get("/me/businesses"),
    ]
    for answer in found:
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]


@pytest.mark.parametrize(
    "days", ['{"since":"2026-11-01","until":"2026-11-02"}', "{'since':'2026-11-01','until':'2026-11-02'}"]
)
def test_a_range_may_stand_in_either_quotes(graph: httpx.Client, account: str, days: str) -> None:
    [row] = graph.get(f"/{account}/insights", params={"time_range": days}).json()["data"]
    assert (row["date_start"], row["date_stop"]) == ("2026-11-01", "2026-11-02")
    nested = {"fields": f"insights.time_range({days}){{spend}}"}
    [inside] = graph.get(f"/{account}", params=nested).json()["insights"]["data"]
    assert inside["spend"] == row["spend"]


def test_a_range_that_is_none_is_refused(graph: httpx.Client, account: str) -> None:
    assert error(graph.get(f"/{account}/insights", params={"time_range": "last week"}))[0] == 100
