"""Writes are refused with Meta's codes, kept, logged, and inherited by what is below."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import SignIn

A_CAMPAIGN = {
    "name": "Nueva",
    "objective": "OUTCOME_SALES",
    "special_ad_categories": "[]",
    "status": "PAUSED",
}
AN_ADSET = {
    "name": "Conjunto", "optimization_goal": "OFFSITE_CONVERSIONS", "billing_event": "IMPRESSIONS",
    "targeting": '{"geo_locations":{"countries":["MX"]}}', "status": "PAUSED",
}  # fmt: skip
Post = Callable[..., httpx.Response]


@pytest.fixture
def post(graph: httpx.Client) -> Post:
    return lambda path, **fields: graph.post(path, data=fields)


@pytest.fixture
def split(sandbox: Sandbox, sign_in: SignIn, graph: httpx.Client) -> str:
    """An account whose second campaign leaves the budgets to its ad sets; `graph` speaks for its owner."""
    graph.headers["authorization"] = f"Bearer {sign_in('dificil')}"
    world = sandbox.admin.get("/_sandbox/world").json()["dificil"]["accounts"]
    return f"act_{next(one['id'] for one in world if one['scenario'] == 'mixed_budgets')}"


def error(answer: httpx.Response) -> tuple[int, int | None]:
    told = answer.json()["error"]
    return told["code"], told.get("error_subcode")


def read(graph: httpx.Client, object_id: str, *names: str) -> dict[str, Any]:
    return graph.get(f"/{object_id}", params={"fields": ",".join(names)}).json()


def first(graph: httpx.Client, path: str, **params: Any) -> str:
    return graph.get(path, params={"limit": 1, **params}).json()["data"][0]["id"]


def own_budget_adset(graph: httpx.Client, account: str) -> str:
    fields = {"fields": "daily_budget", "limit": 500}
    listed = graph.get(f"/{account}/adsets", params=fields).json()["data"]
    return next(one["id"] for one in listed if "daily_budget" in one)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"special_ad_categories": None}, (100, None)), ({"objective": "CONVERSIONS"}, (100, 1815702)),
        ({"daily_budget": None}, (100, 4834011)), ({"daily_budget": "1"}, (100, 1885272)),
        ({"lifetime_budget": "90000"}, (100, None)), ({"status": "ON"}, (100, None)),
        ({"name": ""}, (100, None)), ({"daily_budget": "12.5"}, (100, None)),
        ({"special_ad_categories": '["CREDIT"]'}, (100, None)),
    ],
)  # fmt: skip
def test_a_faulty_campaign_is_refused(
    post: Post, account: str, changed: dict[str, str | None], refusal: tuple[int, int | None]
) -> None:
    fields: dict[str, Any] = {**A_CAMPAIGN, "daily_budget": "2500", **changed}
    given = {name: value for name, value in fields.items() if value is not None}
    assert error(post(f"/{account}/campaigns", **given)) == refusal


def test_a_campaign_may_leave_the_budget_to_its_ad_sets(
    post: Post, account: str, graph: httpx.Client
) -> None:
    made = post(f"/{account}/campaigns", **A_CAMPAIGN, is_adset_budget_sharing_enabled="false").json()
    assert "daily_budget" not in read(graph, made["id"], "daily_budget")
    adset = post(f"/{account}/adsets", **AN_ADSET, campaign_id=made["id"], daily_budget="900")
    assert read(graph, adset.json()["id"], "daily_budget")["daily_budget"] == "900"


def test_a_budget_is_held_in_one_place(post: Post, account: str, graph: httpx.Client) -> None:
    made = post(f"/{account}/campaigns", **A_CAMPAIGN, daily_budget="2500").json()["id"]
    assert error(post(f"/{account}/adsets", **AN_ADSET, campaign_id=made, daily_budget="900")) == (
        100,
        1885621,
    )
    inside = first(graph, f"/{account}/adsets")
    assert error(post(f"/{inside}", daily_budget="900")) == (100, 1885621)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"optimization_goal": "PAGE_LIKES"}, (100, None)), ({"targeting": "{}"}, (100, 1885364)),
        ({"campaign_id": "1"}, (100, 33)), ({"bid_amount": "100"}, (100, 1885204)),
        ({"end_time": "2020-01-01T00:00:00+0000"}, (100, 1487033)),
        ({"targeting": '{"geo_locations":{"countries":["ES"]}}'}, (100, 3858152)),
    ],
)  # fmt: skip
def test_a_faulty_ad_set_is_refused(
    post: Post, split: str, changed: dict[str, str], refusal: tuple[int, int | None]
) -> None:
    campaign = post(f"/{split}/campaigns", **A_CAMPAIGN, is_adset_budget_sharing_enabled="false").json()["id"]
    fields: dict[str, Any] = {**AN_ADSET, "campaign_id": campaign, "daily_budget": "90000", **changed}
    if changed.get("targeting", "").endswith('["ES"]}}'):
        split_defaults = {"default_dsa_beneficiary": "", "default_dsa_payor": ""}
        post(f"/{split}", **split_defaults)
    assert error(post(f"/{split}/adsets", **fields)) == refusal


def test_a_budget_changes_four_times_an_hour(
    post: Post, split: str, graph: httpx.Client, sandbox: Sandbox
) -> None:
    adset = own_budget_adset(graph, split)
    for n in range(4):
        assert post(f"/{adset}", daily_budget=str(90_000 + n)).status_code == 200
    assert error(post(f"/{adset}", daily_budget="90009")) == (613, 1487632)
    assert read(graph, adset, "daily_budget")["daily_budget"] == "90003"
    sandbox.admin.post("/_sandbox/clock", json={"by": 3601}).raise_for_status()
    assert post(f"/{adset}", daily_budget="90009").status_code == 200


def test_a_dry_run_changes_nothing(post: Post, account: str, graph: httpx.Client) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    before = read(graph, campaign, "name", "daily_budget", "updated_time")
    dry = {"execution_options": '["validate_only"]'}
    assert post(f"/{campaign}", name="Otra", **dry).json() == {"success": True}
    assert error(post(f"/{campaign}", daily_budget="1", **dry)) == (100, 1885272)
    assert read(graph, campaign, "name", "daily_budget", "updated_time") == before


def test_a_pause_reaches_everything_below(post: Post, account: str, graph: httpx.Client) -> None:
    params = {"filtering": '[{"field":"effective_status","operator":"IN","value":["ACTIVE"]}]'}
    campaign = first(graph, f"/{account}/campaigns", **params)
    adset, ad = first(graph, f"/{campaign}/adsets"), first(graph, f"/{campaign}/ads")
    post(f"/{campaign}", status="PAUSED")
    assert read(graph, adset, "status", "effective_status").items() >= {
        "status": "ACTIVE", "effective_status": "CAMPAIGN_PAUSED",
    }.items()  # fmt: skip
    post(f"/{campaign}", status="ACTIVE")
    post(f"/{adset}", status="PAUSED")
    assert read(graph, ad, "effective_status")["effective_status"] == "ADSET_PAUSED"


def test_a_new_ad_is_reviewed_and_may_be_disapproved(
    post: Post, account: str, graph: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"speed": 0}).raise_for_status()
    adset = first(graph, f"/{account}/adsets")
    creative = json.dumps({"creative_id": first(graph, f"/{account}/adcreatives")})
    made = [
        post(f"/{account}/ads", name=name, adset_id=adset, creative=creative, status="ACTIVE").json()["id"]
        for name in ("Bueno", "Malo [reject]")
    ]
    assert {read(graph, one, "effective_status")["effective_status"] for one in made} == {"PENDING_REVIEW"}
    sandbox.admin.post("/_sandbox/clock", json={"by": 10, "speed": 0}).raise_for_status()
    good, bad = (read(graph, one, "effective_status", "issues_info") for one in made)
    assert good["effective_status"] == "ACTIVE"
    assert (bad["effective_status"], bad["issues_info"][0]["error_code"]) == ("DISAPPROVED", 2490427)


def test_a_new_campaign_is_in_process_for_a_moment(
    post: Post, account: str, graph: httpx.Client, sandbox: Sandbox
) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"speed": 0}).raise_for_status()
    fields = {**A_CAMPAIGN, "status": "ACTIVE", "daily_budget": "2500"}
    made = post(f"/{account}/campaigns", **fields).json()["id"]
    assert read(graph, made, "effective_status")["effective_status"] == "IN_PROCESS"
    sandbox.admin.post("/_sandbox/clock", json={"by": 10, "speed": 0}).raise_for_status()
    assert read(graph, made, "effective_status")["effective_status"] == "ACTIVE"


def test_an_archived_object_can_only_be_deleted(post: Post, account: str, graph: httpx.Client) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    post(f"/{campaign}", status="ARCHIVED")
    listed = graph.get(f"/{account}/campaigns", params={"limit": 100}).json()["data"]
    assert {"id": campaign} not in listed
    archived = graph.get(f"/{account}/campaigns", params={"effective_status": '["ARCHIVED"]'}).json()["data"]
    assert archived == [{"id": campaign}]
    assert error(post(f"/{campaign}", status="ACTIVE")) == (100, 1487056)
    assert post(f"/{campaign}", status="DELETED").status_code == 200


def test_a_deleted_object_is_read_by_id_and_never_changed(
    post: Post, account: str, graph: httpx.Client
) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    adset = first(graph, f"/{campaign}/adsets")
    graph.delete(f"/{campaign}").raise_for_status()
    assert read(graph, campaign, "status")["status"] == "DELETED"
    assert read(graph, adset, "effective_status")["effective_status"] == "DELETED"
    assert error(post(f"/{campaign}", name="Otra")) == (100, 1487056)
    new = {**AN_ADSET, "campaign_id": campaign}
    assert error(post(f"/{account}/adsets", **new)) == (100, 1487566)


def test_the_content_of_a_creative_is_for_ever(post: Post, account: str, graph: httpx.Client) -> None:
    creative = first(graph, f"/{account}/adcreatives")
    assert error(post(f"/{creative}", object_story_spec='{"page_id":"1"}')) == (100, 1815573)
    assert post(f"/{creative}", name="Otro nombre").status_code == 200


def test_a_deep_copy_takes_everything_along(post: Post, account: str, graph: httpx.Client) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    options = '{"rename_suffix":" (copia)"}'
    made = post(f"/{campaign}/copies", deep_copy="true", rename_options=options).json()
    copied = made["copied_campaign_id"]
    assert len(made["ad_object_ids"]) == 1 + 3 + 9
    assert read(graph, copied, "name", "status")["name"].endswith(" (copia)")
    assert read(graph, copied, "status")["status"] == "PAUSED"
    assert len(graph.get(f"/{copied}/ads", params={"limit": 50}).json()["data"]) == 9


def test_every_change_is_in_the_activities(post: Post, account: str, graph: httpx.Client) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    old = read(graph, campaign, "daily_budget")["daily_budget"]
    post(f"/{campaign}", daily_budget="7700")
    fields = {"fields": "event_type,object_id,actor_name,extra_data"}
    newest = graph.get(f"/{account}/activities", params=fields).json()["data"][0]
    assert (newest["object_id"], newest["actor_name"]) == (campaign, "Lucía Romero")
    assert newest["event_type"] == "update_campaign_budget"
    extra = json.loads(newest["extra_data"])
    assert (str(extra["old_value"]), str(extra["new_value"])) == (old, "7700")


def test_a_write_may_ask_for_what_it_wrote(post: Post, account: str, graph: httpx.Client) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    assert post(f"/{campaign}", name="Otra", fields="name").json()["name"] == "Otra"


def test_an_image_is_uploaded_and_listed(graph: httpx.Client, account: str) -> None:
    made = graph.post(
        f"/{account}/adimages", files={"foto.png": ("foto.png", b"\x89PNG", "image/png")}
    ).json()
    digest = made["images"]["foto.png"]["hash"]
    listed = graph.get(
        f"/{account}/adimages", params={"hashes": json.dumps([digest]), "fields": "hash"}
    ).json()
    assert [one["hash"] for one in listed["data"]] == [digest]


def test_a_campaign_hands_its_budget_to_its_ad_sets_at_once_or_not_at_all(
    post: Post, account: str, graph: httpx.Client
) -> None:
    campaign = first(graph, f"/{account}/campaigns")
    adsets = [one["id"] for one in graph.get(f"/{campaign}/adsets").json()["data"]]
    shares = [{"adset_id": one, "daily_budget": 900} for one in adsets]
    wrong = [*shares[:-1], {"adset_id": adsets[-1], "daily_budget": 1}]
    assert error(post(f"/{campaign}", adset_budgets=json.dumps(wrong))) == (100, 1885272)
    assert "daily_budget" not in read(graph, adsets[0], "daily_budget")
    post(f"/{campaign}", adset_budgets=json.dumps(shares)).raise_for_status()
    assert {read(graph, one, "daily_budget")["daily_budget"] for one in adsets} == {"900"}
    assert "daily_budget" not in read(graph, campaign, "daily_budget")


@pytest.mark.parametrize("value", [None, [], {}, [1], {"a": 1}, True, "ñ", "9" * 40, "{", -1])
def test_a_strange_value_never_breaks_the_account(
    graph: httpx.Client, account: str, sandbox: Sandbox, value: Any
) -> None:
    campaign, adset = first(graph, f"/{account}/campaigns"), first(graph, f"/{account}/adsets")
    names = ("name", "status", "daily_budget", "lifetime_budget", "adset_budgets", "stop_time", "targeting")
    for name in names:
        for one in (campaign, adset):
            assert graph.post(f"/{one}", json={name: value}).status_code in {200, 400}
    sandbox.admin.post("/_sandbox/clock", json={"by": 86400 * 2}).raise_for_status()
    assert graph.get(f"/{account}/insights", params={"level": "ad", "date_preset": "last_3d"}).json()["data"]


def test_writes_at_the_same_moment_are_all_kept_and_all_counted(
    graph: httpx.Client, split: str, post: Post
) -> None:
    adset = own_budget_adset(graph, split)
    with ThreadPoolExecutor(8) as together:
        fields = {**A_CAMPAIGN, "daily_budget": "90000"}
        made = list(together.map(lambda _: post(f"/{split}/campaigns", **fields).json()["id"], range(24)))
        answers = list(together.map(lambda n: post(f"/{adset}", daily_budget=str(90_000 + n)), range(12)))
    assert len(set(made)) == 24
    assert [answer.status_code for answer in answers].count(200) == 4
