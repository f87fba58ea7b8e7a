from __future__ import annotations

from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.mcp.conftest import Database, Tenant, a_tenant
from vibekanban.core.settings import settings
from vibekanban.domains.access import audit, tokens
from vibekanban.domains.tools.catalogue import TOOLS


@pytest.fixture
def tenant(client: TestClient, database: Database) -> Tenant:
    return a_tenant(database)


def bearer(tenant: Tenant) -> dict[str, str]:
    return {"Authorization": f"Bearer {tenant.token}", "Accept-Language": "en"}


def called(client: TestClient, tenant: Tenant, tool: str, **arguments: object) -> Response:
    return client.post(f"/api/mcp/tools/{tool}", json={"arguments": arguments}, headers=bearer(tenant))


def test_the_list_holds_every_tool_with_its_schemas(client: TestClient, tenant: Tenant) -> None:
    items = client.get("/api/mcp/tools", headers=bearer(tenant)).json()["items"]
    assert {item["name"] for item in items} == TOOLS.keys()
    assert all(item["inputSchema"]["type"] == item["outputSchema"]["type"] == "object" for item in items)


def test_a_call_answers_the_result(client: TestClient, tenant: Tenant) -> None:
    answer = called(client, tenant, "list_campaigns", limit=1)
    assert answer.status_code == 200
    assert answer.json()["result"]["items"][0]["id"] == tenant.campaign_id
    assert int(answer.headers["ratelimit-remaining"]) >= 0


def test_a_call_without_a_body_of_arguments_uses_the_defaults(client: TestClient, tenant: Tenant) -> None:
    answer = client.post("/api/mcp/tools/list_ads", json={}, headers=bearer(tenant))
    assert answer.json()["result"]["hasMore"] is False


@pytest.mark.parametrize(
    ("tool", "arguments", "status", "code"),
    [
        ("get_campaign", {"campaignId": "1"}, 404, "not_found"),
        ("no_such_tool", {}, 404, "unknown_tool"),
        ("list_ads", {"limit": 0}, 422, "invalid_arguments"),
        ("list_ads", {"cursor": "x"}, 400, "bad_cursor"),
    ],
)
def test_a_refusal_has_the_shape_of_every_error(
    client: TestClient, tenant: Tenant, tool: str, arguments: dict[str, object], status: int, code: str
) -> None:
    answer = called(client, tenant, tool, **arguments)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.json().keys() == {"error", "code", "hint", "details", "requestId"}


def test_a_verb_outside_the_scopes_is_forbidden(client: TestClient, database: Database) -> None:
    reader = a_tenant(database, scopes=["read"])
    answer = called(client, reader, "pause_campaign", campaignId=reader.campaign_id)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")


def test_a_wrong_argument_is_named(client: TestClient, tenant: Tenant) -> None:
    answer = called(client, tenant, "list_ads", limit="many")
    assert [field["field"] for field in answer.json()["details"]["fields"]] == ["limit"]


@pytest.mark.parametrize("authorization", ["", "Bearer vkm_nobody", "Bearer a.b.c"])
def test_only_an_mcp_token_opens_the_door(client: TestClient, authorization: str) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    answer = client.get("/api/mcp/tools", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "bad_token")
    assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_revoked_token_is_dead_at_its_next_call(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    with database() as session:
        tokens.revoke(session, UUID(tenant.user_id), UUID(tenant.token_id))
    assert called(client, tenant, "list_ads").status_code == 401


def test_both_doors_share_the_minute(
    client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "mcp_rate_limit_per_minute", 1)
    called(client, tenant, "list_ads")
    answer = called(client, tenant, "list_ads")
    assert (answer.status_code, answer.json()["code"]) == (429, "token_rate_limited")
    assert answer.headers["retry-after"] == str(answer.json()["retryAfter"])


def test_a_call_is_audited_with_its_door(client: TestClient, database: Database, tenant: Tenant) -> None:
    called(client, tenant, "list_ads")
    with database() as session:
        (entry,) = audit.entries(session, UUID(tenant.user_id))
    assert (entry.door, entry.tool) == ("http", "list_ads")
