"""The HTTP Request node, as the real n8n runs it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.factories.n8n import a_name, a_request, a_set, a_webhook, a_workflow
from tests.factories.n8n_nodes import a_node
from tests.n8n.conftest import Outcome
from tests.n8n.platform import Platform
from vibekanban.clients.n8n.api import N8n

Run = Callable[..., Outcome]


def a_call(url: str, **parameters: Any) -> dict[str, Any]:
    return a_node("httpRequest", 4.2, "Ask", {"url": url, "options": {}, **parameters})


def asked(outcome: Run, node: dict[str, Any], payload: Any = None) -> Outcome:
    return outcome(a_workflow(a_webhook(a_name()), node), payload)


def test_an_answer_becomes_an_item(outcome: Run, platform: Platform) -> None:
    platform.answering((200, {"roas": 2}))
    assert asked(outcome, a_call(platform.url)).gave("Ask") == [{"roas": 2}]


def test_an_answer_that_is_a_list_becomes_items(outcome: Run, platform: Platform) -> None:
    platform.answering((200, [{"id": 1}, {"id": 2}]))
    assert asked(outcome, a_call(platform.url)).gave("Ask") == [{"id": 1}, {"id": 2}]


def test_an_answer_that_is_text_stands_under_data(outcome: Run, platform: Platform) -> None:
    platform.answering((200, "hello"))
    assert asked(outcome, a_call(platform.url)).gave("Ask") == [{"data": "hello"}]


def test_an_address_is_made_of_what_came_in(outcome: Run, platform: Platform) -> None:
    asked(outcome, a_call("=" + platform.url + "/{{ $json.body.id }}/metrics"), {"id": "c 1"})
    assert platform.arrivals[0].path == "/campaigns/c%201/metrics"


def test_a_query_and_headers_are_sent(outcome: Run, platform: Platform) -> None:
    node = a_call(
        platform.url,
        sendQuery=True,
        queryParameters={
            "parameters": [{"name": "days", "value": "={{ 7 }}"}, {"name": "q", "value": "a b"}]
        },
        sendHeaders=True,
        headerParameters={"parameters": [{"name": "X-Way", "value": "rule"}]},
    )
    asked(outcome, node)
    assert platform.arrivals[0].path.replace("+", "%20") == "/campaigns?days=7&q=a%20b"
    assert platform.arrivals[0].headers["x-way"] == "rule"


@pytest.mark.parametrize(
    "parameters",
    [
        {"specifyBody": "json", "jsonBody": "={{ { reason: 'roas ' + $json.body.roas } }}"},
        {"specifyBody": "json", "jsonBody": '={ "reason": "roas {{ $json.body.roas }}" }'},
        {"bodyParameters": {"parameters": [{"name": "reason", "value": "=roas {{ $json.body.roas }}"}]}},
    ],
)
def test_a_body_is_sent_as_json(outcome: Run, platform: Platform, parameters: dict[str, Any]) -> None:
    asked(outcome, a_call(platform.url, method="POST", sendBody=True, **parameters), {"roas": 1})
    [arrival] = platform.arrivals
    assert (arrival.method, arrival.body) == ("POST", {"reason": "roas 1"})
    assert arrival.headers["content-type"].startswith("application/json")


def test_every_item_is_a_call(outcome: Run, platform: Platform) -> None:
    rows = a_node(
        "splitOut", 1, "Rows", {"fieldToSplitOut": "body.ids", "options": {"destinationFieldName": "id"}}
    )
    call = a_call("=" + platform.url + "/{{ $json.id }}")
    outcome(a_workflow(a_webhook(a_name()), rows, call), {"ids": [1, 2]})
    assert sorted(one.path for one in platform.arrivals) == ["/campaigns/1", "/campaigns/2"]


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Bad request - please check your parameters"),
        (401, "Authorization failed - please check your credentials"),
        (403, "Forbidden - perhaps check your credentials?"),
        (404, "The resource you are requesting could not be found"),
        (429, "The service is receiving too many requests from you"),
        (409, "Your request is invalid or could not be processed by the service"),
        (500, "The service was not able to process your request"),
    ],
)
def test_a_refusal_fails_the_node(outcome: Run, platform: Platform, status: int, said: str) -> None:
    platform.answering((status, {"error": {"message": "paused already"}}))
    found = asked(outcome, a_call(platform.url))
    assert found.status == "error"
    assert said in found.error
    assert "paused already" in found.error


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"detail": [{"msg": "bad"}, {"msg": "worse"}]}, "bad | worse"),
        ({"errors": ["one", "two"]}, "one | two"),
        ("boom", "boom"),
    ],
)
def test_a_refusal_is_told_in_the_services_words(
    outcome: Run, platform: Platform, answer: Any, said: str
) -> None:
    platform.answering((400, answer))
    assert asked(outcome, a_call(platform.url)).error.endswith(said)


@pytest.mark.parametrize(("answer", "expected"), [("", [{}]), (None, [{}]), ([], [])])
def test_an_empty_answer_is_an_empty_item_or_none(
    outcome: Run, platform: Platform, answer: Any, expected: list[Any]
) -> None:
    platform.answering((200, answer))
    assert asked(outcome, a_call(platform.url)).gave("Ask") == expected


@pytest.mark.parametrize(
    ("parameters", "kind", "body"),
    [
        ({"contentType": "raw", "rawContentType": "text/csv", "body": "a,b"}, "text/csv", "a,b"),
        (
            {
                "contentType": "form-urlencoded",
                "bodyParameters": {"parameters": [{"name": "a", "value": "b c"}]},
            },
            "application/x-www-form-urlencoded",
            "a=b%20c",
        ),
    ],
)
def test_a_body_may_have_another_kind(
    outcome: Run, platform: Platform, parameters: dict[str, Any], kind: str, body: str
) -> None:
    asked(outcome, a_call(platform.url, method="POST", sendBody=True, **parameters))
    [arrival] = platform.arrivals
    assert (arrival.headers["content-type"], arrival.body) == (kind, body)


@pytest.mark.parametrize("value", ['{"a":', "={{ $json.nothing }}"])
def test_a_body_that_is_no_json_is_not_sent(outcome: Run, platform: Platform, value: str) -> None:
    node = a_call(platform.url, method="POST", sendBody=True, specifyBody="json", jsonBody=value)
    assert 'The value in the "JSON Body" field is not valid JSON' in asked(outcome, node).error
    assert platform.arrivals == []


def test_an_address_that_is_no_text_is_refused(outcome: Run) -> None:
    assert "URL parameter must be a string, got number" in asked(outcome, a_call("={{ 3 }}")).error


def test_nobody_there_fails_the_node(outcome: Run) -> None:
    found = asked(outcome, a_call("http://127.0.0.1:9/nobody"))
    assert "The service refused the connection - perhaps it is offline" in found.error


def test_an_address_must_be_one(outcome: Run) -> None:
    found = asked(outcome, a_call("ftp://elsewhere/x"))
    assert 'Invalid URL: ftp://elsewhere/x. URL must start with "http" or "https".' in found.error


def test_a_failed_call_is_tried_again(outcome: Run, platform: Platform) -> None:
    platform.answering((503, {}), (503, {}), (200, {"ok": 1}))
    node = {**a_call(platform.url), "retryOnFail": True, "maxTries": 3, "waitBetweenTries": 10}
    assert asked(outcome, node).gave("Ask") == [{"ok": 1}]
    assert len(platform.arrivals) == 3


def test_a_call_is_tried_so_many_times_only(outcome: Run, platform: Platform) -> None:
    platform.answering((503, {}))
    node = {**a_call(platform.url), "retryOnFail": True, "maxTries": 2, "waitBetweenTries": 10}
    assert asked(outcome, node).status == "error"
    assert len(platform.arrivals) == 2


def test_a_failure_may_become_an_item(outcome: Run, platform: Platform) -> None:
    platform.answering((404, {"message": "gone"}))
    node = {**a_call(platform.url), "onError": "continueRegularOutput"}
    found = outcome(a_workflow(a_webhook(a_name()), node, a_set('{"went": "on"}')))
    assert found.status == "success"
    assert "error" in found.gave("Ask")[0]
    assert found.gave("VK Params") == [{"went": "on"}]


def test_a_failure_may_leave_by_its_own_output(outcome: Run, platform: Platform) -> None:
    platform.answering((404, {"message": "gone"}))
    found = asked(outcome, {**a_call(platform.url), "onError": "continueErrorOutput"}, {"came": 1})
    assert found.gave("Ask", 0) == []
    [item] = found.gave("Ask", 1)
    assert item["body"] == {"came": 1}  # what came in, with the error beside it
    assert item["error"]["status"] == 404
    assert "gone" in item["error"]["message"]


def test_an_answer_may_be_shown_whole(outcome: Run, platform: Platform) -> None:
    platform.answering((404, {"message": "gone"}))
    options = {"response": {"response": {"fullResponse": True, "neverError": True}}}
    [item] = asked(outcome, a_call(platform.url, options=options)).gave("Ask")
    assert (item["statusCode"], item["body"]) == (404, {"message": "gone"})


def test_a_run_ends_when_its_time_is_up(outcome: Run, platform: Platform) -> None:
    platform.answering((503, {}))
    node = {**a_call(platform.url), "retryOnFail": True, "maxTries": 5, "waitBetweenTries": 5000}
    document = a_workflow(a_webhook(a_name()), node)
    assert outcome(document, executionTimeout=2).status == "canceled"


def test_a_header_credential_is_sent(n8n: N8n, outcome: Run, platform: Platform) -> None:
    body = {"name": a_name(), "type": "httpHeaderAuth", "data": {"name": "X-Key", "value": "s3cret"}}
    made = n8n._wire.call("POST", "/credentials", body=body)
    node = a_call(platform.url, authentication="genericCredentialType", genericAuthType="httpHeaderAuth")
    node["credentials"] = {"httpHeaderAuth": {"id": made["id"], "name": "x"}}
    asked(outcome, node)
    assert platform.arrivals[0].headers["x-key"] == "s3cret"


def test_a_credential_that_is_not_there_is_named(outcome: Run, platform: Platform) -> None:
    found = asked(outcome, a_request(platform.url, "nothing"))
    assert 'Credential with ID "nothing" does not exist for type "httpBearerAuth".' in found.error
    assert platform.arrivals == []
