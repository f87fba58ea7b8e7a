"""Writes are refused as Meta refuses them, leave their traces, and can be read at once."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import Caller, Frozen, first_account, refusal

CAMPAIGN = {"name": "Nueva", "objective": "OUTCOME_SALES", "special_ad_categories": "[]", "status": "PAUSED"}
SHARING = {"is_adset_budget_sharing_enabled": "false"}
ADSET = {
    "name": "Conjunto", "optimization_goal": "OFFSITE_CONVERSIONS", "billing_event": "IMPRESSIONS",
    "promoted_object": json.dumps({"pixel_id": "1", "custom_event_type": "PURCHASE"}),
    "targeting": json.dumps({"geo_locations": {"countries": ["ES"]}}), "status": "PAUSED",
}  # fmt: skip


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + (13).to_bytes(4)
    + b"IHDR"
    + (1200).to_bytes(4)
    + (628).to_bytes(4)
    + b"\x08\x02\0\0\0"
)
MP4 = (24).to_bytes(4) + b"ftypmp42" + b"\0" * 12


def made(client: httpx.Client, path: str, **fields: Any) -> str:
    return client.post(path, data=fields).raise_for_status().json()["id"]


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"objective": "CONVERSIONS", "daily_budget": 1000}, (100, 1815702)),
        ({"daily_budget": 50}, (100, 1885272)),
        ({}, (100, 4834011)),
        ({"daily_budget": 1000, "lifetime_budget": 50000}, (100, None)),
        ({"daily_budget": 1000, "special_ad_categories": '["CREDIT"]'}, (100, None)),
        ({"daily_budget": 1000, "status": "RUNNING"}, (100, None)),
        ({"daily_budget": 1000, "special_ad_categories": '["HOUSING"]'}, (100, None)),
        ({"daily_budget": 1000, "spend_cap": 100}, (100, 1487901)),
    ],
)
def test_what_a_campaign_may_not_be(
    graph: httpx.Client, account: str, fields: dict[str, Any], code: tuple[int, int | None]
) -> None:
    assert refusal(graph.post(f"/{account}/campaigns", data={**CAMPAIGN, **fields})) == code


def test_special_ad_categories_must_be_named(graph: httpx.Client, account: str) -> None:
    fields = {name: value for name, value in CAMPAIGN.items() if name != "special_ad_categories"}
    answer = graph.post(f"/{account}/campaigns", data={**fields, "daily_budget": 1000})
    assert answer.json()["error"]["error_data"] == {"blame_field_specs": [["special_ad_categories"]]}


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"daily_budget": 1000}, (100, 1885621)),
        ({"optimization_goal": "LINK_CLICKS"}, (100, None)),
        ({"promoted_object": "{}"}, (100, None)),
        ({"bid_amount": 100}, (100, 1885204)),
        ({"bid_strategy": "COST_CAP"}, (100, 1815857)),
        ({"end_time": "2020-01-01T00:00:00+0000"}, (100, 1487033)),
        ({"targeting": "{}"}, (100, 1885364)),
    ],
)
def test_what_an_ad_set_under_a_campaign_budget_may_not_be(
    graph: httpx.Client, account: str, fields: dict[str, Any], code: tuple[int, int | None]
) -> None:
    campaign = made(graph, f"/{account}/campaigns", **CAMPAIGN, daily_budget=1000)
    assert (
        refusal(graph.post(f"/{account}/adsets", data={**ADSET, "campaign_id": campaign, **fields})) == code
    )


def test_ads_in_the_eu_name_who_pays(caller: Caller) -> None:
    client = caller("agencia")
    accounts = client.get("/me/adaccounts", params={"fields": "timezone_name", "limit": 100}).json()["data"]
    paris = next(one["id"] for one in accounts if one["timezone_name"] == "Europe/Paris")
    campaign = made(client, f"/{paris}/campaigns", **CAMPAIGN, daily_budget=1000)
    fields = {**ADSET, "campaign_id": campaign}
    assert refusal(client.post(f"/{paris}/adsets", data=fields)) == (100, 3858152)
    assert refusal(client.post(f"/{paris}/adsets", data={**fields, "dsa_payor": "Yo"})) == (100, 3858079)
    assert client.post(
        f"/{paris}/adsets", data={**fields, "dsa_payor": "Yo", "dsa_beneficiary": "Yo"}
    ).is_success


def test_a_budget_changes_four_times_an_hour(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    campaign = made(graph, f"/{account}/campaigns", **CAMPAIGN, **SHARING)
    adset = made(graph, f"/{account}/adsets", **ADSET, campaign_id=campaign, daily_budget=1000)
    for n in range(4):
        graph.post(f"/{adset}", data={"daily_budget": 2000 + n}).raise_for_status()
    assert refusal(graph.post(f"/{adset}", data={"daily_budget": 3000})) == (613, 1487632)
    sandbox.admin.post("/_sandbox/clock", json={"by": 3601}).raise_for_status()
    assert graph.post(f"/{adset}", data={"daily_budget": 3000}).is_success


def test_a_campaign_gives_its_budget_to_its_ad_sets(graph: httpx.Client, account: str) -> None:
    campaign = made(graph, f"/{account}/campaigns", **CAMPAIGN, daily_budget=9000)
    adset = made(graph, f"/{account}/adsets", **ADSET, campaign_id=campaign)
    shares = json.dumps([{"adset_id": adset, "daily_budget": 9000}])
    graph.post(f"/{campaign}", data={"adset_budgets": shares}).raise_for_status()
    assert "daily_budget" not in graph.get(f"/{campaign}", params={"fields": "daily_budget"}).json()
    assert graph.get(f"/{adset}", params={"fields": "daily_budget"}).json()["daily_budget"] == "9000"


def test_a_campaign_takes_the_budgets_of_its_ad_sets(graph: httpx.Client, account: str) -> None:
    campaign = made(graph, f"/{account}/campaigns", **CAMPAIGN, **SHARING)
    adset = made(graph, f"/{account}/adsets", **ADSET, campaign_id=campaign, daily_budget=1000)
    graph.post(f"/{campaign}", data={"daily_budget": 5000}).raise_for_status()
    found = graph.get(f"/{campaign}", params={"fields": "daily_budget,bid_strategy"}).json()
    assert (found["daily_budget"], found["bid_strategy"]) == ("5000", "LOWEST_COST_WITHOUT_CAP")
    assert "daily_budget" not in graph.get(f"/{adset}", params={"fields": "daily_budget"}).json()


def test_a_campaign_takes_no_budgets_of_ad_sets_that_bid_differently(
    graph: httpx.Client, account: str
) -> None:
    campaign = made(graph, f"/{account}/campaigns", **CAMPAIGN, **SHARING)
    made(graph, f"/{account}/adsets", **ADSET, campaign_id=campaign, daily_budget=1000)
    capped = {**ADSET, "bid_strategy": "COST_CAP", "bid_amount": 100}
    made(graph, f"/{account}/adsets", **capped, campaign_id=campaign, daily_budget=1000)
    assert refusal(graph.post(f"/{campaign}", data={"daily_budget": 5000})) == (100, None)


def test_no_ad_set_is_left_without_a_budget(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns", params={"limit": 1}).json()["data"][0]["id"]
    adset = graph.get(f"/{campaign}/adsets", params={"limit": 1}).json()["data"][0]["id"]
    shares = json.dumps([{"adset_id": adset, "daily_budget": 900}])
    assert refusal(graph.post(f"/{campaign}", data={"adset_budgets": shares})) == (100, None)


def test_a_paused_parent_shows_on_its_children(graph: httpx.Client, account: str) -> None:
    [ad] = graph.get(f"/{account}/ads", params={"limit": 1, "fields": "adset_id,campaign_id"}).json()["data"]
    graph.post(f"/{ad['adset_id']}", data={"status": "PAUSED"}).raise_for_status()
    fields = {"fields": "status,effective_status"}
    assert graph.get(f"/{ad['id']}", params=fields).json()["effective_status"] == "ADSET_PAUSED"
    graph.post(f"/{ad['campaign_id']}", data={"status": "PAUSED"}).raise_for_status()
    found = graph.get(f"/{ad['id']}", params=fields).json()
    assert (found["status"], found["effective_status"]) == ("ACTIVE", "CAMPAIGN_PAUSED")


def test_deleting_a_campaign_takes_its_ads_along(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    ad = graph.get(f"/{campaign}/ads").json()["data"][0]["id"]
    graph.delete(f"/{campaign}").raise_for_status()
    assert graph.get(f"/{ad}", params={"fields": "effective_status"}).json()["effective_status"] == "DELETED"
    every = graph.get(f"/{account}/ads", params={"limit": 5000, "summary": "total_count"}).json()
    assert ad not in {one["id"] for one in every["data"]}
    assert every["summary"]["total_count"] == 12 * 9 - 9


def test_an_archived_campaign_is_listed_on_demand_and_only_deleted(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    graph.post(f"/{campaign}", data={"status": "ARCHIVED"}).raise_for_status()
    shown = graph.get(f"/{account}/campaigns", params={"effective_status": '["ARCHIVED"]'}).json()["data"]
    assert [one["id"] for one in shown] == [campaign]
    assert refusal(graph.post(f"/{campaign}", data={"status": "ACTIVE"})) == (100, 1487056)
    assert graph.post(f"/{campaign}", data={"status": "DELETED"}).is_success


def test_a_new_campaign_is_in_process_for_a_moment(
    graph: httpx.Client, account: str, sandbox: Sandbox, frozen: Frozen
) -> None:
    frozen("2026-11-10T12:00:00+00:00")
    fields = {**CAMPAIGN, "status": "ACTIVE", "daily_budget": 1000, "fields": "id,effective_status"}
    answer = graph.post(f"/{account}/campaigns", data=fields).json()
    assert answer["effective_status"] == "IN_PROCESS"
    sandbox.admin.post("/_sandbox/clock", json={"by": 5}).raise_for_status()
    now = graph.get(f"/{answer['id']}", params={"fields": "effective_status"}).json()
    assert now["effective_status"] == "ACTIVE"


@pytest.mark.parametrize(("name", "verdict"), [("Anuncio", "ACTIVE"), ("Anuncio [reject]", "DISAPPROVED")])
def test_an_ad_is_reviewed(
    graph: httpx.Client, account: str, sandbox: Sandbox, frozen: Frozen, name: str, verdict: str
) -> None:
    frozen("2026-11-10T12:00:00+00:00")
    [source] = graph.get(f"/{account}/ads", params={"limit": 1, "fields": "adset_id,creative"}).json()["data"]
    creative = json.dumps({"creative_id": source["creative"]["id"]})
    ad = made(
        graph, f"/{account}/ads", name=name, adset_id=source["adset_id"], creative=creative, status="ACTIVE"
    )
    status = {"fields": "effective_status"}
    assert graph.get(f"/{ad}", params=status).json()["effective_status"] == "PENDING_REVIEW"
    sandbox.admin.post("/_sandbox/clock", json={"by": 60}).raise_for_status()
    assert graph.get(f"/{ad}", params=status).json()["effective_status"] == verdict


def test_a_creatives_content_can_not_change(graph: httpx.Client, account: str) -> None:
    creative = graph.get(f"/{account}/adcreatives").json()["data"][0]["id"]
    assert refusal(graph.post(f"/{creative}", data={"body": "Otro texto"})) == (100, 1815573)


def test_every_changed_field_is_in_the_activities(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    graph.post(f"/{campaign}", data={"status": "PAUSED", "name": "Otro"}).raise_for_status()
    found = graph.get(f"/{account}/activities").json()["data"]
    assert {one["event_type"] for one in found} == {"update_campaign_run_status", "update_campaign_name"}
    status = json.loads(next(one["extra_data"] for one in found if "run_status" in one["event_type"]))
    assert (status["old_value"], status["new_value"]) == ("Active", "Inactive")


def test_a_deep_copy_takes_everything_along(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    options = json.dumps({"rename_strategy": "DEEP_RENAME", "rename_suffix": " (2)"})
    copied = graph.post(f"/{campaign}/copies", data={"deep_copy": "true", "rename_options": options}).json()
    assert len(copied["ad_object_ids"]) == 1 + 3 + 9
    ads = graph.get(f"/{copied['copied_campaign_id']}/ads", params={"fields": "name,status"}).json()["data"]
    assert len(ads) == 9
    assert all(ad["name"].endswith(" (2)") and ad["status"] == "PAUSED" for ad in ads)


def test_an_image_is_found_by_its_hash(graph: httpx.Client, account: str) -> None:
    sent = graph.post(f"/{account}/adimages", files={"file": ("foto.png", PNG, "image/png")}).json()
    digest = sent["images"]["foto.png"]["hash"]
    found = graph.get(
        f"/{account}/adimages", params={"hashes": json.dumps([digest]), "fields": "hash,name"}
    ).json()
    assert [one["hash"] for one in found["data"]] == [digest]


def test_what_is_no_picture_is_refused(graph: httpx.Client, account: str) -> None:
    sent = graph.post(f"/{account}/adimages", files={"file": ("foto.png", b"text", "image/png")})
    assert refusal(sent) == (100, None)


def test_a_video_is_processed_before_a_creative_shows_it(
    graph: httpx.Client, account: str, sandbox: Sandbox
) -> None:
    files = {"source": ("clip.mp4", MP4, "video/mp4")}
    video = graph.post(f"/{account}/advideos", files=files).raise_for_status().json()["id"]
    data = {"video_id": video, "image_url": "https://img.example/x.jpg"}
    story = {"name": "Clip", "object_story_spec": json.dumps({"page_id": "1", "video_data": data})}
    assert refusal(graph.post(f"/{account}/adcreatives", data=story)) == (100, 1885252)
    sandbox.admin.post("/_sandbox/clock", json={"by": 5}).raise_for_status()
    found = graph.get(f"/{video}", params={"fields": "status"}).json()
    assert found["status"] == {"video_status": "ready"}
    creative = made(graph, f"/{account}/adcreatives", **story)
    assert graph.get(f"/{creative}", params={"fields": "object_type"}).json()["object_type"] == "VIDEO"


def test_a_creative_names_a_picture_of_its_account(graph: httpx.Client, account: str) -> None:
    data = {"link": "https://tienda.example", "image_hash": "0" * 32}
    story = json.dumps({"page_id": "1", "link_data": data})
    refused = graph.post(f"/{account}/adcreatives", data={"name": "x", "object_story_spec": story})
    assert refusal(refused) == (100, None)


def test_a_preview_is_a_page_that_shows_the_text(graph: httpx.Client, account: str) -> None:
    data = {"link": "https://tienda.example", "message": "Hola <b>", "name": "Titular"}
    creative = json.dumps({"object_story_spec": {"page_id": "1", "link_data": data}})
    asked = {"creative": creative, "ad_format": "MOBILE_FEED_STANDARD"}
    body = graph.get(f"/{account}/generatepreviews", params=asked).json()["data"][0]["body"]
    shown = httpx.get(body.partition('src="')[2].partition('"')[0]).text
    assert "Hola &lt;b&gt;" in shown
    assert "Titular" in shown


def test_an_asynchronous_batch_writes_and_reports(graph: httpx.Client, account: str) -> None:
    campaigns = [one["id"] for one in graph.get(f"/{account}/campaigns").json()["data"]][:2]
    asked = [{"name": one, "relative_url": one, "body": "status=PAUSED"} for one in [*campaigns, "404"]]
    batch = made(graph, f"/{account}/async_batch_requests", name="pausar", adbatch=json.dumps(asked))
    told = graph.get(f"/{batch}").json()
    assert (told["success_count"], told["error_count"]) == (2, 1)


def test_a_rule_is_kept_changed_and_removed(graph: httpx.Client, account: str) -> None:
    spec = json.dumps({"evaluation_type": "SCHEDULE", "filters": []})
    rule = made(graph, f"/{account}/adrules_library", name="Regla", evaluation_spec=spec, execution_spec=spec)
    graph.post(f"/{rule}", data={"name": "Otra"}).raise_for_status()
    assert graph.get(f"/{rule}", params={"fields": "name"}).json()["name"] == "Otra"
    graph.delete(f"/{rule}").raise_for_status()
    assert graph.get(f"/{account}/adrules_library").json()["data"] == []


def test_minimum_budgets_follow_the_currency(caller: Caller) -> None:
    client = caller("agencia")
    found = client.get(f"/{first_account(client)}/minimum_budgets").json()["data"]
    assert found[0]["min_daily_budget_imp"] > 0


def test_a_lifetime_budget_does_not_fall_below_what_was_spent(
    graph: httpx.Client, account: str, sandbox: Sandbox
) -> None:
    campaign = made(
        graph, f"/{account}/campaigns", **{**CAMPAIGN, "status": "ACTIVE"}, lifetime_budget=300000
    )
    ends = "2099-01-01T00:00:00+0000"
    adset = made(
        graph, f"/{account}/adsets", **{**ADSET, "status": "ACTIVE"}, campaign_id=campaign, end_time=ends
    )
    creative = graph.get(f"/{account}/adcreatives", params={"limit": 1}).json()["data"][0]["id"]
    shown = json.dumps({"creative_id": creative})
    made(graph, f"/{account}/ads", name="Anuncio", adset_id=adset, creative=shown, status="ACTIVE")
    sandbox.admin.post("/_sandbox/clock", json={"by": 5 * 86400}).raise_for_status()
    assert refusal(graph.post(f"/{campaign}", data={"lifetime_budget": 100})) == (100, 1885650)
    assert graph.post(f"/{campaign}", data={"lifetime_budget": 400000}).is_success


def test_a_strategy_without_a_cap_ends_what_was_bid(graph: httpx.Client, account: str) -> None:
    campaign = made(graph, f"/{account}/campaigns", **CAMPAIGN, **SHARING)
    capped = {"daily_budget": 1000, "bid_strategy": "COST_CAP", "bid_amount": 200}
    adset = made(graph, f"/{account}/adsets", **ADSET, **capped, campaign_id=campaign)
    graph.post(f"/{adset}", data={"bid_strategy": "LOWEST_COST_WITHOUT_CAP"}).raise_for_status()
    assert "bid_amount" not in graph.get(f"/{adset}", params={"fields": "bid_amount"}).json()


def test_an_end_of_zero_is_no_end(graph: httpx.Client, account: str) -> None:
    adset = graph.get(f"/{account}/adsets", params={"limit": 1}).json()["data"][0]["id"]
    graph.post(f"/{adset}", data={"end_time": "2099-01-01T00:00:00+0000"}).raise_for_status()
    graph.post(f"/{adset}", data={"end_time": 0}).raise_for_status()
    assert "end_time" not in graph.get(f"/{adset}", params={"fields": "end_time"}).json()


def test_copies_are_known_to_their_source(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns", params={"limit": 1}).json()["data"][0]["id"]
    copy = graph.post(f"/{campaign}/copies").raise_for_status().json()["copied_campaign_id"]
    assert graph.get(f"/{campaign}/copies").json()["data"] == [{"id": copy}]


def test_an_ad_set_learns_for_a_week_or_fifty_results(
    graph: httpx.Client, account: str, sandbox: Sandbox
) -> None:
    adset = graph.get(f"/{account}/adsets", params={"limit": 1}).json()["data"][0]["id"]

    def stage() -> str:
        found = graph.get(f"/{adset}", params={"fields": "learning_stage_info"}).json()
        return found["learning_stage_info"]["status"]

    assert stage() in {"SUCCESS", "FAIL"}
    places = json.dumps({"geo_locations": {"countries": ["ES", "PT"]}})
    graph.post(f"/{adset}", data={"targeting": places}).raise_for_status()
    assert stage() == "LEARNING"
    sandbox.admin.post("/_sandbox/clock", json={"by": 8 * 86400}).raise_for_status()
    assert stage() in {"SUCCESS", "FAIL"}
