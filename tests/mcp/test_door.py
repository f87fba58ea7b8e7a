from __future__ import annotations

import http.client
import json
from datetime import timedelta
from typing import Any, Literal
from urllib.parse import urlsplit
from uuid import UUID

import pytest

from tests.mcp.conftest import Database, Server, Tenant, a_tenant
from vibekanban.core import columns
from vibekanban.core.settings import settings
from vibekanban.domains.access import tokens
from vibekanban.domains.tools.catalogue import TOOLS

ACCEPT = {"Accept": "application/json, text/event-stream"}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return a_tenant(database)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_official_client_lists_the_tools(
    server: Server, tenant: Tenant, mode: Literal["auto", "legacy"]
) -> None:
    listed = server.mcp(tenant.token, lambda client: client.list_tools(), mode=mode)
    assert {tool.name for tool in listed.tools} == TOOLS.keys()
    for tool in listed.tools:
        assert tool.title
        assert tool.description
        assert tool.annotations
        assert tool.output_schema
        described = tool.input_schema["properties"].values()
        assert all(argument["description"] for argument in described)


@pytest.mark.parametrize("mode", ["auto", "legacy"])
def test_an_official_client_calls_a_tool(
    server: Server, tenant: Tenant, mode: Literal["auto", "legacy"]
) -> None:
    called = server.mcp(tenant.token, lambda client: client.call_tool("list_campaigns", {}), mode=mode)
    assert called.structured_content["items"][0]["id"] == tenant.campaign_id


def test_tools_are_described_in_the_callers_language(server: Server, tenant: Tenant) -> None:
    def title(language: str) -> str | None:
        listed = server.mcp(tenant.token, lambda client: client.list_tools(), language=language)
        return next(tool.title for tool in listed.tools if tool.name == "pause_campaign")

    assert title("es-AR") == "Pausar campaña"
    assert title("en-GB") == "Pause campaign"


def test_a_read_only_token_is_offered_reads_and_calling_them_off(server: Server, database: Database) -> None:
    reader = a_tenant(database, scopes=["read"])
    listed = server.mcp(reader.token, lambda client: client.list_tools())
    reads = {tool.name for tool in listed.tools if tool.annotations and tool.annotations.read_only_hint}
    assert {tool.name for tool in listed.tools} - reads == {"cancel_job"}


@pytest.mark.parametrize(
    ("scopes", "tool"),
    [
        (["read"], "pause_campaign"),
        (["read", "pause"], "resume_campaign"),
        (["read", "resume"], "pause_ad"),
        (["pause"], "list_campaigns"),
    ],
)
def test_a_verb_outside_the_scopes_is_refused(
    server: Server, database: Database, scopes: list[str], tool: str
) -> None:
    limited = a_tenant(database, scopes=scopes)
    arguments = {"pause_ad": {"adId": limited.ad_id}, "list_campaigns": {}}.get(
        tool, {"campaignId": limited.campaign_id}
    )
    assert server.call(limited.token, tool, **arguments).code == "scope_missing"


def refused(server: Server, token: str, method: str = "POST") -> tuple[int, str, dict[str, Any]]:
    with server.http(token, **ACCEPT) as plain:
        answer = plain.request(method, "/mcp", json=LIST)
        return answer.status_code, answer.headers.get("www-authenticate", ""), answer.json()


def test_every_bad_token_gets_the_same_401(server: Server, database: Database) -> None:
    expired = a_tenant(database, expires_at=columns.now() - timedelta(days=1))
    revoked = a_tenant(database, revoked_at=columns.now())
    answers = [refused(server, token) for token in ("", "vkm_nobody", expired.token, revoked.token)]
    answers += [refused(server, "", method) for method in ("GET", "DELETE", "PUT")]
    status, challenge, body = answers[0]
    assert (status, body["code"]) == (401, "bad_token")
    assert challenge.startswith("Bearer ")
    assert all(answer == answers[0] for answer in answers)


def test_revoking_cuts_a_token_off_at_its_next_call(
    server: Server, database: Database, tenant: Tenant
) -> None:
    assert server.call(tenant.token, "list_accounts").result
    with database() as session:
        tokens.revoke(session, UUID(tenant.user_id), UUID(tenant.token_id))
    assert refused(server, tenant.token)[0] == 401


def test_rotating_kills_the_old_secret_and_the_new_one_works(
    server: Server, database: Database, tenant: Tenant
) -> None:
    with database() as session:
        new = tokens.rotate(session, UUID(tenant.user_id), UUID(tenant.token_id)).secret
    assert refused(server, tenant.token)[0] == 401
    assert server.call(new, "list_accounts").result["items"]


def test_a_stream_is_not_offered(server: Server, tenant: Tenant) -> None:
    with server.http(tenant.token, Accept="text/event-stream") as plain:
        answer = plain.get("/mcp")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def posted(server: Server, token: str, **headers: str) -> int:
    """A call with a Host header that client libraries would not send."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    sent = {**ACCEPT, "Content-Type": "application/json", "Authorization": f"Bearer {token}", **headers}
    connection.request("POST", "/mcp", json.dumps(LIST), sent)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80"])
def test_a_rebound_host_name_is_turned_away(server: Server, tenant: Tenant, host: str) -> None:
    assert posted(server, tenant.token, Host=host) == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example"])
def test_a_foreign_page_is_turned_away(server: Server, tenant: Tenant, origin: str) -> None:
    assert posted(server, tenant.token, Origin=origin) == 403


def test_the_public_host_and_origin_are_welcome(server: Server, tenant: Tenant) -> None:
    own = urlsplit(settings().origin)
    assert posted(server, tenant.token, Host=own.netloc, Origin=settings().origin) == 200


def test_a_token_that_used_up_its_minute_is_told_how_long_to_wait(
    server: Server, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings(), "mcp_rate_limit_per_minute", 1)
    with server.http(tenant.token, **ACCEPT) as plain:
        first, second = (plain.post("/mcp", json=LIST) for _ in range(2))
    assert (first.status_code, first.headers["ratelimit-remaining"]) == (200, "0")
    assert (second.status_code, second.json()["code"]) == (429, "token_rate_limited")
    assert int(second.headers["retry-after"]) >= 1


CALL = b'{"jsonrpc":"2.0","id":1,"method":"tools/call"'
HOSTILE_BODIES = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"[" * 50_000,
    b'"x"',
    b"\xff\xfe",
    b"{}",
    CALL + b"}",
    CALL + b',"params":[]}',
    CALL + b',"params":{"name":7}}',
    CALL + b',"params":{"name":"list_ads","arguments":"x"}}',
    CALL + b',"params":{"name":"list_ads","arguments":{"limit":1e999}}}',
    CALL + b',"params":{"name":"list_ads","arguments":{"limit":' + b"9" * 5000 + b"}}}",
    b'{"jsonrpc":"2.0","id":{"a":1},"method":"tools/list"}',
    b'{"jsonrpc":"2.0","id":1,"method":"\\u0000"}',
]


@pytest.mark.parametrize("number", range(len(HOSTILE_BODIES)))
@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28", "x"])
def test_no_body_makes_the_server_fail(server: Server, tenant: Tenant, number: int, version: str) -> None:
    headers = {**ACCEPT, "Content-Type": "application/json", "MCP-Protocol-Version": version}
    with server.http(tenant.token, **headers) as plain:
        assert plain.post("/mcp", content=HOSTILE_BODIES[number]).status_code < 500


def test_a_huge_body_is_refused(server: Server, tenant: Tenant) -> None:
    with server.http(tenant.token, **ACCEPT) as plain:
        assert plain.post("/mcp", json={"x": "y" * 300_000}).status_code == 413


TEXTS = ["", "\x00", "a\x00b", "'; DROP TABLE users; --", "é" * 64, "x" * 5000, "９９", "-1", "%", "../..",
         "\ud800"]  # fmt: skip
HOSTILE_VALUES: list[Any] = [*TEXTS, 7, -1, 1.5, True, None, [], {}, [[]], {"$ne": ""}, 10**30]
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("tool", TOOLS)
def test_no_argument_makes_a_tool_crash(server: Server, tenant: Tenant, tool: str) -> None:
    names = TOOLS[tool].arguments.model_json_schema()["properties"]
    with server.http(tenant.token) as plain:
        for name in [*names, "unknown"]:
            for value in HOSTILE_VALUES:
                body = json.dumps({"arguments": {name: value}})
                answer = plain.post(f"/api/mcp/tools/{tool}", content=body, headers=JSON)
                assert answer.status_code < 500, (name, value, answer.text)
