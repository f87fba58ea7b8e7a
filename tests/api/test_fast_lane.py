"""What the fast lane answers is what the route answers; what it leaves alone reaches the route."""

from __future__ import annotations

from uuid import UUID

import psycopg
import pytest
from fastapi.testclient import TestClient

from tests.mcp.conftest import Database, Tenant, a_tenant
from vibekanban.api import fast_lane
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import hot_campaigns

LIST = "/api/meta/campaigns"


@pytest.fixture
def tenant(client: TestClient, database: Database) -> Tenant:
    return a_tenant(database)


def bearer(database: Database, tenant: Tenant) -> dict[str, str]:
    with database() as session:
        user = session.get_one(User, UUID(tenant.user_id))
        opened = sessions.open_api_session(session, user, address="", user_agent="")
    return {"Authorization": f"Bearer {opened.token}", "X-Request-ID": "the-same-id"}


def test_a_plain_list_is_the_routes(
    client: TestClient, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = bearer(database, tenant)
    fast = client.get(LIST, headers=headers)
    with monkeypatch.context() as patched:
        patched.setattr(fast_lane, "LANES", {})
        ordinary = client.get(LIST, headers=headers)
    assert (fast.status_code, fast.json()) == (200, ordinary.json())
    passing = {"ratelimit-remaining", "ratelimit-reset"}
    assert {*fast.headers.items()} ^ {*ordinary.headers.items()} <= {
        (name, fast.headers[name]) for name in passing
    } | {(name, ordinary.headers[name]) for name in passing}
    assert fast.json()["items"][0]["id"] == tenant.campaign_id


@pytest.mark.parametrize("authorization", ["", "Bearer nobody", "Basic dXNlcg==", "Bearer vkm_nobody"])
def test_who_is_nobody_is_refused_alike(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, authorization: str
) -> None:
    headers = {"Authorization": authorization, "X-Request-ID": "the-same-id"}
    fast = client.get(LIST, headers=headers)
    with monkeypatch.context() as patched:
        patched.setattr(fast_lane, "LANES", {})
        ordinary = client.get(LIST, headers=headers)
    assert (fast.status_code, fast.json()) == (401, ordinary.json())


def test_an_ended_session_is_refused_at_once(client: TestClient, database: Database, tenant: Tenant) -> None:
    headers = bearer(database, tenant)
    assert client.get(LIST, headers=headers).status_code == 200
    with database() as session:
        sessions.end_all(session, UUID(tenant.user_id))
    assert client.get(LIST, headers=headers).status_code == 401


def test_a_table_is_the_routes(client: TestClient, database: Database, tenant: Tenant) -> None:
    answer = client.get(LIST, headers={**bearer(database, tenant), "Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")


def test_parameters_are_the_routes(client: TestClient, database: Database, tenant: Tenant) -> None:
    answer = client.get(LIST, params={"limit": 0}, headers=bearer(database, tenant))
    assert answer.status_code == 422


def test_a_lost_database_connection_is_the_routes(
    client: TestClient, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, lost = hot_campaigns.campaigns, iter([True])

    async def once_lost(*given: object, **more: object) -> str:
        if next(lost, False):
            raise psycopg.OperationalError("the connection was lost")
        return await read(*given, **more)  # pyright: ignore[reportArgumentType]

    monkeypatch.setattr(hot_campaigns, "campaigns", once_lost)
    assert client.get(LIST, headers=bearer(database, tenant)).status_code == 200
