"""Pipeboard's MCP server, a client nobody here wrote, works against the sandbox."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters

from tests.conftest import Sandbox
from tests.sandbox.conftest import SignIn
from vibekanban.core.settings import Settings

PACKAGE = "meta-ads-mcp==1.0.128"
RUNNER = Path(__file__).with_name("pipeboard_runner.py")
MOMENT = datetime(2026, 11, 10, 12, tzinfo=UTC).timestamp()
Tool = Callable[..., Any]


@pytest.fixture(scope="session")
def pipeboard_python() -> Path:
    """The Python of pipeboard's own environment, kept between runs."""
    folder: Path = Settings.model_fields["data_dir"].default / "clients" / "pipeboard"
    python, ready = folder / "bin" / "python", folder / PACKAGE
    if not ready.exists():
        fresh = folder.with_name(f"pipeboard-{os.getpid()}")  # another test process may be at it too
        subprocess.run([sys.executable, "-m", "venv", "--clear", fresh], check=True)
        subprocess.run([fresh / "bin" / "python", "-m", "pip", "install", "--quiet", PACKAGE], check=True)
        (fresh / PACKAGE).touch()
        if folder.exists():
            shutil.rmtree(folder if not ready.exists() else fresh)
        if fresh.exists():
            fresh.rename(folder)
    return python


@pytest.fixture
def tool(sandbox: Sandbox, sign_in: SignIn, pipeboard_python: Path, tmp_path: Path) -> Tool:
    """Calls one of pipeboard's tools with Lucía's token."""
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "META_ACCESS_TOKEN": sign_in(),
        "META_ADS_DISABLE_CALLBACK_SERVER": "1",
    }
    server = StdioServerParameters(
        command=str(pipeboard_python), args=[str(RUNNER), sandbox.url], env=environment
    )

    def call(tool_name: str, **arguments: Any) -> Any:
        async def called() -> Any:
            async with Client(server, mode="legacy") as client:
                return await client.call_tool(tool_name, arguments)

        answer = asyncio.run(called())
        assert not answer.is_error, answer.content
        return json.loads(answer.content[0].text)

    return call


def test_it_lists_the_ad_accounts(tool: Tool) -> None:
    [account] = tool("get_ad_accounts")["data"]
    assert account["currency"] == "EUR"
    assert account["account_status"] == 1


def test_it_lists_campaigns_by_their_status(tool: Tool, account: str) -> None:
    paused = tool("get_campaigns", account_id=account, limit=50, status_filter="PAUSED")["data"]
    assert paused
    assert {campaign["status"] for campaign in paused} == {"PAUSED"}


def test_it_pages_through_every_ad(tool: Tool, account: str, graph: httpx.Client) -> None:
    everything = graph.get(f"/{account}/ads", params={"summary": "true", "limit": 1}).json()["summary"][
        "total_count"
    ]
    assert len(tool("get_ads", account_id=account, limit=1000)["data"]) == everything


def test_its_insights_are_the_true_totals(tool: Tool, account: str, sandbox: Sandbox) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"to": MOMENT, "speed": 0}).raise_for_status()
    days = {"since": "2026-11-01", "until": "2026-11-07"}
    rows = tool("get_insights", object_id=account, level="campaign", time_range=days, limit=100)["data"]
    truth = sandbox.admin.get(
        "/_sandbox/oracle", params={"account": account, "level": "account", **days}
    ).json()
    assert sum(round(float(row["spend"]) * 1_000_000) for row in rows) == truth["totals"]["spend_micros"]
    assert sum(int(row["impressions"]) for row in rows) == truth["totals"]["impressions"]


def test_it_breaks_insights_down_by_placement(tool: Tool, account: str) -> None:
    rows = tool(
        "get_insights",
        object_id=account,
        level="account",
        time_range="last_7d",
        breakdown="platform_position",
    )
    assert {"publisher_platform", "platform_position"} <= rows["data"][0].keys()


def test_it_pauses_a_campaign(tool: Tool, account: str) -> None:
    campaign = tool("get_campaigns", account_id=account, status_filter="ACTIVE")["data"][0]["id"]
    assert tool("update_campaign", campaign_id=campaign, status="PAUSED")["success"] is True
    assert tool("get_campaign_details", campaign_id=campaign)["status"] == "PAUSED"


def test_it_creates_a_campaign_with_a_default_budget(tool: Tool, account: str) -> None:
    made = tool("create_campaign", account_id=account, name="Desde pipeboard", objective="OUTCOME_SALES")
    assert tool("get_campaign_details", campaign_id=made["id"])["daily_budget"] == "1000"
