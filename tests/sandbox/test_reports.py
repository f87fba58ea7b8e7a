"""Asynchronous reports run by the clock and end as they are told to."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.conftest import Sandbox

ASKED = {"level": "ad", "date_preset": "last_7d", "fields": "ad_id,spend", "time_increment": "1"}


@pytest.fixture
def stopped(sandbox: Sandbox) -> Sandbox:
    """Nothing moves but by the test's hand; a report takes a hundred seconds."""
    sandbox.admin.post("/_sandbox/clock", json={"speed": 0}).raise_for_status()
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 100}).raise_for_status()
    return sandbox


def started(graph: httpx.Client, account: str) -> str:
    return graph.post(f"/{account}/insights", data=ASKED).json()["report_run_id"]


def later(sandbox: Sandbox, seconds: float) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"by": seconds, "speed": 0}).raise_for_status()


def state(graph: httpx.Client, run: str) -> tuple[str, int]:
    told = graph.get(f"/{run}").json()
    return told["async_status"], told["async_percent_completion"]


def fated(sandbox: Sandbox, *fates: str) -> None:
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 100, "fates": list(fates)}).raise_for_status()


def test_a_report_goes_from_not_started_to_completed(
    graph: httpx.Client, account: str, stopped: Sandbox
) -> None:
    run = started(graph, account)
    seen = [state(graph, run)]
    for seconds in (20, 40, 40):
        later(stopped, seconds)
        seen.append(state(graph, run))
    assert [status for status, _ in seen] == [
        "Job Not Started",
        "Job Started",
        "Job Running",
        "Job Completed",
    ]
    assert [percent for _, percent in seen] == [0, 20, 60, 100]


def test_its_rows_are_those_of_the_direct_call(graph: httpx.Client, account: str, stopped: Sandbox) -> None:
    run = started(graph, account)
    later(stopped, 101)
    direct = graph.get(f"/{account}/insights", params={**ASKED, "limit": 5000}).json()["data"]
    first = graph.get(f"/{run}/insights", params={"limit": 100}).json()
    assert len(first["data"]) == 100
    found: list[dict[str, Any]] = first["data"]
    while address := first.get("paging", {}).get("next"):
        first = graph.get(address).json()
        found = found + first["data"]
    assert found == direct
    assert len(found) > 500


def test_rows_before_the_end_are_refused(graph: httpx.Client, account: str, stopped: Sandbox) -> None:
    answer = graph.get(f"/{started(graph, account)}/insights")
    assert answer.json()["error"]["code"] == 2601


def test_a_report_fails_skips_or_sticks_as_told(graph: httpx.Client, account: str, stopped: Sandbox) -> None:
    fated(stopped, "failed", "skipped", "stuck")
    runs = [started(graph, account) for _ in range(4)]
    later(stopped, 101)
    assert [state(graph, run) for run in runs] == [
        ("Job Failed", 0), ("Job Skipped", 0), ("Job Running", 100), ("Job Completed", 100),
    ]  # fmt: skip
    failed = graph.get(f"/{runs[0]}").json()
    assert (failed["error_code"], failed["error_subcode"]) == (-2, 2490547)


def test_a_report_is_gone_after_a_month(graph: httpx.Client, account: str, stopped: Sandbox) -> None:
    run = started(graph, account)
    later(stopped, 31 * 86400)
    assert graph.get(f"/{run}").json()["error"]["error_subcode"] == 33


def test_a_report_with_a_mistake_never_starts(graph: httpx.Client, account: str, stopped: Sandbox) -> None:
    answer = graph.post(f"/{account}/insights", data={**ASKED, "breakdowns": "zodiac"})
    assert answer.json()["error"]["code"] == 100


def test_too_much_for_a_direct_call_goes_through_a_report(stopped: Sandbox) -> None:
    world = stopped.admin.get("/_sandbox/world").json()
    large = world["grande"]["accounts"][0]["id"]
    token = stopped.admin.post("/_sandbox/tokens", json={"person": "grande"}).json()["token"]
    asked = {**ASKED, "date_preset": "last_90d", "access_token": token}
    with httpx.Client(base_url=f"{stopped.url}/v26.0", timeout=60) as client:
        refused = client.get(f"/act_{large}/insights", params=asked)
        assert refused.json()["error"]["error_subcode"] == 1487534
        assert client.post(f"/act_{large}/insights", data=asked).json()["report_run_id"]
