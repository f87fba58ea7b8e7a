"""Limits are counted, told in headers and enforced; faults come when they are ordered."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox

HEADERS = {
    "x-app-usage", "x-ad-account-usage", "x-business-use-case-usage", "x-fb-ads-insights-throttle",
    "x-fb-ads-insights-reach-throttle",
}  # fmt: skip


def limited(sandbox: Sandbox, **limits: Any) -> None:
    sandbox.admin.post("/_sandbox/limits", json=limits).raise_for_status()


def faulty(sandbox: Sandbox, kind: str, **rule: Any) -> None:
    sandbox.admin.post("/_sandbox/faults", json={"kind": kind, **rule}).raise_for_status()


def later(sandbox: Sandbox, seconds: float) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"by": seconds, "speed": 0}).raise_for_status()


def error(answer: httpx.Response) -> tuple[int, int | None]:
    told = answer.json()["error"]
    return told["code"], told.get("error_subcode")


def test_all_five_headers_come_with_good_and_bad_answers(graph: httpx.Client, account: str) -> None:
    good = graph.get(f"/{account}/campaigns")
    bad = graph.get(f"/{account}/campaigns", params={"fields": "nonsense"})
    assert (good.status_code, bad.status_code) == (200, 400)
    for answer in (good, bad):
        assert answer.headers.keys() >= HEADERS
        [buckets] = json.loads(answer.headers["x-business-use-case-usage"]).values()
        assert {bucket["type"] for bucket in buckets} == {"ads_management", "ads_insights"}


@pytest.mark.parametrize("tier", ["development_access", "standard_access"])
def test_the_tier_is_told(graph: httpx.Client, account: str, sandbox: Sandbox, tier: str) -> None:
    limited(sandbox, tier=tier)
    usage = json.loads(graph.get(f"/{account}").headers["x-ad-account-usage"])
    assert usage["ads_api_access_tier"] == tier


def test_the_low_tier_blocks_for_five_minutes_after_sixty_points(
    graph: httpx.Client, account: str, sandbox: Sandbox
) -> None:
    later(sandbox, 0)
    limited(sandbox, tier="development_access")
    for _ in range(60):
        assert graph.get(f"/{account}").status_code == 200
    refused = graph.get(f"/{account}")
    assert error(refused) == (17, 2446079)
    usage = json.loads(refused.headers["x-ad-account-usage"])
    assert (usage["acc_id_util_pct"], usage["reset_time_duration"]) == (100, 300)
    later(sandbox, 299)
    assert error(graph.get(f"/{account}")) == (17, 2446079)
    later(sandbox, 2)
    assert graph.get(f"/{account}").status_code == 200


def test_a_write_counts_three(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    later(sandbox, 0)
    limited(sandbox, tier="development_access")
    for n in range(20):
        assert graph.post(f"/{campaign}", data={"name": str(n)}).status_code == 200
    assert error(graph.post(f"/{campaign}", data={"name": "no"})) == (613, 1487742)
    assert graph.get("/me").status_code == 200


def test_a_full_hour_of_insights_is_refused_with_minutes_to_wait(
    graph: httpx.Client, account: str, sandbox: Sandbox
) -> None:
    later(sandbox, 0)
    limited(sandbox, ads_insights=5, active_ads=0)
    for _ in range(5):
        assert graph.get(f"/{account}/insights").status_code == 200
    refused = graph.get(f"/{account}/insights")
    assert error(refused)[0] == 80000
    [buckets] = json.loads(refused.headers["x-business-use-case-usage"]).values()
    [bucket] = [one for one in buckets if one["type"] == "ads_insights"]
    assert bucket["call_count"] >= 100
    assert 59 <= bucket["estimated_time_to_regain_access"] <= 60
    assert graph.get(f"/{account}/campaigns").status_code == 200
    later(sandbox, 3601)
    assert graph.get(f"/{account}/insights").status_code == 200


def test_every_call_of_a_batch_counts(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    later(sandbox, 0)
    limited(sandbox, tier="development_access")
    entries = [{"method": "GET", "relative_url": account}] * 50
    graph.post("/", data={"batch": json.dumps(entries)}).raise_for_status()
    answers = graph.post("/", data={"batch": json.dumps(entries)}).json()
    assert [answer["code"] for answer in answers] == [200] * 10 + [400] * 40


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [
        ("code1", 500, (1, None)), ("code2", 500, (2, None)), ("too_much_data", 500, (1, 99)),
        ("throttle", 400, (80004, 2446079)), ("sync_timeout", 500, (2, 1504038)),
    ],
)  # fmt: skip
def test_an_error_comes_as_often_as_ordered(
    graph: httpx.Client, sandbox: Sandbox, kind: str, status: int, code: tuple[int, int | None]
) -> None:
    faulty(sandbox, kind, path="/me$", times=2)
    assert graph.get("/me/adaccounts").status_code == 200
    for _ in range(2):
        answer = graph.get("/me")
        assert (answer.status_code, error(answer)) == (status, code)
    assert graph.get("/me").status_code == 200


def test_a_gateway_answers_with_a_page_and_a_server_with_nothing(graph: httpx.Client) -> None:
    page = graph.get("/me", headers={"x-sandbox-fault": "html502"})
    assert (page.status_code, page.headers["content-type"].partition(";")[0]) == (502, "text/html")
    nothing = graph.get("/me", headers={"x-sandbox-fault": "empty500"})
    assert (nothing.status_code, nothing.content) == (500, b"")


def test_a_write_may_succeed_without_an_answer(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    faulty(sandbox, "reset_after_write", method="POST")
    with pytest.raises(httpx.TransportError):
        graph.post(f"/{campaign}", data={"name": "Escrita"})
    assert graph.get(f"/{campaign}", params={"fields": "name"}).json()["name"] == "Escrita"


def test_a_call_may_hang(graph: httpx.Client, sandbox: Sandbox) -> None:
    faulty(sandbox, "hang", seconds=30)
    with pytest.raises(httpx.ReadTimeout):
        graph.get("/me", timeout=0.3)
    assert graph.get("/me").status_code == 200


def test_an_answer_may_drip(graph: httpx.Client, sandbox: Sandbox) -> None:
    faulty(sandbox, "slow_drip", seconds=0.5)
    with graph.stream("GET", "/me/adaccounts") as answer:
        pieces = list(answer.iter_raw())
    assert len(pieces) > 1
    assert json.loads(b"".join(pieces)) == {"data": []}


def test_an_unknown_fault_is_refused(sandbox: Sandbox) -> None:
    assert sandbox.admin.post("/_sandbox/faults", json={"kind": "earthquake"}).status_code == 422


def test_calls_are_logged_without_secrets(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    sandbox.admin.delete("/_sandbox/calls").raise_for_status()
    graph.get(f"/{account}", params={"fields": "name", "access_token": "EAAsecret"})
    graph.get(f"/{account}", params={"fields": "name"})
    log = sandbox.admin.get("/_sandbox/calls").json()
    assert [call["code"] for call in log if call["path"].endswith(account)] == [190, None]
    assert "EAAsecret" not in json.dumps(log)
