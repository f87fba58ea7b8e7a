"""Every route of the served document, also one added tomorrow, is called with another person's ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import Session

from tests.factories.accounts import a_user, bearer
from tests.factories.tenants import Tenant, a_tenant, everything_of
from vibekanban.api import reference
from vibekanban.api.app import create_api
from vibekanban.core.columns import new_id

Database = Callable[[], AbstractContextManager[Session]]
MARK = "Ajeno"
METHODS = {"get", "post", "put", "patch", "delete"}
ADMINISTRATION = "/api/users/{user_id}"  # reached by its role alone
# no ids of ours: a tool's, whose ids tests/mcp walks, and Meta's of a video, behind an account of one's own
NOT_IDS = {"name": "{name}", "video_id": "1"}
ALLOWED = {
    "role": "TRAFICER", "kind": "account", "name": "Yo", "scopes": ["read"],
    "template": "pause_without_results", "executionId": "1", "status": "success",
    "title": "Yo", "text": "Yo", "stage": "done", "labels": [], "assigneeId": None, "stopped": True, "accountIds": [],
    "objective": "OUTCOME_TRAFFIC", "optimizationGoal": "LINK_CLICKS", "creativeId": "1",
    "targeting": {"geo_locations": {"countries": ["ES"]}},
    "action": "pause", "mayExport": True,
    "definition": {"accountId": "00000000-0000-0000-0000-000000000000"},
    "email": "yo@example.com", "accept": True, "amount": "1",
    "type": "BUDGET_THRESHOLD", "condition": {"metric": "spend", "operator": ">", "value": 1},
}  # fmt: skip
# What a place needs beside the other person's id to be looked at.
BESIDE = {
    "get /api/meta/targeting query:accountId": {"kind": "places", "q": "madrid"},
    "post /api/sharing/links body:reportId": {"kind": "report"},
}
# Lists of ids in bodies: what a call answers where nothing of the list is one's own.
OF_NOTHING = {
    "post /api/mcp/tokens body:accountIds": 422,
    "post /api/notifications/read body:ids": 200,
    "post /api/meta/alerts body:channels": 422,
    "put /api/board/targets body:campaignId": 422,
    "post /api/meta/alerts/backtest body:channels": 422,
    "post /api/automations body:accountIds": 422,
    "post /api/webhooks/n8n/{subscription_id} path:subscription_id": 401,
}
OTHERWISE = {
    "": "notification",
    "object": "campaign",
    "above": "card",
    "assignee": "user",
    "adset": "ad_set",
    "channels": "channel",
}
DOCUMENT: dict[str, Any] = create_api().openapi()


@dataclass(frozen=True)
class Hole:
    """A place of a call that takes somebody's id."""

    method: str
    path: str
    where: str
    name: str

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.where}:{self.name}"


def is_id(schema: dict[str, Any]) -> bool:
    return "'format': 'uuid'" in str(schema)


def body_of(operation: dict[str, Any]) -> dict[str, Any]:
    """The fields of a call's body, by name."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    named = re.search(r"#/components/schemas/(\w+)", str(content))
    return DOCUMENT["components"]["schemas"][named[1]] if named else {}


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        yield from ((method, path, operation) for method, operation in item.items() if method in METHODS)


def holes() -> list[Hole]:
    found = []
    for method, path, operation in operations():
        places = [(one["in"], one["name"], one["schema"]) for one in operation.get("parameters", [])]
        places += [
            ("body", name, schema) for name, schema in body_of(operation).get("properties", {}).items()
        ]
        found += [Hole(method, path, where, name) for where, name, schema in places if is_id(schema)]
    return found


def id_for(name: str, theirs: Tenant) -> str:
    """The other person's id of what a place is named for."""
    thing = re.sub(r"_?ids?$", "", re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower())
    return str(theirs.ids[OTHERWISE.get(thing, thing)])


def called(client: TestClient, hole: Hole, theirs: Tenant, headers: dict[str, str]) -> Any:
    """The call, with the other person's id in that place and what else it needs."""
    operation = DOCUMENT["paths"][hole.path][hole.method]
    value = id_for(hole.name, theirs)
    path = re.sub(r"{(\w+)}", lambda part: NOT_IDS.get(part[1]) or id_for(part[1], theirs), hole.path)
    schema = body_of(operation)
    body = {name: ALLOWED[name] for name in schema.get("required", []) if name in ALLOWED}
    if hole.where == "body":
        body |= BESIDE.get(str(hole), {})
        body[hole.name] = [value] if "'array'" in str(schema["properties"][hole.name]) else value
    query = {hole.name: value, **BESIDE.get(str(hole), {})} if hole.where == "query" else {}
    return client.request(hole.method, path, params=query, headers=headers, json=body if schema else None)


def test_every_part_of_an_address_is_known_to_be_an_id_or_not() -> None:
    parts = {part for path in DOCUMENT["paths"] for part in re.findall(r"{(\w+)}", path)}
    assert parts == NOT_IDS.keys() | {hole.name for hole in holes() if hole.where == "path"}


def test_the_document_that_is_walked_is_the_one_that_is_served(client: TestClient) -> None:
    assert client.get(reference.OPENAPI).json()["paths"].keys() == DOCUMENT["paths"].keys()


@pytest.mark.parametrize("hole", [hole for hole in holes() if hole.path != ADMINISTRATION], ids=str)
def test_another_persons_id_does_not_exist(client: TestClient, database: Database, hole: Hole) -> None:
    with database() as session:
        theirs = a_tenant(session, MARK)
        headers = bearer(session, a_user(session, name="Yo"))
    with database() as session:
        before = everything_of(session, theirs.user_id)
    answer = called(client, hole, theirs, headers)
    with database() as session:
        assert everything_of(session, theirs.user_id) == before
    assert MARK not in answer.text
    if hole.where == "query" and answer.status_code == 200:
        assert answer.json() == {"items": [], "nextCursor": None}
    else:
        assert answer.status_code == OF_NOTHING.get(str(hole), 404), answer.text


def test_another_persons_role_and_access_are_for_administrators(
    client: TestClient, database: Database
) -> None:
    with database() as session:
        theirs = a_tenant(session, MARK)
        headers = bearer(session, a_user(session))
    with database() as session:
        before = everything_of(session, theirs.user_id)
    (hole,) = [hole for hole in holes() if hole.path == ADMINISTRATION]
    assert called(client, hole, theirs, headers).status_code == 403
    with database() as session:
        assert everything_of(session, theirs.user_id) == before


@pytest.mark.parametrize("method", ["pause", "resume"])
@pytest.mark.parametrize("kind", ["campaigns", "adsets", "ads"])
def test_an_id_that_nobody_has_answers_the_same_as_somebody_elses(
    client: TestClient, database: Database, kind: str, method: str
) -> None:
    with database() as session:
        theirs = a_tenant(session, MARK)
        headers = bearer(session, a_user(session))
    thing = {"campaigns": "campaign", "adsets": "ad_set", "ads": "ad"}[kind]
    answers = [
        client.post(f"/api/meta/{kind}/{object_id}/{method}", headers=headers).json()
        for object_id in (theirs.ids[thing], new_id())
    ]
    foreign, unknown = ({**answer, "requestId": ""} for answer in answers)
    assert foreign == unknown
