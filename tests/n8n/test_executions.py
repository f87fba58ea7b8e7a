"""Runs of workflows, as the real n8n does them."""

from __future__ import annotations

import pytest

from tests.factories.n8n import a_failure, a_name, a_set, a_webhook, a_workflow
from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import InConflict, Missing, Refused


def started(n8n: N8n, *nodes: dict[str, object]) -> tuple[str, str]:
    """A published workflow of a webhook and these nodes: its id, and the path that runs it."""
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(path), *nodes))
    n8n.publish(made.id)
    return made.id, path


def test_a_run_is_listed_with_its_outcome(n8n: N8n) -> None:
    workflow_id, path = started(n8n, a_set('{"roas": 2}'))
    n8n.run(path, {})
    [run] = n8n.executions(workflow_id=workflow_id)
    assert (run.status, run.mode, run.workflow_id) == ("success", "webhook", workflow_id)
    assert run.started_at
    assert run.stopped_at
    assert run.started_at <= run.stopped_at


def test_a_run_shows_what_its_nodes_gave(n8n: N8n) -> None:
    workflow_id, path = started(n8n, a_set('{"roas": 2}'))
    n8n.run(path, {})
    [run] = n8n.executions(workflow_id=workflow_id)
    data = n8n.execution(run.id).data
    assert data
    assert data["VK Params"][0]["data"]["main"][0][0]["json"] == {"roas": 2}


def test_a_failed_run_says_why(n8n: N8n) -> None:
    workflow_id, path = started(n8n, a_failure("budget gone"))
    with pytest.raises(Refused):
        n8n.run(path, {})
    [run] = n8n.executions(workflow_id=workflow_id, status="error")
    assert run.failed
    assert "budget gone" in n8n.execution(run.id).error


def test_a_failed_run_can_be_run_again(n8n: N8n) -> None:
    workflow_id, path = started(n8n, a_failure("budget gone"))
    with pytest.raises(Refused):
        n8n.run(path, {})
    [run] = n8n.executions(workflow_id=workflow_id)
    assert n8n.retry(run.id).id != run.id


def test_a_run_that_succeeded_is_not_run_again(n8n: N8n) -> None:
    workflow_id, path = started(n8n, a_set("{}"))
    n8n.run(path, {})
    [run] = n8n.executions(workflow_id=workflow_id)
    with pytest.raises(InConflict):
        n8n.retry(run.id)


def test_a_run_that_ended_can_not_be_stopped(n8n: N8n) -> None:
    workflow_id, path = started(n8n, a_set("{}"))
    n8n.run(path, {})
    [run] = n8n.executions(workflow_id=workflow_id)
    with pytest.raises(InConflict):
        n8n.stop(run.id)


def test_the_newest_run_comes_first(n8n: N8n) -> None:
    workflow_id, path = started(n8n, a_set("{}"))
    for _ in range(3):
        n8n.run(path, {})
    ids = [int(run.id) for run in n8n.executions(workflow_id=workflow_id)]
    assert len(ids) == 3
    assert ids == sorted(ids, reverse=True)


def test_a_run_that_does_not_exist_is_missing(n8n: N8n) -> None:
    with pytest.raises(Missing):
        n8n.execution("99999999")


def test_an_expression_reads_what_came_in(n8n: N8n) -> None:
    _, path = started(n8n, a_set("={{ { double: $json.body.spend * 2 } }}"))
    assert n8n.run(path, {"spend": 21}) == {"double": 42}


def test_text_that_only_looks_like_an_expression_stays_text(n8n: N8n) -> None:
    _, path = started(n8n, a_set('{"name": "{{ $workflow.id }}"}'))
    assert n8n.run(path, {}) == {"name": "{{ $workflow.id }}"}
