"""What the fast lane answers is what the route answers; what it leaves alone reaches the route."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import pytest
import redis.exceptions
from fastapi.testclient import TestClient
from httpx2 import Response

from tests.mcp.conftest import Database, Tenant, a_tenant
from vibekanban.api import fast_lane
from vibekanban.core import counting
from vibekanban.core.settings import settings
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


PASSING = {"ratelimit-remaining", "ratelimit-reset", "retry-after"}


@dataclass(frozen=True)
class Both:
    """Asks twice: as served, and with everything sent through the middleware to its route."""

    client: TestClient
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, headers: dict[str, str]) -> Response:
        fast = self.client.get(LIST, headers=headers)
        with self.monkeypatch.context() as patched:
            patched.setattr(fast_lane, "LANES", {})
            ordinary = self.client.get(LIST, headers=headers)
        assert (fast.status_code, timeless(fast)) == (ordinary.status_code, timeless(ordinary))
        assert steady(fast) == steady(ordinary)
        return fast


def timeless(answer: Response) -> dict[str, object]:
    """Without the seconds that are left of a window."""
    body = answer.json()
    return {**body, "details": None, "error": None, "retryAfter": None} if "retryAfter" in body else body


def steady(answer: Response) -> dict[str, str]:
    return {name: "" if name in PASSING else value for name, value in answer.headers.items()}


@pytest.fixture
def both(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> Both:
    return Both(client, monkeypatch)


def test_a_plain_list_is_the_routes(both: Both, database: Database, tenant: Tenant) -> None:
    found = both(bearer(database, tenant))
    assert found.status_code == 200
    assert found.json()["items"][0]["id"] == tenant.campaign_id
    assert found.headers["x-request-id"] == "the-same-id"


@pytest.mark.parametrize("authorization", ["", "Bearer nobody", "Basic dXNlcg==", "Bearer vkm_nobody"])
def test_who_is_nobody_is_refused_alike(both: Both, authorization: str) -> None:
    assert both({"Authorization": authorization, "X-Request-ID": "the-same-id"}).status_code == 401


def test_who_asks_too_often_waits_alike(
    both: Both, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = bearer(database, tenant)
    monkeypatch.setattr(settings(), "rate_limit_requests", 1)
    assert both.client.get(LIST, headers=headers).status_code == 200
    found = both(headers)
    assert (found.status_code, found.json()["code"]) == (429, "too_many_requests")
    assert found.headers["ratelimit-remaining"] == "0"


def test_without_redis_it_answers_alike(
    both: Both, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_given: object) -> None:
        raise redis.exceptions.ConnectionError("Redis is away")

    headers = bearer(database, tenant)
    monkeypatch.setattr(counting, "count", away)
    found = both(headers)
    assert (found.status_code, "ratelimit-limit" in found.headers) == (200, False)


def test_a_bug_of_ours_is_answered_alike(
    both: Both, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_given: object, **_more: object) -> str:
        raise RuntimeError("a bug")

    monkeypatch.setattr(hot_campaigns, "campaigns", broken)
    found = both(bearer(database, tenant))
    assert (found.status_code, found.json()["code"]) == (500, "unexpected")
    assert found.json()["requestId"] == "the-same-id"


def test_each_request_is_counted_once(
    client: TestClient, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = bearer(database, tenant)
    before = int(client.get(LIST, headers=headers).headers["ratelimit-remaining"])
    with monkeypatch.context() as patched:
        patched.setattr(hot_campaigns, "first_page", once_lost(hot_campaigns.first_page))
        after = int(client.get(LIST, headers=headers).headers["ratelimit-remaining"])
    assert before - after == 1


def test_an_address_that_guesses_tokens_is_barred_here_too(
    client: TestClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "rate_limit_requests", 2)
    body = {"arguments": {"id": tenant.campaign_id}}

    def called(token: str) -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return client.post("/api/mcp/tools/get_metrics", json=body, headers=headers).status_code

    assert [called(token) for token in ("vkm_a", "vkm_b", "vkm_c", tenant.token)] == [401, 401, 429, 429]


def test_an_ended_session_is_refused_at_once(client: TestClient, database: Database, tenant: Tenant) -> None:
    headers = bearer(database, tenant)
    assert client.get(LIST, headers=headers).status_code == 200
    with database() as session:
        sessions.end_all(session, UUID(tenant.user_id))
    assert client.get(LIST, headers=headers).status_code == 401


def test_a_kept_list_is_counted_and_measured_like_any_other(
    client: TestClient, database: Database, tenant: Tenant
) -> None:
    headers = bearer(database, tenant)
    first, second = (client.get(LIST, headers=headers) for _ in range(2))
    assert (first.json(), steady(first)) == (second.json(), steady(second))
    left = [int(answer.headers["ratelimit-remaining"]) for answer in (first, second)]
    assert left[0] - left[1] == 1


def test_a_table_is_the_routes(client: TestClient, database: Database, tenant: Tenant) -> None:
    answer = client.get(LIST, headers={**bearer(database, tenant), "Accept": "text/csv"})
    assert answer.headers["content-type"].startswith("text/csv")


def test_parameters_are_the_routes(client: TestClient, database: Database, tenant: Tenant) -> None:
    answer = client.get(LIST, params={"limit": 0}, headers=bearer(database, tenant))
    assert answer.status_code == 422


def test_a_lost_database_connection_is_the_routes(
    client: TestClient, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hot_campaigns, "first_page", once_lost(hot_campaigns.first_page))
    assert client.get(LIST, headers=bearer(database, tenant)).status_code == 200


def once_lost(read: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
    """The read, but the first time its connection is lost."""
    lost = iter([True])

    async def reading(*given: object, **more: object) -> Any:
        if next(lost, False):
            raise psycopg.OperationalError("the connection was lost")
        return await read(*given, **more)

    return reading
