"""The MCP Client node against a server of the official SDK, as the real n8n runs it."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import BaseModel
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.factories.n8n import a_name, a_set, a_tool_call, a_webhook, a_workflow
from tests.n8n.conftest import Outcome
from tests.ports import free_port
from vibekanban.clients.n8n.api import N8n

Run = Callable[..., Outcome]
TOKEN = "vkm_tools"


class Metrics(BaseModel):
    roas: float
    campaign: str


@dataclass
class Tools:
    """An MCP server that takes one token."""

    url: str
    calls: list[str] = field(default_factory=list)  # JSON-RPC has one of these for each POST and GET


@pytest.fixture(scope="module")
def tools() -> Iterator[Tools]:
    server = MCPServer("tools")

    @server.tool()
    def get_metrics(campaign_id: str, days: int = 7) -> Metrics:
        """Numbers of a campaign."""
        return Metrics(roas=1.5, campaign=f"{campaign_id}/{days}")

    @server.tool()
    def say(words: str) -> str:
        """The words again."""
        return words

    @server.tool()
    def pause(campaign_id: str) -> str:
        """Refuse."""
        raise ToolError(f"campaign {campaign_id} is not yours")

    found = Tools(f"http://127.0.0.1:{(port := free_port())}/mcp")
    inner = server.streamable_http_app(stateless_http=True, json_response=True)

    running = uvicorn.Server(
        uvicorn.Config(_guarded(inner, found), port=port, log_level="warning", lifespan="on")
    )
    thread = threading.Thread(target=lambda: asyncio.run(running.serve()), daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.02)
    yield found
    running.should_exit = True
    thread.join(10)


def _guarded(inner: ASGIApp, found: Tools) -> ASGIApp:
    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            headers = dict(scope["headers"])
            found.calls.append(scope["method"])
            if headers.get(b"authorization") != f"Bearer {TOKEN}".encode():
                await JSONResponse({"error": "invalid_token"}, 401)(scope, receive, send)
                return
        await inner(scope, receive, send)

    return outer


@pytest.fixture
def credential(n8n: N8n) -> str:
    return n8n.create_bearer(name=a_name(), token=TOKEN, domains=["127.0.0.1"])


def called(outcome: Run, node: dict[str, Any], payload: Any = None) -> Outcome:
    return outcome(a_workflow(a_webhook(a_name()), node), payload)


def test_a_tool_gives_its_structured_result(outcome: Run, tools: Tools, credential: str) -> None:
    arguments = "={{ { campaign_id: $json.body.id, days: 3 } }}"
    found = called(outcome, a_tool_call(tools.url, credential, "get_metrics", arguments), {"id": "c1"})
    assert (found.status, found.error) == ("success", "")
    [item] = found.gave("Tool")
    assert item["structuredContent"] == {"roas": 1.5, "campaign": "c1/3"}
    assert item["content"] == [{"type": "text", "text": {"roas": 1.5, "campaign": "c1/3"}}]


def test_a_text_stays_text(outcome: Run, tools: Tools, credential: str) -> None:
    found = called(outcome, a_tool_call(tools.url, credential, "say", '{"words": "hello"}'))
    assert found.gave("Tool")[0]["content"] == [{"type": "text", "text": "hello"}]


def test_a_refusal_of_the_tool_fails_the_node(outcome: Run, tools: Tools, credential: str) -> None:
    found = called(outcome, a_tool_call(tools.url, credential, "pause", '{"campaign_id": "c9"}'))
    assert found.status == "error"
    assert "campaign c9 is not yours" in found.error


def test_the_older_node_goes_on_after_a_refusal(outcome: Run, tools: Tools, credential: str) -> None:
    node = {**a_tool_call(tools.url, credential, "pause", '{"campaign_id": "c9"}'), "typeVersion": 1}
    found = called(outcome, node)
    assert found.status == "success"
    assert "c9 is not yours" in found.gave("Tool")[0]["content"][0]["text"]


def test_a_refusal_may_become_an_item(outcome: Run, tools: Tools, credential: str) -> None:
    node = a_tool_call(tools.url, credential, "pause", '{"campaign_id": "c9"}')
    found = called(outcome, {**node, "onError": "continueRegularOutput"})
    assert found.status == "success"
    assert "c9 is not yours" in found.gave("Tool")[0]["error"]["message"]


def test_a_tool_that_is_not_there_fails_the_node(outcome: Run, tools: Tools, credential: str) -> None:
    found = called(outcome, a_tool_call(tools.url, credential, "nope", "{}"))
    assert found.status == "error"
    assert "nope" in found.error


def test_wrong_arguments_fail_the_node(outcome: Run, tools: Tools, credential: str) -> None:
    found = called(outcome, a_tool_call(tools.url, credential, "get_metrics", '{"days": "x"}'))
    assert found.status == "error"


def test_a_wrong_token_fails_the_node(n8n: N8n, outcome: Run, tools: Tools) -> None:
    wrong = n8n.create_bearer(name=a_name(), token="vkm_wrong", domains=["127.0.0.1"])
    found = called(outcome, a_tool_call(tools.url, wrong, "say", '{"words": "x"}'))
    assert "Could not connect to your MCP server. Authentication failed." in found.error


def test_without_its_credential_a_node_calls_without_a_token(outcome: Run, tools: Tools) -> None:
    found = called(outcome, a_tool_call(tools.url, "nothing", "say", '{"words": "x"}'))
    assert "Authentication failed." in found.error


def test_nobody_there_fails_the_node(outcome: Run, credential: str) -> None:
    found = called(outcome, a_tool_call("http://127.0.0.1:9/mcp", credential, "say", "{}"))
    assert "Could not connect to your MCP server" in found.error


def test_a_token_is_not_sent_to_a_foreign_server(n8n: N8n, outcome: Run, tools: Tools) -> None:
    bound = n8n.create_bearer(name=a_name(), token=TOKEN, domains=["api.vibekanban.com"])
    before = len(tools.calls)
    found = called(outcome, a_tool_call(tools.url, bound, "say", '{"words": "x"}'))
    assert "Domain not allowed" in found.error
    assert len(tools.calls) == before


def test_a_strategy_reads_decides_and_goes_on(outcome: Run, tools: Tools, credential: str) -> None:
    arguments = "={{ { campaign_id: $json.campaign_id } }}"
    document = a_workflow(
        a_webhook(a_name()),
        a_set('{"campaign_id": "c1", "roas_min": 2}'),
        a_tool_call(tools.url, credential, "get_metrics", arguments),
        a_set("={{ { low: $json.structuredContent.roas < $('VK Params').first().json.roas_min } }}", "Judge"),
    )
    assert outcome(document).gave("Judge") == [{"low": True}]
