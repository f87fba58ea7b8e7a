"""Long calls that their client follows: progress on the way, calling off, and plain answers for who does not ask."""

from __future__ import annotations

import json
import threading
from typing import Any, Literal
from uuid import UUID

import pytest
from mcp import Client
from sqlmodel import select

from tests.mcp.conftest import Database, Server, Tenant, a_tenant
from vibekanban.core import broker
from vibekanban.domains.access import audit
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.models import Sync, SyncStatus

ACCEPT = {"Accept": "application/json, text/event-stream", "Mcp-Protocol-Version": "2025-06-18"}


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return a_tenant(database)


def asked(tenant: Tenant, number: int, **meta: Any) -> dict[str, Any]:
    params = {"name": "sync_account", "arguments": {"accountId": tenant.account_id}, **meta}
    return {"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params}


def end(database: Database) -> None:
    """The worker's last word on the account's sync."""
    with database() as session:
        sync = session.exec(select(Sync)).one()
        sync.progress = 100
        syncs.end(session, sync, SyncStatus.DONE, hop=sync.hop)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_client_that_asks_is_told_how_far_it_is(
    server: Server, database: Database, tenant: Tenant, mode: Literal["auto", "legacy"]
) -> None:
    told: list[tuple[float, float | None, str | None]] = []

    async def heard(progress: float, total: float | None, message: str | None) -> None:
        if not told:
            end(database)
        told.append((progress, total, message))

    async def use(client: Client) -> Any:
        return await client.call_tool(
            "sync_account", {"accountId": tenant.account_id}, progress_callback=heard
        )

    called = server.mcp(tenant.token, use, mode=mode)
    assert called.structured_content["status"] == "done"
    assert (told[0], told[-1]) == ((0, 100, "En cola"), (100, 100, "Al día"))


def test_who_does_not_ask_gets_one_json_answer_at_once(server: Server, tenant: Tenant) -> None:
    with server.http(tenant.token, **ACCEPT) as http:
        answer = http.post("/mcp", json=asked(tenant, 1))
    assert answer.headers["content-type"].startswith("application/json")
    assert json.loads(answer.json()["result"]["content"][0]["text"])["status"] == "queued"


def test_a_client_that_calls_off_is_answered_so_and_it_is_audited(
    server: Server, database: Database, tenant: Tenant
) -> None:
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}

    def call_off() -> None:
        with server.http(tenant.token, **ACCEPT) as http:
            assert http.post("/mcp", json=cancel).status_code == 202

    with (
        server.http(tenant.token, **ACCEPT) as http,
        http.stream("POST", "/mcp", json=asked(tenant, 7, _meta={"progressToken": "p"})) as stream,
    ):
        lines = stream.iter_lines()
        first = next(line for line in lines if line.startswith("data:") and "progress" in line)
        assert json.loads(first[5:])["params"]["progressToken"] == "p"
        caller = threading.Thread(target=call_off)
        caller.start()
        last = [line for line in lines if line.startswith("data:") and '"result"' in line]
        caller.join()
    assert json.loads(json.loads(last[-1][5:])["result"]["content"][0]["text"])["code"] == "cancelled"
    with database() as session:
        (entry,) = audit.entries(session, UUID(tenant.user_id))
    assert (entry.tool, entry.error_code) == ("sync_account", "cancelled")


def test_another_tokens_calling_off_calls_nothing_off(
    server: Server, database: Database, tenant: Tenant
) -> None:
    other = a_tenant(database)
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}
    with server.http(other.token, **ACCEPT) as http:
        http.post("/mcp", json=cancel)
    assert broker.connection().exists(f"mcp:called-off:{other.token_id}:int:7")
    assert not broker.connection().exists(f"mcp:called-off:{tenant.token_id}:int:7")
