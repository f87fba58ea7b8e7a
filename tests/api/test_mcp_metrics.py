"""The quick metric read, by both doors, answers, refuses and is audited as the tool is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from redis import Redis

from tests.factories.metrics import a_fact, write
from tests.mcp.conftest import Database, Tenant, a_tenant
from vibekanban import serving
from vibekanban.core import columns, db, events
from vibekanban.core.settings import settings
from vibekanban.domains.access import audit, audit_reads
from vibekanban.domains.access.models import Outcome
from vibekanban.domains.tools import calls, hot

TODAY = columns.now().date()
Given = dict[str, Any]


@pytest.fixture
def client(database: Database) -> Iterator[TestClient]:
    """API and MCP, as every serving process has them."""
    with TestClient(serving.standalone(), base_url="http://localhost:8000") as opened:
        yield opened


def a_tenant_with_days(database: Database, **token: Any) -> Tenant:
    tenant = a_tenant(database, **token)
    days = [TODAY - timedelta(days=ago) for ago in (3, 2, 1)]
    with db.metrics_transaction() as session:
        facts = [a_fact(tenant.meta_ids["campaignId"], day) for day in days]
        write(session, UUID(tenant.account_id), facts, since=days[0], until=days[-1])
    return tenant


def by_http(client: TestClient, token: str, arguments: Given) -> Response:
    headers = {"Authorization": f"Bearer {token}", "Accept-Language": "en"}
    return client.post("/api/mcp/tools/get_metrics", json={"arguments": arguments}, headers=headers)


def by_mcp(client: TestClient, token: str, arguments: Given) -> Response:
    headers = {
        "Authorization": f"Bearer {token}",
        "Accept": "application/json, text/event-stream",
        "MCP-Protocol-Version": "2025-06-18",
    }
    params = {"name": "get_metrics", "arguments": arguments}
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}
    return client.post("/mcp", json=body, headers=headers)


DOORS = {"http": by_http, "mcp": by_mcp}


PASSING = {"ratelimit-remaining", "ratelimit-reset", "retry-after", "x-request-id", "content-length"}


@dataclass(frozen=True)
class Seen:
    """What a call left behind: the answer, and what was written down of it."""

    status: int
    body: Any
    headers: Given
    audit: list[Given]

    @property
    def code(self) -> str | None:
        return self.audit[0]["error_code"] if self.audit else self.body["code"]


def written(client: TestClient, database: Database, tenant: Tenant) -> list[Given]:
    """The tenant's audit, newest first, without what tells one call from the next."""
    assert client.portal is not None
    client.portal.call(audit_reads.written)
    with database() as session:
        rows = [entry.model_dump() for entry in audit.entries(session, UUID(tenant.user_id))]
    passing = {"id", "created_at", "duration_ms"}
    return [{name: value for name, value in row.items() if name not in passing} for row in rows]


def timeless(found: Any) -> Any:
    """Without what tells one moment or one request from the next."""
    if isinstance(found, dict):
        passing = {"ageSeconds", "requestId"}
        return {
            name: timeless(json.loads(value) if name == "text" else value)
            for name, value in found.items()
            if name not in passing
        }
    return [timeless(item) for item in found] if isinstance(found, list) else found


@dataclass(frozen=True)
class Both:
    """Calls a door twice: as served, and with every call sent the tool's own way."""

    client: TestClient
    database: Database
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, door: str, tenant: Tenant, arguments: Given) -> Seen:
        fast = self._seen(door, tenant, arguments)
        with self.monkeypatch.context() as patched:
            patched.setattr(hot, "fits", lambda _arguments: None)
            ordinary = self._seen(door, tenant, arguments)
        assert fast == ordinary
        return fast

    def _seen(self, door: str, tenant: Tenant, arguments: Given) -> Seen:
        before = len(written(self.client, self.database, tenant))
        answer = DOORS[door](self.client, tenant.token, arguments)
        after = written(self.client, self.database, tenant)
        headers = {name: value if name not in PASSING else "" for name, value in answer.headers.items()}
        return Seen(answer.status_code, timeless(answer.json()), headers, after[: len(after) - before])


@pytest.fixture
def both(client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> Both:
    return Both(client, database, monkeypatch)


both_doors = pytest.mark.parametrize("door", DOORS)


@both_doors
@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"limit": 2},
        {"since": (TODAY - timedelta(days=2)).isoformat(), "until": TODAY.isoformat()},
        {"until": (TODAY - timedelta(days=40)).isoformat()},
        {"level": "campaign", "granularity": "day"},
    ],
)
def test_a_result_is_the_same(both: Both, database: Database, door: str, arguments: Given) -> None:
    tenant = a_tenant_with_days(database)
    found = both(door, tenant, {"id": tenant.campaign_id, **arguments})
    assert found.status == 200
    assert [(row["outcome"], row["door"]) for row in found.audit] == [(Outcome.OK, door)]


@both_doors
def test_a_token_without_the_right_to_read_is_refused_alike(
    both: Both, database: Database, door: str
) -> None:
    tenant = a_tenant_with_days(database, scopes=["pause"])
    assert both(door, tenant, {"id": tenant.campaign_id}).code == "scope_missing"


@both_doors
def test_a_campaign_of_another_account_is_not_found_alike(both: Both, database: Database, door: str) -> None:
    tenant, other = a_tenant_with_days(database), a_tenant_with_days(database)
    assert both(door, tenant, {"id": other.campaign_id}).code == "not_found"
    assert both(door, tenant, {"id": other.meta_ids["campaignId"]}).code == "not_found"


@both_doors
@pytest.mark.parametrize(
    "spoilt", [{"expires_at": columns.now() - timedelta(1)}, {"revoked_at": columns.now()}]
)
def test_a_dead_token_is_turned_away_alike(both: Both, database: Database, door: str, spoilt: Given) -> None:
    tenant = a_tenant_with_days(database, **spoilt)
    found = both(door, tenant, {"id": tenant.campaign_id})
    assert (found.status, found.code, found.audit) == (401, "bad_token", [])


@both_doors
@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ({"id": ""}, "invalid_arguments"),
        ({"limit": 0}, "invalid_arguments"),
        ({"since": "2026-02-01", "until": "2026-01-01"}, "invalid_arguments"),
        ({"since": "2019-01-01"}, "invalid"),
        ({"since": "2999-01-01"}, "invalid"),
        ({"cursor": "x"}, "bad_cursor"),
        ({"surprise": 1}, "invalid_arguments"),
    ],
)
def test_wrong_arguments_are_refused_alike(
    both: Both, database: Database, door: str, arguments: Given, code: str
) -> None:
    tenant = a_tenant_with_days(database)
    found = both(door, tenant, {"id": tenant.campaign_id, **arguments})
    assert (found.code, found.audit[0]["outcome"]) == (code, Outcome.REFUSED)


@both_doors
def test_a_token_that_used_up_its_minute_waits_alike(
    both: Both, database: Database, door: str, monkeypatch: pytest.MonkeyPatch, redis: Redis
) -> None:
    tenant = a_tenant_with_days(database)
    monkeypatch.setattr(settings(), "mcp_rate_limit_per_minute", 0)
    found = both(door, tenant, {"id": tenant.campaign_id})
    assert (found.status, found.code, found.audit) == (429, "token_rate_limited", [])


def test_no_argument_reaches_the_audit_with_its_secret(both: Both, database: Database) -> None:
    tenant = a_tenant_with_days(database)
    found = both("http", tenant, {"id": tenant.token[:64]})
    assert tenant.token[:20] not in str(found.audit)


@both_doors
def test_a_plain_read_takes_no_thread_and_no_session(
    client: TestClient, database: Database, door: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = a_tenant_with_days(database)
    monkeypatch.delattr(calls, "_call")
    monkeypatch.delattr(db, "transaction")
    assert DOORS[door](client, tenant.token, {"id": tenant.campaign_id}).status_code == 200


def test_a_body_that_is_more_than_arguments_is_answered_by_the_route(
    client: TestClient, database: Database
) -> None:
    tenant = a_tenant_with_days(database)
    headers = {"Authorization": f"Bearer {tenant.token}"}
    answer = client.post("/api/mcp/tools/get_metrics", json={"arguments": {}, "more": 1}, headers=headers)
    assert (answer.status_code, answer.json()["details"]["fields"][0]["field"]) == (422, "more")


def test_when_the_statement_fails_the_tool_answers(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = a_tenant_with_days(database)

    async def broken(*_given: object) -> None:
        raise psycopg.OperationalError("the connection was lost")

    monkeypatch.setattr(hot, "_look", broken)
    answer = by_http(client, tenant.token, {"id": tenant.campaign_id})
    assert (answer.status_code, len(written(client, database, tenant))) == (200, 1)


def test_a_kept_answer_is_counted_and_audited_like_any_other(client: TestClient, database: Database) -> None:
    tenant = a_tenant_with_days(database)
    answers = [by_http(client, tenant.token, {"id": tenant.campaign_id}) for _ in range(3)]
    left = [int(answer.headers["ratelimit-remaining"]) for answer in answers]
    assert left == [left[0], left[0] - 1, left[0] - 2]
    assert len(written(client, database, tenant)) == 3


def test_stopping_loses_no_audit(database: Database) -> None:
    tenant = a_tenant_with_days(database)
    with TestClient(serving.standalone(), base_url="http://localhost:8000") as client:
        for _ in range(20):
            by_http(client, tenant.token, {"id": tenant.campaign_id})
    with database() as session:
        assert len(audit.entries(session, UUID(tenant.user_id))) == 20


def test_the_audit_survives_a_moment_without_the_database(
    client: TestClient, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = a_tenant_with_days(database)
    monkeypatch.setattr(audit_reads, "PAUSES", (0.0,))
    insert, tries = audit_reads._insert, iter([False])

    async def at_second_try(entries: Any) -> None:
        if next(tries, True):
            await insert(entries)
        else:
            raise psycopg.OperationalError("the connection was lost")

    monkeypatch.setattr(audit_reads, "_insert", at_second_try)
    by_http(client, tenant.token, {"id": tenant.campaign_id})
    assert len(written(client, database, tenant)) == 1


@pytest.mark.parametrize("there", [True, False])
def test_only_an_open_page_hears_of_a_read(
    client: TestClient, database: Database, redis: Redis, there: bool
) -> None:
    tenant = a_tenant_with_days(database)
    listener = redis.pubsub()
    listener.subscribe(events.CHANNEL)
    listener.get_message(timeout=5)
    if there:
        redis.set(f"{events.HERE}{tenant.user_id}", 1)
    by_http(client, tenant.token, {"id": tenant.campaign_id})
    written(client, database, tenant)
    heard = listener.get_message(timeout=0.2)
    assert (json.loads(heard["data"])["topic"] if heard else None) == ("audit" if there else None)
