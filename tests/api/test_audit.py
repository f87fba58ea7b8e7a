from __future__ import annotations

import csv
import io
from uuid import UUID

import pytest
from fastapi.testclient import TestClient

from tests.factories.accounts import bearer
from tests.mcp.conftest import Database, Tenant, a_tenant
from vibekanban.domains.access import audit
from vibekanban.domains.accounts.models import User

AUDIT = "/api/mcp/audit"


@pytest.fixture
def tenant(client: TestClient, database: Database) -> Tenant:
    return a_tenant(database)


def headers(database: Database, tenant: Tenant) -> dict[str, str]:
    with database() as session:
        return bearer(session, session.get_one(User, UUID(tenant.user_id)))


def calls(client: TestClient, tenant: Tenant, *searches: str) -> None:
    for search in searches:
        client.post(
            "/api/mcp/tools/list_campaigns",
            json={"arguments": {"q": search}},
            headers={"Authorization": f"Bearer {tenant.token}"},
        )


def test_calls_are_listed_newest_first_and_paged(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    calls(client, tenant, "a", "b", "c")
    mine = headers(database, tenant)
    first = client.get(AUDIT, params={"limit": 2}, headers=mine).json()
    rest = client.get(AUDIT, params={"cursor": first["nextCursor"]}, headers=mine).json()
    assert [item["arguments"]["q"] for item in first["items"] + rest["items"]] == ["c", "b", "a"]


def test_one_tokens_calls_can_be_asked_for(client: TestClient, database: Database, tenant: Tenant) -> None:
    calls(client, tenant, "a")
    mine = headers(database, tenant)
    own = client.get(AUDIT, params={"tokenId": tenant.token_id}, headers=mine).json()
    other = client.get(AUDIT, params={"tokenId": tenant.user_id}, headers=mine).json()
    assert (len(own["items"]), len(other["items"])) == (1, 0)


def test_another_persons_calls_are_not_shown(client: TestClient, database: Database, tenant: Tenant) -> None:
    calls(client, tenant, "a")
    other = headers(database, a_tenant(database))
    answer = client.get(AUDIT, params={"tokenId": tenant.token_id}, headers=other)
    assert answer.json()["items"] == []


def test_the_whole_audit_is_exported_as_csv(client: TestClient, database: Database, tenant: Tenant) -> None:
    calls(client, tenant, "a", "b")
    answer = client.get(AUDIT, headers={**headers(database, tenant), "Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")
    header, *rows = csv.reader(io.StringIO(answer.text))
    assert tuple(header) == audit.HEADER
    assert [row[header.index("arguments")] for row in rows] == ['{"q":"b"}', '{"q":"a"}']


@pytest.mark.parametrize("query", ["cursor=x", "limit=0", "tokenId=1", "cursor=%00", "limit=x"])
def test_a_bad_query_is_refused(client: TestClient, database: Database, tenant: Tenant, query: str) -> None:
    answer = client.get(f"{AUDIT}?{query}", headers=headers(database, tenant))
    assert answer.status_code in {400, 422}
