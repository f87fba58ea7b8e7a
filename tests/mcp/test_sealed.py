"""What a caller is told of when something of ours breaks: that it did, and nothing of what is inside."""

from __future__ import annotations

from typing import Any, Literal

import psycopg
import pytest
from mcp import Client, MCPError

from tests.mcp.conftest import Database, Server, a_tenant
from vibekanban.domains.access import hot
from vibekanban.domains.tools import calls, resources

INSIDE = 'connection to server at "10.1.2.3", port 5432 failed: SELECT secret FROM tokens'
ACCEPT = {"Accept": "application/json, text/event-stream"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


async def broken(*_given: Any, **_named: Any) -> Any:
    raise psycopg.OperationalError(INSIDE)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_a_resource_that_breaks_says_a_sentence(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch, mode: Literal["auto", "legacy"]
) -> None:
    monkeypatch.setattr(resources, "read", broken)

    async def reading(client: Client) -> str:
        with pytest.raises(MCPError) as told:
            await client.read_resource("vibekanban://accounts")
        return f"{told.value} {told.value.error.data}"

    said = server.mcp(a_tenant(database).token, reading, mode=mode)
    assert "Algo ha fallado" in said
    assert "SELECT" not in said


@pytest.mark.parametrize("path", ["/mcp", "/api/mcp/tools/list_ads"])
def test_a_tool_that_breaks_says_a_sentence(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(calls, "call", broken)
    body = {"arguments": {}}
    if path == "/mcp":
        body = {**LIST, "method": "tools/call", "params": {"name": "list_ads", **body}}
    with server.http(a_tenant(database).token, **ACCEPT) as http:
        said = http.post(path, json=body).text
    assert "SELECT" not in said
    assert "unexpected" in said or "unavailable" in said


@pytest.mark.parametrize("path", ["/mcp", "/api/mcp/tools/list_ads"])
def test_a_door_without_its_database_says_a_sentence(
    server: Server, database: Database, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    token = a_tenant(database).token
    monkeypatch.setattr(hot, "caller", broken)
    with server.http(token, **ACCEPT) as http:
        answer = http.post(path, json=LIST)
    assert "SELECT" not in answer.text
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


@pytest.mark.parametrize("body", [{"jsonrpc": "2.0", "id": 1, "method": 7}, [LIST, LIST], {}, 7])
def test_what_is_no_message_is_refused_without_a_validators_report(
    server: Server, database: Database, body: Any
) -> None:
    with server.http(a_tenant(database).token, **ACCEPT) as http:
        answer = http.post("/mcp", json=body)
    assert answer.status_code == 400
    assert answer.json()["error"]["message"]
    assert "pydantic" not in answer.text
