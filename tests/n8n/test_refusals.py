"""What n8n refuses, and with which words; status and sentence are the same on both servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.factories.n8n import a_name, a_request, a_set, a_webhook, a_workflow
from tests.factories.n8n_nodes import a_node
from tests.n8n.conftest import Place

Change = Callable[[dict[str, Any]], None]


@pytest.fixture
def raw(place: Place) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=place.url, headers={"X-N8N-API-KEY": place.key}, timeout=30) as client:
        yield client


def told(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["message"]


def document() -> dict[str, Any]:
    return a_workflow(a_webhook(a_name()), a_set("{}"))


def created(raw: httpx.Client, *nodes: dict[str, Any]) -> str:
    return raw.post("/workflows", json=a_workflow(*nodes)).raise_for_status().json()["id"]


def removed(raw: httpx.Client, workflow_id: str) -> None:
    assert raw.delete(f"/workflows/{workflow_id}").status_code == 200


@pytest.mark.parametrize(
    "key",
    ["id", "active", "createdAt", "updatedAt", "isArchived", "versionId", "triggerCount", "meta", "tags"],
)
def test_some_keys_are_for_reading_only(raw: httpx.Client, key: str) -> None:
    answer = raw.post("/workflows", json={**document(), key: None})
    assert told(answer) == (400, f"request/body/{key} is read-only")


@pytest.mark.parametrize("key", ["description", "versionCounter", "parentFolder", "scopes", "anything"])
def test_unknown_keys_are_refused(raw: httpx.Client, key: str) -> None:
    answer = raw.post("/workflows", json={**document(), key: None})
    assert told(answer) == (400, f"request/body Unrecognized key(s) in object: '{key}'")


@pytest.mark.parametrize("key", ["name", "nodes", "settings"])
def test_a_document_is_whole(raw: httpx.Client, key: str) -> None:
    body = document()
    del body[key]
    assert told(raw.post("/workflows", json=body)) == (
        400,
        f"request/body must have required property '{key}'",
    )


def test_a_document_has_connections(raw: httpx.Client) -> None:
    body = document()
    del body["connections"]
    assert told(raw.post("/workflows", json=body)) == (400, "request/body/connections must be object")


def at(*path: str | int, value: Any) -> Change:
    def change(body: dict[str, Any]) -> None:
        found: Any = body
        for part in path[:-1]:
            found = found[part]
        found[path[-1]] = value

    return change


def without(*path: str | int) -> Change:
    def change(body: dict[str, Any]) -> None:
        found: Any = body
        for part in path[:-1]:
            found = found[part]
        del found[path[-1]]

    return change


LINK = ("connections", "Run now", "main", 0, 0)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (at("nodes", value="x"), "request/body/nodes Expected array, received string"),
        (at("nodes", 0, "color", value=1), "request/body/nodes/0 Unrecognized key(s) in object: 'color'"),
        (at("nodes", 0, "id", value=3), "request/body/nodes/0/id Expected string, received number"),
        (
            at("nodes", 0, "disabled", value="x"),
            "request/body/nodes/0/disabled Expected boolean, received string",
        ),
        (
            at("nodes", 0, "maxTries", value="x"),
            "request/body/nodes/0/maxTries Expected number, received string",
        ),
        (
            at("nodes", 0, "retryOnFail", value=1),
            "request/body/nodes/0/retryOnFail Expected boolean, received number",
        ),
        (
            at("nodes", 0, "parameters", value=[]),
            "request/body/nodes/0/parameters Expected object, received array",
        ),
        (
            at("nodes", 0, "typeVersion", value="2"),
            "request/body/nodes/0/typeVersion Expected number, received string",
        ),
        (at("nodes", 0, "createdAt", value="x"), "request/body/nodes/0/createdAt is read-only"),
        (
            at("nodes", 0, "position", 0, value="a"),
            "request/body/nodes/0/position/0 Expected number, received string",
        ),
        (at("settings", "zzz", value=1), "request/body/settings Unrecognized key(s) in object: 'zzz'"),
        (
            at("settings", "callerPolicy", value="x"),
            "request/body/settings/callerPolicy Invalid enum value. Expected 'any' | 'none' | 'workflowsFromAList'"
            " | 'workflowsFromSameOwner', received 'x'",
        ),
        (
            at("settings", "saveDataErrorExecution", value="x"),
            "request/body/settings/saveDataErrorExecution Invalid enum value. Expected 'all' | 'none', received 'x'",
        ),
        (
            at("settings", "executionTimeout", value="x"),
            "request/body/settings/executionTimeout Expected number, received string",
        ),
        (at("name", value=""), "Workflow name must be 1 to 128 characters long."),
        (at("name", value="x" * 129), "Workflow name must be 1 to 128 characters long."),
        (
            without("nodes", 0, "type"),
            "Workflow structure is invalid. nodes[0].type (invalid_type): Required",
        ),
        (
            without("nodes", 0, "position"),
            "Workflow structure is invalid. nodes[0].position (invalid_type): Required",
        ),
        (
            at("nodes", 0, "position", value=[1]),
            "Workflow structure is invalid. nodes[0].position (too_small): Array must contain at least 2 element(s)",
        ),
        (
            at(*LINK, "node", value="No"),
            "Workflow structure is invalid. connections.Run now.main[0][0].node (unknown_connection_target):"
            ' Connection target "No" does not reference an existing node',
        ),
        (
            at(*LINK, "index", value="0"),
            "Workflow structure is invalid. connections.Run now.main[0][0].index (invalid_type):"
            " Expected number, received string",
        ),
        (
            at("connections", "Nix", value={"main": []}),
            "Workflow structure is invalid. connections.Nix (unknown_connection_source):"
            ' Connection source "Nix" does not reference an existing node',
        ),
        (
            at("nodes", 1, "id", value="hook"),
            "Workflow structure is invalid. nodes[1].id (duplicate_node_id):"
            ' Nodes "Run now" and "VK Params" share the node ID "hook"',
        ),
    ],
)
def test_a_document_of_the_wrong_shape_is_refused(raw: httpx.Client, change: Change, said: str) -> None:
    body = document()
    change(body)
    assert told(raw.post("/workflows", json=body)) == (400, said)


@pytest.mark.parametrize(
    ("node", "said"),
    [
        (a_node("set", 99, "Odd", {}), 'Node type "set" is not available in version 99.'),
        (a_node("code", 2, "Odd", {}), "Unrecognized node type: n8n-nodes-base.code"),
        ({**a_node("x", 1, "Odd", {}), "type": "mcp-custom"}, "Unrecognized node type: mcp-custom.undefined"),
        (
            a_node("httpRequest", 4.2, "Odd", {}),
            'Node "Odd":\n  - Missing or invalid required parameters: url',
        ),
        (a_node("stopAndError", 1, "Odd", {}), "Missing or invalid required parameters: errorMessage"),
        (a_node("splitOut", 1, "Odd", {}), "Missing or invalid required parameters: fieldToSplitOut"),
        (a_set("not json", "Odd"), "Missing or invalid required parameters: jsonOutput"),
        (a_set("[1]", "Odd"), "Missing or invalid required parameters: jsonOutput"),
        (
            {
                **a_node(
                    "x", 1.1, "Odd", {"serverTransport": "httpStreamable", "authentication": "bearerAuth"}
                ),
                "type": "@n8n/n8n-nodes-langchain.mcpClient",
            },
            "Missing required credential: httpBearerAuth\n  - Missing or invalid required parameters: endpointUrl, tool",
        ),
    ],
)
def test_what_can_not_run_is_not_published(raw: httpx.Client, node: dict[str, Any], said: str) -> None:
    workflow_id = created(raw, a_webhook(a_name()), node)
    status, message = told(raw.post(f"/workflows/{workflow_id}/publish", json={}))
    removed(raw, workflow_id)
    assert status == 400
    assert said in message


def test_a_request_is_published_without_its_credential(raw: httpx.Client) -> None:
    workflow_id = created(
        raw, a_webhook(a_name()), {**a_request("http://127.0.0.1:9/", "nothing"), "disabled": True}
    )
    assert raw.post(f"/workflows/{workflow_id}/publish", json={}).status_code == 200
    raw.post(f"/workflows/{workflow_id}/unpublish", json={})


def test_a_trigger_that_is_off_is_none(raw: httpx.Client) -> None:
    workflow_id = created(raw, {**a_webhook(a_name()), "disabled": True})
    answer = told(raw.post(f"/workflows/{workflow_id}/publish", json={}))
    removed(raw, workflow_id)
    assert answer == (
        400,
        "Workflow cannot be activated because it has no trigger node. At least one trigger, webhook, or polling node"
        " is required.",
    )


def test_a_published_one_is_not_deleted(raw: httpx.Client) -> None:
    workflow_id = created(raw, a_webhook(a_name()))
    raw.post(f"/workflows/{workflow_id}/publish", json={})
    answer = told(raw.delete(f"/workflows/{workflow_id}"))
    raw.post(f"/workflows/{workflow_id}/unpublish", json={})
    assert answer == (409, "Cannot delete a published workflow. Unpublish it before deleting.")


def test_an_archived_one_is_neither_published_nor_changed(raw: httpx.Client) -> None:
    workflow_id = created(raw, a_webhook(a_name()))
    raw.post(f"/workflows/{workflow_id}/archive", json={})
    published = told(raw.post(f"/workflows/{workflow_id}/publish", json={}))
    changed = told(raw.put(f"/workflows/{workflow_id}", json=document()))
    assert raw.post(f"/workflows/{workflow_id}/unarchive", json={}).status_code == 200
    again = told(raw.post(f"/workflows/{workflow_id}/unarchive", json={}))
    removed(raw, workflow_id)
    assert published == (400, "Cannot activate an archived workflow.")
    assert changed == (400, "Cannot update an archived workflow.")
    assert again == (400, "Workflow is not archived.")


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "said"),
    [
        ("PATCH", "/workflows/x", {}, 405, "PATCH method not allowed"),
        ("POST", "/workflows/x/execute", {}, 405, "POST method not allowed"),
        ("PUT", "/credentials/x", {}, 405, "PUT method not allowed"),
        ("GET", "/workflows/x", None, 404, "Not Found"),
        ("DELETE", "/workflows/x", None, 404, "Not Found"),
        ("GET", "/nothing", None, 404, "not found"),
        ("POST", "/workflows/x/archive", {}, 404, "Workflow not found"),
        (
            "POST", "/workflows/x/publish", {}, 404,
            "You do not have permission to activate this workflow. Ask the owner to share it with you.",
        ),
        ("GET", "/workflows?cursor=xx", None, 400, "An invalid cursor was provided"),
        (
            "GET", "/workflows?active=x", None, 400,
            "request/query/active Invalid enum value. Expected 'true' | 'false', received 'x'",
        ),
        ("GET", "/executions?status=x", None, 400, "request/query/status Invalid enum value."),
        ("GET", "/executions?startedAfter=x", None, 400, "request/query/startedAfter Invalid datetime"),
        ("GET", "/executions/x", None, 400, "request/params/executionId must be a positive integer"),
        ("GET", "/executions/99999999", None, 404, "Not Found"),
        ("GET", "/projects", None, 403, "Forbidden"),
        ("GET", "/variables", None, 403, "Forbidden"),
        ("GET", "/tags", None, 403, "Forbidden"),
        ("GET", "/credentials/x", None, 404, "Credential not found"),
        ("DELETE", "/credentials/x", None, 404, "Not Found"),
        ("GET", "/credentials/schema/nope", None, 404, "Not Found"),
        ("POST", "/credentials", {"name": "abc", "type": "nope", "data": {}}, 400, "req.body.type is not a known type"),
        (
            "POST", "/credentials", {"name": "abc", "type": "httpBearerAuth"}, 400,
            "request/body must have required property 'data'",
        ),
        (
            "POST", "/credentials", {"name": "abc", "type": "httpBearerAuth", "data": {"tok": "x"}}, 400,
            'request.body.data is not allowed to have the additional property "tok"',
        ),
        (
            "POST", "/credentials", {"name": "abc", "type": "httpBearerAuth", "data": {"token": 3}}, 400,
            "request.body.data is not of a type(s) string",
        ),
        (
            "POST", "/credentials",
            {"name": "abc", "type": "httpBearerAuth", "data": {"allowedHttpRequestDomains": "x"}}, 400,
            "request.body.data is not one of enum values: all,domains,none",
        ),
        (
            "POST", "/credentials", {"name": "abc", "type": "httpBearerAuth", "data": {}, "projectId": "x"}, 404,
            "Project not found",
        ),
        ("POST", "/users", {}, 400, "request/body must be array"),
        ("POST", "/users", [{"email": "bad"}], 400, 'request/body/0/email must match format "email"'),
        ("POST", "/users", [{"email": "a@b.co", "role": "x"}], 400, "Role x does not exist"),
        ("GET", "/users/none", None, 400, 'request/params/id must match format "identifier"'),
    ],
)  # fmt: skip
def test_a_call_that_makes_no_sense_is_told_so(
    raw: httpx.Client, verb: str, path: str, body: Any, status: int, said: str
) -> None:
    found, message = told(raw.request(verb, path, json=body))
    assert found == status
    assert message.startswith(said)


def test_a_run_that_never_was_is_neither_stopped_nor_retried(raw: httpx.Client) -> None:
    workflow_id = created(raw, a_webhook(a_name()))
    stopped = told(raw.post("/executions/99999999/stop", json={}))
    retried = told(raw.post("/executions/99999999/retry", json={}))
    removed(raw, workflow_id)
    assert stopped == (404, "Failed to find execution to stop")
    assert retried == (404, 'The execution with the ID "99999999" does not exist.')


@pytest.mark.parametrize("headers", [{}, {"X-N8N-API-KEY": "wrong"}])
def test_without_the_key_nothing_is_told(place: Place, headers: dict[str, str]) -> None:
    assert told(httpx.get(f"{place.url}/workflows", headers=headers)) == (401, "Unauthorized")


def test_the_key_is_no_bearer_token(place: Place) -> None:
    headers = {"Authorization": f"Bearer {place.key}"}
    assert httpx.get(f"{place.url}/workflows", headers=headers).status_code == 401


def test_only_json_is_read(raw: httpx.Client) -> None:
    kind = "application/x-www-form-urlencoded"
    answer = raw.post("/workflows", content=b"a=1", headers={"Content-Type": kind})
    assert told(answer) == (415, f"unsupported media type {kind}")


def test_broken_json_is_a_page_of_an_error(raw: httpx.Client) -> None:
    answer = raw.post("/workflows", content=b'{"a', headers={"Content-Type": "application/json"})
    assert answer.status_code == 500
    assert "Failed to parse request body" in answer.text


def test_a_stranger_does_not_sign_in(place: Place) -> None:
    origin = place.url.removesuffix("/api/v1")
    wrong = {"emailOrLdapLoginId": place.owner.email, "password": "wrong"}
    assert httpx.post(f"{origin}/rest/login", json=wrong).status_code == 401
    assert httpx.post(f"{origin}/rest/login", json={"email": "x", "password": "x"}).status_code == 400
    assert httpx.get(f"{origin}/rest/projects").status_code == 401


def test_an_id_of_ones_own_is_taken_once(raw: httpx.Client) -> None:
    body = {"id": a_name()[:16], "name": "abc", "type": "httpBearerAuth", "data": {"token": "t"}}
    assert raw.post("/credentials", json=body).json()["id"] == body["id"]
    again = told(raw.post("/credentials", json=body))
    assert raw.delete(f"/credentials/{body['id']}").status_code == 200
    assert again == (409, "A credential with this ID already exists")
    assert told(raw.post("/credentials", json={**body, "id": "x" * 17})) == (
        400,
        "request/body/id String must contain at most 16 character(s)",
    )


def test_a_tenant_with_something_published_stays(raw: httpx.Client) -> None:
    email = f"{a_name()}@tenants.vibekanban.com"
    [made] = raw.post("/users", json=[{"email": email, "role": "global:member"}]).json()
    number = made["user"]["id"]
    assert raw.get(f"/users/{email}").json()["isPending"] is True
    assert raw.delete(f"/users/{email}").status_code == 500  # reads by address, and breaks at deleting by one
    assert raw.delete(f"/users/{number}").status_code == 204
    assert raw.get(f"/users/{number}").status_code == 404


def test_versions_are_listed_newest_first(raw: httpx.Client) -> None:
    workflow_id = created(raw, a_webhook(a_name()))
    first = raw.get(f"/workflows/{workflow_id}").json()["versionId"]
    second = raw.put(f"/workflows/{workflow_id}", json=document()).json()["versionId"]
    listed = [one["versionId"] for one in raw.get(f"/workflows/{workflow_id}/history").json()["data"]]
    one = raw.get(f"/workflows/{workflow_id}/versions/{first}").json()
    missing = told(raw.post(f"/workflows/{workflow_id}/publish", json={"versionId": "nope"}))
    removed(raw, workflow_id)
    assert listed == [second, first]
    assert [node["name"] for node in one["nodes"]] == ["Run now"]
    assert missing == (404, "Version not found")
