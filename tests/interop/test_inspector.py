"""The MCP Inspector's command line, as people try a server with it."""

from __future__ import annotations

import json
from typing import Any

from tests.interop.conftest import Ended, Programs
from tests.mcp.conftest import Server
from tests.mcp.limited import BEYOND, Limited
from vibekanban.domains.tools.catalogue import TOOLS

INSPECTOR = "node_modules/@modelcontextprotocol/inspector/clients/launcher/build/index.js"


def asked(programs: Programs, server: Server, token: str, method: str, *more: str) -> Ended:
    header = ("--header", f"Authorization: Bearer {token}", "--header", "Accept-Language: en")
    address = (f"{server.url}/mcp", "--transport", "http")
    return programs.run(INSPECTOR, "--cli", *address, "--method", method, *more, *header)


def text(answer: Any) -> Any:
    return json.loads(answer["content"][0]["text"])


def test_it_lists_every_tool_and_finds_no_fault_in_their_schemas(
    programs: Programs, server: Server, limited: Limited
) -> None:
    listed = asked(programs, server, limited.token, "tools/list", "--strict")
    assert {tool["name"] for tool in listed.told["tools"]} == TOOLS.keys()


def test_it_calls_a_tool(programs: Programs, server: Server, limited: Limited) -> None:
    arguments = ("--tool-arg", f"adSetId={limited.tenant.ad_set_id}", "--tool-arg", "limit=3")
    called = asked(programs, server, limited.token, "tools/call", "--tool-name", "list_ads", *arguments)
    page = called.told["structuredContent"]
    assert page == text(called.told)
    assert (len(page["items"]), page["hasMore"]) == (3, True)
    assert {row["id"] for row in page["items"]} <= limited.ad_ids


def test_a_refused_call_is_told_as_an_error_that_can_be_read(
    programs: Programs, server: Server, limited: Limited
) -> None:
    arguments = (
        "--tool-arg",
        f"campaignId={limited.campaign_id}",
        "--tool-arg",
        f"dailyBudget={limited.more(50)}",
    )
    called = asked(
        programs, server, limited.token, "tools/call", "--tool-name", "update_campaign", *arguments
    )
    answer = json.loads(called.said)
    assert answer["isError"] is True
    assert BEYOND["en"] in text(answer)["error"]


def test_it_reads_a_resource(programs: Programs, server: Server, limited: Limited) -> None:
    listed = asked(programs, server, limited.token, "resources/list").told["resources"]
    assert {"vibekanban://accounts", "vibekanban://fields"} <= {one["uri"] for one in listed}
    read = asked(programs, server, limited.token, "resources/read", "--uri", "vibekanban://accounts")
    assert limited.tenant.account_id in read.told["contents"][0]["text"]


def test_a_bad_token_sends_it_to_who_gives_tokens(programs: Programs, server: Server) -> None:
    refused = asked(programs, server, "vkm_nobody", "tools/list")
    assert refused.status != 0
    assert "auth_required" in refused.complained  # it found our OAuth, and nobody sits before it
