"""Many calls at the same moment, a batch among them, are kept and counted one by one."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.testclient import TestClient

from tests.conftest import Sandbox
from tests.sandbox.conftest import Caller, refusal
from vibekanban.sandbox.app import create_app

CAMPAIGN = {
    "name": "Nueva", "objective": "OUTCOME_SALES", "special_ad_categories": "[]", "status": "PAUSED",
    "daily_budget": "90000",
}  # fmt: skip
REPORT = {"level": "ad", "date_preset": "last_7d", "fields": "ad_id,spend", "time_increment": "1"}


def stopped(sandbox: Sandbox) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"speed": 0}).raise_for_status()


def later(sandbox: Sandbox, seconds: float) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"by": seconds, "speed": 0}).raise_for_status()


def test_objects_made_at_once_are_different_objects(graph: httpx.Client, account: str) -> None:
    def made(_: int) -> str:
        return graph.post(f"/{account}/campaigns", data=CAMPAIGN).json()["id"]

    with ThreadPoolExecutor(8) as together:
        ids = set(together.map(made, range(24)))
    listed = graph.get(f"/{account}/campaigns", params={"limit": 100}).json()["data"]
    assert len(ids) == 24
    assert ids <= {one["id"] for one in listed}


def test_of_many_budget_changes_at_once_four_pass(caller: Caller, sandbox: Sandbox) -> None:
    client = caller("dificil")
    world = sandbox.admin.get("/_sandbox/world").json()["dificil"]["accounts"]
    mixed = next(one["id"] for one in world if one["scenario"] == "mixed_budgets")
    listed = client.get(f"/act_{mixed}/adsets", params={"fields": "daily_budget", "limit": 100}).json()[
        "data"
    ]
    adset = next(one["id"] for one in listed if "daily_budget" in one)

    def changed(n: int) -> int:
        return client.post(f"/{adset}", data={"daily_budget": 90_000 + n}).status_code

    with ThreadPoolExecutor(8) as together:
        assert list(together.map(changed, range(12))).count(200) == 4


def test_a_pause_is_seen_at_once_while_others_read(graph: httpx.Client, account: str) -> None:
    paused = {"effective_status": '["PAUSED"]', "limit": 100}
    campaigns = [one["id"] for one in graph.get(f"/{account}/campaigns", params={"limit": 5}).json()["data"]]
    insights = {"level": "ad", "date_preset": "today", "limit": 500}

    def read(_: int) -> int:
        graph.get(f"/{account}/campaigns", params=paused)
        return graph.get(f"/{account}/insights", params=insights).status_code

    with ThreadPoolExecutor(4) as together:
        reads = [together.submit(read, n) for n in range(24)]
        for one in campaigns:
            graph.post(f"/{one}", data={"status": "PAUSED"}).raise_for_status()
            found = graph.get(f"/{account}/campaigns", params=paused).json()["data"]
            assert one in {each["id"] for each in found}
    assert {one.result() for one in reads} == {200}


def test_every_call_of_a_batch_counts(graph: httpx.Client, account: str, sandbox: Sandbox) -> None:
    stopped(sandbox)
    sandbox.admin.post("/_sandbox/limits", json={"tier": "development_access"}).raise_for_status()
    batch = {"batch": json.dumps([{"method": "GET", "relative_url": account}] * 50)}
    graph.post("/", data=batch).raise_for_status()
    answers = graph.post("/", data=batch).json()
    assert [answer["code"] for answer in answers] == [200] * 10 + [400] * 40


def test_a_rehearsed_update_changes_nothing(graph: httpx.Client, account: str) -> None:
    campaign = graph.get(f"/{account}/campaigns").json()["data"][0]["id"]
    fields = {"fields": "name,daily_budget,updated_time"}
    before = graph.get(f"/{campaign}", params=fields).json()
    dry = {"execution_options": '["validate_only"]'}
    assert graph.post(f"/{campaign}", data={"name": "Otra", **dry}).json() == {"success": True}
    assert refusal(graph.post(f"/{campaign}", data={"daily_budget": "1", **dry})) == (100, 1885272)
    assert graph.get(f"/{campaign}", params=fields).json() == before


def test_a_report_passes_through_every_state_and_is_gone_after_a_month(
    graph: httpx.Client, account: str, sandbox: Sandbox
) -> None:
    stopped(sandbox)
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 100}).raise_for_status()
    run = graph.post(f"/{account}/insights", data=REPORT).json()["report_run_id"]
    seen: list[Any] = []
    for seconds in (0, 20, 40, 41):
        later(sandbox, seconds)
        state = graph.get(f"/{run}").json()
        seen.append((state["async_status"], state["async_percent_completion"]))
    assert seen == [
        ("Job Not Started", 0), ("Job Started", 20), ("Job Running", 60), ("Job Completed", 100),
    ]  # fmt: skip
    later(sandbox, 31 * 86400)
    assert refusal(graph.get(f"/{run}")) == (100, 33)


@pytest.mark.parametrize(("seed", "same"), [(7, True), (8, False)])
def test_the_seed_decides_every_number(tmp_path: Path, seed: int, same: bool) -> None:
    def totals(folder: str, chosen: int) -> dict[str, Any]:
        app = create_app(seed=chosen, data_dir=tmp_path / folder, app_id="1", app_secret="s")
        with TestClient(app) as client:
            days = {"ids": "700001007919", "since": "2026-11-02", "until": "2026-11-08"}
            return client.get("/_sandbox/oracle", params=days).json()["totals"]

    assert (totals("one", 7) == totals("other", seed)) is same


def test_the_tests_hand_is_for_this_machine_only(tmp_path: Path) -> None:
    app = create_app(seed=7, data_dir=tmp_path, app_id="1", app_secret="s")
    assert TestClient(app, client=("203.0.113.9", 50_000)).get("/_sandbox/clock").status_code == 403
