"""The official SDK, unmodified, cannot tell the sandbox from Meta."""

from __future__ import annotations

from typing import Any

import pytest
from facebook_business.adobjects.ad import Ad
from facebook_business.adobjects.adaccount import AdAccount
from facebook_business.adobjects.adcreative import AdCreative
from facebook_business.adobjects.adreportrun import AdReportRun
from facebook_business.adobjects.adset import AdSet
from facebook_business.adobjects.campaign import Campaign
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError

from tests.conftest import Sandbox

PAUSED = {"status": "PAUSED"}
A_CAMPAIGN = {"name": "Del SDK", "objective": "OUTCOME_SALES", "special_ad_categories": [], **PAUSED}
AN_ADSET = {
    "name": "Conjunto", "optimization_goal": "OFFSITE_CONVERSIONS", "billing_event": "IMPRESSIONS",
    "promoted_object": {"pixel_id": "1", "custom_event_type": "PURCHASE"},
    "targeting": {"geo_locations": {"countries": ["ES"]}}, **PAUSED,
}  # fmt: skip


Untyped = Any  # the SDK's methods answer a request, a cursor or an object, and are typed as the first


def of(kind: type, object_id: str, api: FacebookAdsApi) -> Untyped:
    return kind(object_id, api=api)


@pytest.fixture
def shop(sdk: FacebookAdsApi, account: str) -> Untyped:
    return AdAccount(account, api=sdk)


def a_campaign(shop: Untyped, **fields: Any) -> Untyped:
    return shop.create_campaign(params={**A_CAMPAIGN, "daily_budget": 2500, **fields})


def test_it_finds_the_persons_accounts(sdk: FacebookAdsApi) -> None:
    accounts = of(User, "me", sdk).get_ad_accounts(fields=["name", "currency", "timezone_name"])
    assert [(one["currency"], one["timezone_name"]) for one in accounts] == [("EUR", "Europe/Madrid")]


def test_its_cursor_walks_every_page(shop: Untyped) -> None:
    ads = shop.get_ads(fields=["name"], params={"limit": 7})
    found = [ad["id"] for ad in ads]
    assert len(found) == ads.total() == len(set(found)) == 12 * 3 * 3


def test_a_campaign_is_created_read_changed_and_deleted(shop: Untyped, sdk: FacebookAdsApi) -> None:
    made = a_campaign(shop)
    campaign = of(Campaign, made["id"], sdk)
    assert campaign.api_get(fields=["name", "daily_budget"])["daily_budget"] == "2500"
    campaign.api_update(params={"name": "Otro nombre"})
    assert campaign.api_get(fields=["name"])["name"] == "Otro nombre"
    campaign.api_delete()
    assert campaign.api_get(fields=["status"])["status"] == "DELETED"


def test_a_whole_tree_is_created(shop: Untyped, sdk: FacebookAdsApi) -> None:
    campaign = a_campaign(shop)
    adset = shop.create_ad_set(params={**AN_ADSET, "campaign_id": campaign["id"]})
    spec = {"page_id": "1", "link_data": {"link": "https://example.com", "message": "Hola"}}
    creative = shop.create_ad_creative(params={"name": "Creatividad", "object_story_spec": spec})
    ad = shop.create_ad(
        params={
            "name": "Anuncio",
            "adset_id": adset["id"],
            "creative": {"creative_id": creative["id"]},
            **PAUSED,
        }
    )
    assert [one["id"] for one in of(Campaign, campaign["id"], sdk).get_ads()] == [ad["id"]]
    assert of(AdSet, adset["id"], sdk).api_get(fields=["campaign_id"])["campaign_id"] == campaign["id"]
    assert of(Ad, ad["id"], sdk).api_get(fields=["creative"])["creative"]["id"] == creative["id"]
    assert (
        of(AdCreative, creative["id"], sdk)
        .api_get(fields=["object_story_spec"])
        .export_all_data()["object_story_spec"]
        == spec
    )


def test_a_refusal_has_code_title_and_blamed_field(shop: Untyped) -> None:
    with pytest.raises(FacebookRequestError) as refused:
        shop.create_campaign(params={**A_CAMPAIGN, "daily_budget": 1})
    assert (refused.value.api_error_code(), refused.value.api_error_subcode()) == (100, 1885272)
    assert refused.value.api_blame_field_specs() == [["daily_budget"]]
    assert refused.value.body()["error"]["error_user_title"]  # pyright: ignore[reportIndexIssue, reportOptionalSubscript]


def test_a_dry_run_creates_nothing(shop: Untyped) -> None:
    before = shop.get_campaigns().total()
    shop.create_campaign(params={**A_CAMPAIGN, "daily_budget": 2500, "execution_options": ["validate_only"]})
    assert shop.get_campaigns().total() == before


def test_a_batch_answers_each_call(shop: Untyped, sdk: FacebookAdsApi) -> None:
    ids = [campaign["id"] for campaign in shop.get_campaigns(params={"limit": 5})][:5]
    names: list[str] = []
    batch = sdk.new_batch()
    for one in [*ids, "404"]:
        of(Campaign, one, sdk).api_get(
            fields=["name"],
            batch=batch,
            success=lambda answer: names.append(answer.json()["name"]),
            failure=lambda answer: names.append(str(answer.error().api_error_subcode())),
        )
    batch.execute()
    assert len(names) == 6
    assert names[-1] == "33"


def test_more_than_fifty_calls_in_a_batch_are_refused(shop: Untyped, sdk: FacebookAdsApi) -> None:
    batch = sdk.new_batch()
    for _ in range(51):
        shop.api_get(fields=["name"], batch=batch)
    with pytest.raises(FacebookRequestError) as refused:
        batch.execute()
    assert refused.value.api_error_code() == 100


def test_entries_that_were_not_run_come_back_as_a_new_batch(
    shop: Untyped, sdk: FacebookAdsApi, sandbox: Sandbox
) -> None:
    sandbox.admin.post("/_sandbox/batch", json={"nulls": 2}).raise_for_status()
    batch = sdk.new_batch()
    for _ in range(5):
        shop.api_get(fields=["name"], batch=batch)
    again = batch.execute()
    assert again is not None
    assert len(again) == 2


def test_an_asynchronous_report_equals_the_direct_answer(
    shop: Untyped, sdk: FacebookAdsApi, sandbox: Sandbox
) -> None:
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 0}).raise_for_status()
    params = {"level": "campaign", "time_range": {"since": "2026-11-01", "until": "2026-11-03"}, "limit": 500}
    fields = ["campaign_id", "impressions", "spend"]
    run = of(AdReportRun, shop.get_insights(fields=fields, params=dict(params), is_async=True)["id"], sdk)
    state = run.api_get(fields=["async_status", "async_percent_completion"])
    assert (state["async_status"], state["async_percent_completion"]) == ("Job Completed", 100)
    direct = [row.export_all_data() for row in shop.get_insights(fields=fields, params=dict(params))]
    assert [row.export_all_data() for row in run.get_insights(params={"limit": 500})] == direct
    assert direct


def test_rows_of_an_unfinished_report_are_refused(
    shop: Untyped, sdk: FacebookAdsApi, sandbox: Sandbox
) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"speed": 0}).raise_for_status()
    run = of(AdReportRun, shop.get_insights(params={"level": "ad"}, is_async=True)["id"], sdk)
    assert run.api_get(fields=["async_status"])["async_status"] == "Job Not Started"
    with pytest.raises(FacebookRequestError):
        run.get_insights()


def test_a_wrong_proof_is_the_apps_fault(sdk: FacebookAdsApi, account: str) -> None:
    session: Any = sdk._session
    session.requests.params["appsecret_proof"] = "0" * 64
    with pytest.raises(FacebookRequestError) as refused:
        AdAccount(account, api=sdk).api_get()
    assert refused.value.api_error_code() == 100
    assert "appsecret_proof" in str(refused.value.api_error_message())


def test_the_throttle_headers_come_with_every_answer(shop: Untyped) -> None:
    cursor = shop.get_campaigns()
    headers = {name.lower() for name in cursor.headers()}  # pyright: ignore[reportOptionalIterable]
    assert {
        "x-app-usage", "x-ad-account-usage", "x-business-use-case-usage", "x-fb-ads-insights-throttle",
        "x-fb-ads-insights-reach-throttle",
    } <= headers  # fmt: skip


def test_no_default_api_is_left_behind(shop: Untyped) -> None:
    shop.api_get()
    assert FacebookAdsApi.get_default_api() is None
