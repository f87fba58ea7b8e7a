from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_connection, an_account
from tests.mcp.conftest import Database

TOKENS = "/api/mcp/tokens"


@dataclass(frozen=True)
class Person:
    headers: dict[str, str]
    account_id: str


def a_person(database: Database) -> Person:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        return Person(bearer(session, user), str(account.id))


@pytest.fixture
def person(client: TestClient, database: Database) -> Person:
    return a_person(database)


def made(client: TestClient, person: Person, **values: Any) -> Any:
    body = {"name": "n8n", "accountIds": [person.account_id], "scopes": ["read", "pause"], **values}
    return client.post(TOKENS, json=body, headers=person.headers)


def test_the_secret_is_in_the_answer_of_the_creation_only(client: TestClient, person: Person) -> None:
    created = made(client, person)
    assert created.status_code == 201
    secret = created.json()["secret"]
    listed = client.get(TOKENS, headers=person.headers)
    assert secret.startswith("vkm_")
    assert secret not in listed.text
    assert listed.json()["items"] == [created.json()["token"]]


def test_a_created_token_works(client: TestClient, person: Person) -> None:
    secret = made(client, person).json()["secret"]
    answer = client.get("/api/mcp/tools", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200


def test_rotating_answers_a_new_secret_and_kills_the_old(client: TestClient, person: Person) -> None:
    old = made(client, person).json()
    new = client.post(f"{TOKENS}/{old['token']['id']}/rotate", headers=person.headers).json()

    def status(secret: str) -> int:
        return client.get("/api/mcp/tools", headers={"Authorization": f"Bearer {secret}"}).status_code

    assert (status(old["secret"]), status(new["secret"])) == (401, 200)


def test_revoking_answers_nothing_and_kills_the_token(client: TestClient, person: Person) -> None:
    token = made(client, person).json()
    assert client.delete(f"{TOKENS}/{token['token']['id']}", headers=person.headers).status_code == 204
    dead = client.get("/api/mcp/tools", headers={"Authorization": f"Bearer {token['secret']}"})
    assert dead.status_code == 401


def test_a_token_gets_another_name(client: TestClient, person: Person) -> None:
    token = made(client, person).json()["token"]
    renamed = client.patch(f"{TOKENS}/{token['id']}", json={"name": "agente"}, headers=person.headers)
    assert renamed.json()["name"] == "agente"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"name": " "}, "name"),
        ({"accountIds": []}, "accountIds"),
        ({"scopes": []}, "scopes"),
        ({"scopes": ["fly"]}, "scopes.0"),
        ({"policy": {"maxBudget": 5}}, "policy.maxBudget"),
        ({"expiresAt": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ({"expiresAt": "2030-01-01T00:00:00"}, "expiresAt"),
        ({"accountIds": ["0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"]}, "accountIds"),
    ],
)
def test_a_wrong_field_is_named(
    client: TestClient, person: Person, values: dict[str, Any], field: str
) -> None:
    answer = made(client, person, **values)
    assert answer.status_code == 422
    assert [wrong["field"] for wrong in answer.json()["details"]["fields"]] == [field]


def test_another_persons_account_can_not_be_opened(
    client: TestClient, database: Database, person: Person
) -> None:
    other = a_person(database)
    answer = made(client, person, accountIds=[person.account_id, other.account_id])
    assert [wrong["field"] for wrong in answer.json()["details"]["fields"]] == ["accountIds"]


@pytest.mark.parametrize(("method", "path"), [("DELETE", ""), ("POST", "/rotate"), ("PATCH", "")])
def test_another_persons_token_is_not_found(
    client: TestClient, database: Database, person: Person, method: str, path: str
) -> None:
    token = made(client, a_person(database)).json()["token"]
    body = {"name": "x"} if method == "PATCH" else None
    answer = client.request(method, f"{TOKENS}/{token['id']}{path}", json=body, headers=person.headers)
    assert answer.status_code == 404


def test_the_list_is_paged(client: TestClient, person: Person) -> None:
    ids = [made(client, person).json()["token"]["id"] for _ in range(3)]
    first = client.get(TOKENS, params={"limit": 2}, headers=person.headers).json()
    rest = client.get(TOKENS, params={"limit": 2, "cursor": first["nextCursor"]}, headers=person.headers)
    assert [item["id"] for item in first["items"] + rest.json()["items"]] == ids[::-1]
    assert rest.json()["nextCursor"] is None


def test_an_mcp_token_can_not_make_tokens(client: TestClient, person: Person) -> None:
    secret = made(client, person).json()["secret"]
    answer = client.get(TOKENS, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 401
