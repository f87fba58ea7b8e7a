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
from vibekanban.core import broker, columns
from vibekanban.domains.access import audit
from vibekanban.domains.alerts import backtest, engine
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.models import MetaAccount, Sync, SyncStatus

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


def test_a_backtest_that_is_called_off_stops_at_its_next_piece(
    server: Server, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest, "PIECE", 1)
    monkeypatch.setattr(backtest, "SHORTEST", 5)
    over, pieces, adding_up = threading.Event(), [], engine.add_up

    def slowly(*args: Any) -> None:
        pieces.append(1)
        if len(pieces) == 2:
            over.wait(20)
        adding_up(*args)

    monkeypatch.setattr(engine, "add_up", slowly)
    with database() as session:
        session.get_one(MetaAccount, UUID(tenant.account_id)).today_synced_at = columns.now()
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 9}}
    arguments = {
        "accountId": tenant.account_id,
        "name": "Gasto",
        "condition": {"metric": "spend", "operator": ">", "value": 1},
        "window": "yesterday",
    }
    call = asked(tenant, 9, name="backtest_alert", arguments=arguments, _meta={"progressToken": "p"})
    with (
        server.http(tenant.token, **ACCEPT) as http,
        http.stream("POST", "/mcp", json=call) as stream,
    ):
        lines = (json.loads(line[5:]) for line in stream.iter_lines() if line.startswith("data:"))
        told = next(line["params"] for line in lines if line.get("params", {}).get("progress"))
        with server.http(tenant.token, **ACCEPT) as other:
            assert other.post("/mcp", json=cancel).status_code == 202
        over.set()
        last = [line for line in lines if "result" in line]
    assert (told["progress"], told["total"]) == (5, 28)
    assert json.loads(last[-1]["result"]["content"][0]["text"])["code"] == "cancelled"
    assert len(pieces) == 2


def test_another_tokens_calling_off_calls_nothing_off(
    server: Server, database: Database, tenant: Tenant
) -> None:
    other = a_tenant(database)
    cancel = {"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": 7}}
    with server.http(other.token, **ACCEPT) as http:
        http.post("/mcp", json=cancel)
    assert broker.connection().exists(f"mcp:called-off:{other.token_id}:int:7")
    assert not broker.connection().exists(f"mcp:called-off:{tenant.token_id}:int:7")
