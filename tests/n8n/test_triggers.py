"""What wakes a workflow: webhooks, schedules, failures of others; as the real n8n does it."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories.n8n import a_failure, a_name, a_set, a_webhook, a_workflow
from tests.factories.n8n_nodes import a_condition, a_node, an_if
from tests.n8n.conftest import eventually
from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import Denied, Missing, Refused


def published(n8n: N8n, *nodes: dict[str, Any], **settings: Any) -> str:
    made = n8n.create_workflow(a_workflow(*nodes, **settings))
    n8n.publish(made.id)
    return made.id


def a_schedule(**interval: Any) -> dict[str, Any]:
    return a_node("scheduleTrigger", 1.2, "Every so often", {"rule": {"interval": [interval]}})


def called(n8n: N8n, verb: str, path: str, **more: Any) -> httpx.Response:
    """The answer of a webhook, once it is there."""
    answers: list[httpx.Response] = []

    def there() -> bool:
        answers.append(httpx.request(verb, f"{n8n.origin}/webhook/{path}", timeout=30, **more))
        return answers[-1].status_code != 404

    assert eventually(there)
    return answers[-1]


def test_a_webhook_tells_what_came_in(n8n: N8n) -> None:
    path = a_name()
    published(n8n, a_webhook(path))
    answer = called(n8n, "POST", f"{path}?a=1", json={"x": [1]}, headers={"X-Way": "test"}).json()
    assert (answer["query"], answer["body"], answer["params"]) == ({"a": "1"}, {"x": [1]}, {})
    assert answer["headers"]["x-way"] == "test"
    assert answer["webhookUrl"].endswith(f"/webhook/{path}")
    assert answer["executionMode"] == "production"


def test_a_webhook_may_answer_before_the_run(n8n: N8n) -> None:
    path = a_name()
    published(n8n, a_webhook(path, respond="onReceived"), a_failure("late"))
    answer = called(n8n, "POST", path, json={})
    assert (answer.status_code, answer.json()) == (200, {"message": "Workflow was started"})


def test_a_failed_run_is_answered_without_its_reason(n8n: N8n) -> None:
    path = a_name()
    published(n8n, a_webhook(path), a_failure("secret reason"))
    answer = called(n8n, "POST", path, json={})
    assert (answer.status_code, answer.json()) == (500, {"message": "Error in workflow"})


def test_a_webhook_listens_to_its_own_method(n8n: N8n) -> None:
    path = a_name()
    published(n8n, a_webhook(path))
    called(n8n, "POST", path, json={})
    answer = httpx.get(f"{n8n.origin}/webhook/{path}")
    assert answer.status_code == 404
    assert answer.json()["code"] == 404
    assert "POST" in answer.json()["message"]


def test_nothing_listens_where_nothing_is_published(n8n: N8n) -> None:
    answer = httpx.post(f"{n8n.origin}/webhook/{a_name()}")
    assert answer.status_code == 404
    assert "is not registered" in answer.json()["message"]
    assert "must be active" in answer.json()["hint"]


def test_a_webhook_without_a_path_listens_at_its_id(n8n: N8n) -> None:
    node = a_webhook("")
    del node["parameters"]["path"]
    made = n8n.create_workflow(a_workflow(node, a_set('{"a": 1}')))
    n8n.publish(made.id)
    assert n8n.run(made.document["nodes"][0]["webhookId"], {}) == {"a": 1}


def test_a_path_may_hold_names(n8n: N8n) -> None:
    path = a_name()
    made = n8n.create_workflow(a_workflow(a_webhook(f"{path}/:campaign")))
    n8n.publish(made.id)
    answer = called(n8n, "POST", f"{made.document['nodes'][0]['webhookId']}/{path}/c1", json={})
    assert answer.json()["params"] == {"campaign": "c1"}


def test_all_items_may_be_answered(n8n: N8n) -> None:
    path = a_name()
    hook = a_webhook(path)
    hook["parameters"]["responseData"] = "allEntries"
    rows = a_node(
        "splitOut", 1, "Rows", {"fieldToSplitOut": "body.ids", "options": {"destinationFieldName": "id"}}
    )
    published(n8n, hook, rows)
    assert called(n8n, "POST", path, json={"ids": [1, 2]}).json() == [{"id": 1}, {"id": 2}]


def test_a_run_that_ends_without_items_has_nothing_to_answer(n8n: N8n) -> None:
    path = a_name()
    rows = a_node("splitOut", 1, "Rows", {"fieldToSplitOut": "body.ids", "options": {}})
    published(n8n, a_webhook(path), rows)
    answer = called(n8n, "POST", path, json={})
    assert (answer.status_code, answer.json()["message"]) == (500, "No item to return was found")


def test_only_the_first_output_of_the_last_node_is_answered(n8n: N8n) -> None:
    path = a_name()
    published(n8n, a_webhook(path), an_if(a_condition("={{ $json.body.roas }}", "number", "lt", 2)))
    assert called(n8n, "POST", path, json={"roas": 1}).json()["body"] == {"roas": 1}
    assert called(n8n, "POST", path, json={"roas": 3}).status_code == 500


def test_the_answer_may_have_another_status(n8n: N8n) -> None:
    path = a_name()
    hook = a_webhook(path)
    hook["parameters"]["options"] = {"responseCode": {"values": {"responseCode": 201}}}
    published(n8n, hook, a_set('{"a": 1}'))
    answer = called(n8n, "POST", path, json={})
    assert (answer.status_code, answer.json()) == (201, {"a": 1})


def guarded(n8n: N8n, path: str) -> None:
    body = {"name": a_name(), "type": "httpHeaderAuth", "data": {"name": "X-Key", "value": "s3cret"}}
    made = n8n._wire.call("POST", "/credentials", body=body)
    hook = a_webhook(path)
    hook["parameters"]["authentication"] = "headerAuth"
    hook["credentials"] = {"httpHeaderAuth": {"id": made["id"], "name": "x"}}
    published(n8n, hook, a_set('{"in": true}'))


def test_a_guarded_webhook_takes_its_header_only(n8n: N8n) -> None:
    path = a_name()
    guarded(n8n, path)
    assert n8n.run(path, {}, headers={"X-Key": "s3cret"}) == {"in": True}
    with pytest.raises(Denied):
        n8n.run(path, {}, headers={"X-Key": "wrong"})
    with pytest.raises(Denied):
        n8n.run(path, {})


def test_a_guarded_webhook_needs_its_credential_to_be_published(n8n: N8n) -> None:
    hook = a_webhook(a_name())
    hook["parameters"]["authentication"] = "headerAuth"
    made = n8n.create_workflow(a_workflow(hook))
    with pytest.raises(Refused, match="Missing required credential: httpHeaderAuth"):
        n8n.publish(made.id)


def test_a_schedule_wakes_its_workflow(n8n: N8n) -> None:
    workflow_id = published(n8n, a_schedule(field="seconds", secondsInterval=1), a_set('{"a": 1}'))
    assert eventually(lambda: len(list(n8n.executions(workflow_id=workflow_id, status="success"))) > 1)
    run = n8n.execution(next(iter(n8n.executions(workflow_id=workflow_id, status="success"))).id)
    assert run.mode == "trigger"
    assert run.data
    told = run.data["Every so often"][0]["data"]["main"][0][0]["json"]
    assert told.keys() == {
        "timestamp", "Readable date", "Readable time", "Day of week", "Year", "Month", "Day of month", "Hour",
        "Minute", "Second", "Timezone",
    }  # fmt: skip
    assert told["Timezone"] == "UTC (UTC+00:00)"


def test_a_schedule_of_cron_is_told_the_workflows_time(n8n: N8n) -> None:
    node = a_schedule(field="cronExpression", expression="* * * * * *")
    workflow_id = published(n8n, node, timezone="America/Bogota")
    assert eventually(lambda: any(n8n.executions(workflow_id=workflow_id, status="success")))
    run = n8n.execution(next(iter(n8n.executions(workflow_id=workflow_id, status="success"))).id)
    assert run.data
    told = run.data["Every so often"][0]["data"]["main"][0][0]["json"]
    assert told["Timezone"] == "America/Bogota (UTC-05:00)"
    assert told["timestamp"].endswith("-05:00")


def test_an_unpublished_schedule_sleeps(n8n: N8n) -> None:
    workflow_id = published(n8n, a_schedule(field="seconds", secondsInterval=1))
    assert eventually(lambda: any(n8n.executions(workflow_id=workflow_id)))
    n8n.unpublish(workflow_id)

    def quiet() -> bool:
        before = len(list(n8n.executions(workflow_id=workflow_id)))
        return not eventually(
            lambda: len(list(n8n.executions(workflow_id=workflow_id))) > before, seconds=2.5
        )

    assert eventually(quiet)


def test_a_schedule_that_makes_no_sense_is_published_all_the_same(n8n: N8n) -> None:
    node = a_schedule(field="hours", hoursInterval="[[vk:hours]]")
    assert n8n.workflow(published(n8n, node)).published


def test_failures_wake_the_workflow_that_wants_to_know(n8n: N8n) -> None:
    watch = published(n8n, a_node("errorTrigger", 1, "When one fails", {}))
    path = a_name()
    failing = published(n8n, a_webhook(path), a_failure("budget gone"), errorWorkflow=watch)
    with pytest.raises(Refused):
        n8n.run(path, {})
    assert eventually(lambda: any(n8n.executions(workflow_id=watch, status="success")))
    run = n8n.execution(next(iter(n8n.executions(workflow_id=watch))).id)
    assert run.mode == "error"
    assert run.data
    told = run.data["When one fails"][0]["data"]["main"][0][0]["json"]
    assert told["workflow"]["id"] == failing
    assert told["execution"]["error"]["message"] == "budget gone"
    assert told["execution"]["lastNodeExecuted"] == "Stop"
    assert told["execution"]["mode"] == "webhook"


def test_a_run_may_leave_no_trace(n8n: N8n) -> None:
    path = a_name()
    workflow_id = published(n8n, a_webhook(path), a_set("{}"), saveDataSuccessExecution="none")
    n8n.run(path, {})
    assert eventually(lambda: not any(n8n.executions(workflow_id=workflow_id)))


def test_a_running_one_is_listed_on_demand_and_can_be_stopped(n8n: N8n) -> None:
    path = a_name()
    node = a_node("httpRequest", 4.2, "Ask", {"url": "http://127.0.0.1:9/x", "options": {}})
    again = {**node, "retryOnFail": True, "maxTries": 5, "waitBetweenTries": 5000}
    workflow_id = published(n8n, a_webhook(path, respond="onReceived"), again)
    n8n.run(path, {})
    assert eventually(lambda: any(n8n.executions(workflow_id=workflow_id, status="running")))
    [run] = n8n.executions(workflow_id=workflow_id, status="running")
    assert list(n8n.executions(workflow_id=workflow_id)) == []
    n8n.stop(run.id)
    assert eventually(lambda: n8n.execution(run.id).status == "canceled")


def test_a_retry_begins_at_the_node_that_failed(n8n: N8n) -> None:
    path = a_name()
    workflow_id = published(n8n, a_webhook(path), a_set('{"a": 1}'), a_failure("gone"))
    with pytest.raises(Refused):
        n8n.run(path, {})
    [run] = n8n.executions(workflow_id=workflow_id)
    again = n8n.execution(n8n.retry(run.id).id)
    assert (again.mode, again.status) == ("retry", "error")
    assert again.data
    assert set(again.data) == {"Run now", "VK Params", "Stop"}


def test_a_webhook_goes_with_the_archive(n8n: N8n) -> None:
    path = a_name()
    workflow_id = published(n8n, a_webhook(path))
    n8n.run(path, {})
    n8n.archive(workflow_id)
    assert eventually(lambda: httpx.post(f"{n8n.origin}/webhook/{path}").status_code == 404)


def test_a_missing_webhook_is_waited_for_in_vain(n8n: N8n, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vibekanban.clients.n8n.api.SETTLING", 0.3)
    with pytest.raises(Missing):
        n8n.run(a_name(), {})
