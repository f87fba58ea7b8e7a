"""The official Python client, in both of its ways to speak: a long list in pages, and writes within and beyond limits."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import pytest
from mcp import Client

from tests.mcp.conftest import Server
from tests.mcp.limited import ADS, BEYOND, HELD_ABOVE, REFUSED_ABOVE, Limited, limited
from tests.mcp.test_sandbox import meta_token, tenant

__all__ = ["limited", "meta_token", "tenant"]

Mode = Literal["auto", "legacy"]
pytestmark = pytest.mark.parametrize("mode", ["auto", "legacy"])


def raising(limited: Limited, percent: int) -> Callable[[Client], Awaitable[Any]]:
    arguments = {"campaignId": limited.campaign_id, "dailyBudget": limited.more(percent)}
    return lambda client: client.call_tool("update_campaign", arguments)


def test_one_session_reads_a_thousand_ads_once_each_and_writes(
    server: Server, limited: Limited, mode: Mode
) -> None:
    async def work(client: Client) -> tuple[list[str], Any]:
        seen: list[str] = []
        asked: dict[str, Any] = {"adSetId": limited.tenant.ad_set_id, "limit": 100}
        while True:
            page = (await client.call_tool("list_ads", asked)).structured_content or {}
            seen += [row["id"] for row in page["items"]]
            if not page["hasMore"]:
                return seen, await raise_budget(client)
            asked["cursor"] = page["nextCursor"]

    asked_for, raise_budget = limited.more(HELD_ABOVE), raising(limited, HELD_ABOVE)
    seen, written = server.mcp(limited.token, work, mode=mode)
    assert len(seen) == ADS
    assert set(seen) == limited.ad_ids
    assert written.structured_content["outcome"] == "applied"
    assert f"{limited.budget:.2f}" == asked_for


def test_a_write_that_a_person_decides_waits(server: Server, limited: Limited, mode: Mode) -> None:
    before = limited.budget
    answer = server.mcp(limited.token, raising(limited, REFUSED_ABOVE), mode=mode)
    assert answer.structured_content["outcome"] == "pending_approval"
    assert limited.budget == before


@pytest.mark.parametrize("language", BEYOND)
def test_a_write_beyond_the_limits_is_refused_with_a_reason(
    server: Server, limited: Limited, mode: Mode, language: str
) -> None:
    before = limited.budget
    answer = server.mcp(limited.token, raising(limited, REFUSED_ABOVE + 1), mode=mode, language=language)
    assert answer.is_error
    assert BEYOND[language] in json.loads(answer.content[0].text)["error"]
    assert limited.budget == before
