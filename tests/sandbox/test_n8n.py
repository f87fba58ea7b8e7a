"""What only the sandbox's n8n promises; the contract it shares with the real one is in `tests/n8n`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from tests.conftest import Sandbox
from tests.factories.n8n import a_failure, a_name, a_set, a_webhook, a_workflow
from tests.factories.n8n_nodes import a_node
from tests.n8n.conftest import eventually
from tests.sandbox.conftest import Frozen
from vibekanban.clients.n8n import documents
from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import Refused
from vibekanban.clients.n8n.shapes import Owner
from vibekanban.sandbox.n8n import known, rules


def test_the_sandbox_runs_what_strategies_may_use() -> None:
    assert known.RUNS == documents.ALLOWED


def test_every_version_that_runs_is_one_of_n8n() -> None:
    assert known.NODES.keys() == known.RUNS.keys()
    assert all(set(versions) <= set(known.NODES[kind]) for kind, versions in known.RUNS.items())


@pytest.fixture
def n8n(sandbox: Sandbox) -> Iterator[N8n]:
    with N8n(f"{sandbox.url}/n8n/api/v1", sandbox.n8n_key, owner=Owner(*sandbox.n8n_owner)) as client:
        yield client


def scheduled(n8n: N8n, **interval: object) -> str:
    node = a_node("scheduleTrigger", 1.2, "Every so often", {"rule": {"interval": [interval]}})
    made = n8n.create_workflow(a_workflow(node, a_set('{"a": 1}')))
    n8n.publish(made.id)
    return made.id


def runs(n8n: N8n, workflow_id: str) -> int:
    return len(list(n8n.executions(workflow_id=workflow_id, status="success")))


def test_a_schedule_goes_by_the_sandboxs_clock(sandbox: Sandbox, n8n: N8n, frozen: Frozen) -> None:
    frozen("2026-03-02T10:30:00+00:00")
    workflow_id = scheduled(n8n, field="hours", hoursInterval=1, triggerAtMinute=0)
    assert not eventually(lambda: runs(n8n, workflow_id) > 0, seconds=1)
    sandbox.admin.post("/_sandbox/clock", json={"by": 3600})
    assert eventually(lambda: runs(n8n, workflow_id) == 1)
    sandbox.admin.post("/_sandbox/clock", json={"by": 3600})
    assert eventually(lambda: runs(n8n, workflow_id) == 2)


def test_a_run_is_dated_by_the_sandboxs_clock(sandbox: Sandbox, n8n: N8n, frozen: Frozen) -> None:
    frozen("2026-03-02T10:30:00+00:00")
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(path), a_set("={{ { now: $now.toISODate() } }}")))
    n8n.publish(made.id)
    assert n8n.run(path, {}) == {"now": "2026-03-02"}
    [run] = n8n.executions(workflow_id=made.id)
    assert run.started_at
    assert run.started_at.isoformat() == "2026-03-02T10:30:00+00:00"


@pytest.mark.parametrize(
    ("interval", "moments"),
    [
        ({"field": "minutes", "minutesInterval": 15}, ["10:45", "11:00"]),
        ({"field": "hours", "hoursInterval": 6, "triggerAtMinute": 5}, ["12:05", "18:05"]),
        ({"field": "days", "triggerAtHour": 9, "triggerAtMinute": 30}, ["03 09:30", "04 09:30"]),
        ({"field": "weeks", "triggerAtDay": [1], "triggerAtHour": 9, "triggerAtMinute": 0}, ["09 09:00"]),
        ({"field": "cronExpression", "expression": "0 12 * * *"}, ["02 12:00", "03 12:00"]),
    ],
)
def test_rules_are_due(interval: dict[str, object], moments: list[str]) -> None:
    node = {"id": "n", "parameters": {"rule": {"interval": [interval]}}}
    [rule] = rules.rules_of("w", node, "Europe/Madrid")
    at = datetime(2026, 3, 2, 10, 31, tzinfo=ZoneInfo("Europe/Madrid")).timestamp()
    for moment in moments:
        at = rule.following(at) or 0
        assert moment in datetime.fromtimestamp(at, ZoneInfo("Europe/Madrid")).strftime("%d %H:%M")


def test_a_rule_of_every_third_day_waits_for_it() -> None:
    node = {"id": "n", "parameters": {"rule": {"interval": [{"field": "days", "daysInterval": 3}]}}}
    [rule] = rules.rules_of("w", node, "UTC")
    day = 86_400.0
    assert [rule.may_fire(number * day, 0.0) for number in (1, 2, 3)] == [False, False, True]


@pytest.mark.parametrize(
    "interval",
    [
        {"field": "cronExpression", "expression": "not a cron"},
        {"field": "hours", "hoursInterval": "[[vk:x]]"},
    ],
)
def test_a_rule_that_makes_no_sense_never_comes(interval: dict[str, object]) -> None:
    assert rules.rules_of("w", {"id": "n", "parameters": {"rule": {"interval": [interval]}}}, "UTC") == []


def test_the_page_shows_what_runs(sandbox: Sandbox, n8n: N8n) -> None:
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(path), a_failure("<budget> gone"), name="Watch <ROAS>"))
    n8n.publish(made.id)
    with pytest.raises(Refused):
        n8n.run(path, {})
    shown = httpx.get(f"{sandbox.url}/n8n/?locale=en").text
    assert "Watch &lt;ROAS&gt;" in shown
    assert "&lt;budget&gt; gone" in shown
    assert f"/n8n/webhook/{path}" in shown
    assert "Published" in shown


def test_memory_of_an_expression_is_limited(n8n: N8n) -> None:
    path = a_name()
    greedy = "={{ { x: (() => { const a = []; for (;;) a.push(new Array(1000).fill('x')) })() } }}"
    made = n8n.create_workflow(a_workflow(a_webhook(path), a_set(greedy)))
    n8n.publish(made.id)
    with pytest.raises(Refused):
        n8n.run(path, {})
    [run] = n8n.executions(workflow_id=made.id)
    assert "memory limit" in n8n.execution(run.id).error
