"""Versions, paging, fields, limits, faults and the clock, by plain HTTP."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox
from tests.sandbox.conftest import Caller, Frozen, first_account, refusal

NOON = "2026-11-10T12:00:00+00:00"


def walked(client: httpx.Client, path: str, **asked: Any) -> tuple[list[str], int]:
    """Every id of an edge by following `next`, and how many pages that took."""
    found, pages = [], 1
    answer = client.get(path, params=asked).raise_for_status().json()
    while True:
        found += [one["id"] for one in answer["data"]]
        following = answer.get("paging", {}).get("next")
        if not following:
            return found, pages
        assert "access_token=" in following
        answer, pages = httpx.get(following).raise_for_status().json(), pages + 1


@pytest.mark.parametrize(
    ("version", "alive"), [("v23.0", False), ("v24.0", True), ("v25.0", True), ("v26.0", True)]
)
def test_old_versions_are_dead(sandbox: Sandbox, graph: httpx.Client, version: str, alive: bool) -> None:
    answer = httpx.get(f"{sandbox.url}/{version}/me", headers=graph.headers)
    assert answer.is_success is alive
    assert alive or refusal(answer) == (2635, None)


@pytest.mark.parametrize("path", ["/me/", "//me", "/me//"])
def test_slashes_do_not_matter(sandbox: Sandbox, graph: httpx.Client, path: str) -> None:
    assert httpx.get(f"{sandbox.url}/v26.0{path}", headers=graph.headers).is_success


def test_an_account_is_found_with_and_without_its_prefix(graph: httpx.Client, account: str) -> None:
    assert graph.get(f"/{account.removeprefix('act_')}").json() == graph.get(f"/{account}").json()


def test_objects_by_a_list_of_ids_are_gone(graph: httpx.Client) -> None:
    assert refusal(graph.get("/", params={"ids": "1,2"})) == (100, None)


def test_an_unknown_field_is_named(graph: httpx.Client, account: str) -> None:
    message = graph.get(f"/{account}/campaigns", params={"fields": "nombre"}).json()["error"]["message"]
    assert "nonexisting field (nombre)" in message


def test_parents_and_creatives_expand(graph: httpx.Client, account: str) -> None:
    fields = "name,campaign{name},adset{id,optimization_goal},creative{id,object_story_spec}"
    [ad] = graph.get(f"/{account}/ads", params={"fields": fields, "limit": 1}).json()["data"]
    assert ad["campaign"]["name"]
    assert ad["adset"]["optimization_goal"]
    assert ad["creative"]["object_story_spec"]["page_id"]


@pytest.mark.parametrize(
    "switch", [{}, {"short": True}, {"hole": True}, {"next_only": True}, {"short": True, "hole": True}]
)
def test_every_ad_is_reached_by_following_next(
    graph: httpx.Client, account: str, sandbox: Sandbox, switch: dict[str, bool]
) -> None:
    sandbox.admin.post("/_sandbox/paging", json=switch).raise_for_status()
    token = graph.headers["authorization"].removeprefix("Bearer ")
    found, pages = walked(graph, f"/{account}/ads", limit=25, access_token=token)
    assert len(found) == len(set(found)) == 108
    assert pages >= 5


def test_a_hole_is_an_empty_page_with_a_next(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    sandbox.admin.post("/_sandbox/paging", json={"hole": True}).raise_for_status()
    after = graph.get(f"/{account}/ads").json()["paging"]["cursors"]["after"]
    second = graph.get(f"/{account}/ads", params={"after": after}).json()
    assert second["data"] == []
    assert second["paging"]["next"]


def test_forty_thousand_ads_are_paged_through(caller: Caller, sandbox: Sandbox) -> None:
    client = caller("grande")
    largest = client.get("/me/adaccounts").json()["data"][1]["id"]
    token = client.headers["authorization"].removeprefix("Bearer ")
    found, _pages = walked(client, f"/{largest}/ads", limit=5000, access_token=token)
    assert len(set(found)) == 40_000


def test_an_agency_has_sixty_accounts_of_many_currencies(caller: Caller) -> None:
    answer = caller("agencia").get("/me/adaccounts", params={"limit": 100, "fields": "currency"}).json()
    assert len(answer["data"]) == 60
    assert len({one["currency"] for one in answer["data"]}) > 5


def test_the_small_tier_allows_sixty_points(
    graph: httpx.Client, account: str, sandbox: Sandbox, frozen: Frozen
) -> None:
    frozen(NOON)
    sandbox.admin.post("/_sandbox/limits", json={"tier": "development_access"}).raise_for_status()
    for _ in range(60):
        graph.get(f"/{account}").raise_for_status()
    refused = graph.get(f"/{account}")
    assert refusal(refused) == (17, 2446079)
    usage = json.loads(refused.headers["x-ad-account-usage"])
    assert (usage["acc_id_util_pct"], usage["reset_time_duration"]) == (100.0, 300)
    sandbox.admin.post("/_sandbox/clock", json={"by": 301}).raise_for_status()
    assert graph.get(f"/{account}").is_success


def test_a_write_costs_three_points(
    graph: httpx.Client, account: str, sandbox: Sandbox, frozen: Frozen
) -> None:
    frozen(NOON)
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    sandbox.admin.post("/_sandbox/limits", json={"score": 10}).raise_for_status()
    answer = graph.post(f"/{campaign}", data={"name": "Otro"})
    assert json.loads(answer.headers["x-ad-account-usage"])["acc_id_util_pct"] == 30.0


def test_the_hourly_bucket_tells_minutes_until_access(
    graph: httpx.Client, account: str, sandbox: Sandbox, frozen: Frozen
) -> None:
    frozen(NOON)
    sandbox.admin.post("/_sandbox/limits", json={"ads_insights": 3, "active_ads": 0}).raise_for_status()
    answers = [graph.get(f"/{account}/insights") for _ in range(4)]
    assert refusal(answers[-1]) == (80000, 2446079)
    [uses] = json.loads(answers[-1].headers["x-business-use-case-usage"]).values()
    assert next(one for one in uses if one["type"] == "ads_insights")["estimated_time_to_regain_access"] == 60


@pytest.mark.parametrize(
    ("kind", "status"),
    [("code1", 500), ("code2", 500), ("html502", 502), ("empty500", 500), ("too_much_data", 500)],
)
def test_a_fault_hits_as_often_as_told(graph: httpx.Client, sandbox: Sandbox, kind: str, status: int) -> None:
    sandbox.admin.post("/_sandbox/faults", json={"kind": kind, "path": "/me$", "times": 2}).raise_for_status()
    assert [graph.get("/me").status_code for _ in range(3)] == [status, status, 200]


def test_a_fault_may_be_asked_for_in_a_header(graph: httpx.Client) -> None:
    assert graph.get("/me", headers={"X-Sandbox-Fault": "html502"}).status_code == 502


def test_a_fault_of_any_code_hits_one_token(graph: httpx.Client, caller: Caller, sandbox: Sandbox) -> None:
    token = graph.headers["authorization"].removeprefix("Bearer ")
    rule = {"kind": "error", "code": 368, "subcode": 1404078, "times": -1, "token": token}
    sandbox.admin.post("/_sandbox/faults", json=rule).raise_for_status()
    assert refusal(graph.get("/me")) == (368, 1404078)
    assert caller("agencia").get("/me").is_success


def test_a_connection_breaks_before_anything_happened(graph: httpx.Client) -> None:
    with pytest.raises(httpx.TransportError):
        graph.get("/me", headers={"X-Sandbox-Fault": "reset"})


def test_a_connection_breaks_after_the_write_was_applied(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    with pytest.raises(httpx.TransportError):
        graph.post(
            f"/{campaign}", data={"name": "Aplicado"}, headers={"X-Sandbox-Fault": "reset_after_write"}
        )
    assert graph.get(f"/{campaign}", params={"fields": "name"}).json()["name"] == "Aplicado"


def test_a_hanging_call_ends_by_the_callers_patience(graph: httpx.Client) -> None:
    with pytest.raises(httpx.ReadTimeout):
        graph.get("/me", headers={"X-Sandbox-Fault": "hang"}, timeout=0.3)


@pytest.mark.parametrize(("fate", "state"), [("failed", "Job Failed"), ("skipped", "Job Skipped")])
def test_a_report_may_fail(
    graph: httpx.Client, account: str, sandbox: Sandbox, fate: str, state: str
) -> None:
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 0, "fates": [fate]}).raise_for_status()
    run = graph.post(f"/{account}/insights").json()["report_run_id"]
    assert graph.get(f"/{run}").json()["async_status"] == state


def test_calls_are_logged_without_secrets(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    sandbox.admin.delete("/_sandbox/calls")
    graph.get(f"/{account}/campaigns", params={"limit": 1})
    log = sandbox.admin.get("/_sandbox/calls").json()
    assert [(one["method"], one["status"], one["person"]) for one in log] == [("GET", 200, "lucia")]
    assert graph.headers["authorization"].removeprefix("Bearer ") not in json.dumps(log)


def test_time_runs_faster_when_told(sandbox: Sandbox) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"to": NOON, "speed": 1_000_000}).raise_for_status()
    first = sandbox.admin.get("/_sandbox/clock").json()["now"]
    assert sandbox.admin.get("/_sandbox/clock").json()["now"] > first + 100


def test_a_batch_uses_earlier_answers(graph: httpx.Client, account: str) -> None:
    entries = [
        {"method": "GET", "name": "first", "relative_url": f"{account}/campaigns?limit=1"},
        {"method": "GET", "relative_url": "{result=first:$.data.*.id}?fields=name"},
    ]
    answers = graph.post("/", data={"batch": json.dumps(entries)}).json()
    assert [one["code"] for one in answers] == [200, 200]
    assert json.loads(answers[1]["body"])["name"]


def test_targeting_is_searched(graph: httpx.Client) -> None:
    found = graph.get("/search", params={"type": "adinterest", "q": "yoga"}).json()["data"]
    assert [one["name"] for one in found] == ["Yoga"]


def test_an_ad_is_previewed(graph: httpx.Client, account: str) -> None:
    ad = graph.get(f"/{account}/ads").json()["data"][0]["id"]
    answer = graph.get(f"/{ad}/previews", params={"ad_format": "INSTAGRAM_STORY"}).json()
    assert answer["data"][0]["body"].startswith("<iframe")


def test_money_spent_is_the_accounts_last_thirty_days(
    graph: httpx.Client, account: str, sandbox: Sandbox, frozen: Frozen
) -> None:
    frozen(NOON)
    spent = graph.get(f"/{account}", params={"fields": "amount_spent"}).json()["amount_spent"]
    days = {"since": "2026-10-12", "until": "2026-11-10"}
    truth = sandbox.admin.get("/_sandbox/oracle", params={"account": account, **days}).json()["totals"]
    assert int(spent) * 10_000 == truth["spend_micros"]


def test_one_person_sees_nothing_of_an_unknown_account(graph: httpx.Client, caller: Caller) -> None:
    theirs = first_account(caller("grande"))
    assert refusal(graph.get(f"/{theirs}/insights")) == (100, 33)
