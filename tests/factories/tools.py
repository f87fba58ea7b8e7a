"""Plain calls of every tool: a tool that is added tomorrow needs its required arguments here, and is then walked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vibekanban.domains.tools.catalogue import TOOLS
from vibekanban.domains.tools.tool import definition

# the object behind an id, by the argument that names it
BEHIND = {
    "account": "accountId",
    "campaign": "campaignId",
    "adset": "adSetId",
    "ad": "adId",
    "objectId": "campaignId",
    "objectIds": "campaignId",
    "intoCampaignId": "campaignId",
    "intoAdSetId": "adSetId",
}
NOBODYS = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"
PLAIN: Mapping[str, Any] = {
    "name": "Rebajas",
    "objective": "OUTCOME_TRAFFIC",
    "optimizationGoal": "LINK_CLICKS",
    "targeting": {"geo_locations": {"countries": ["ES"]}},
    "level": "campaign",
    "action": "pause",
    "mode": "campaign",
    "approvalId": NOBODYS,
    "batchId": NOBODYS,
    "changeId": NOBODYS,
    "syncId": NOBODYS,
    "jobId": NOBODYS,
    "reportId": NOBODYS,
    "alertId": NOBODYS,
    "cardId": NOBODYS,
    "title": "Mirar el ROAS",
    "text": "Va bien",
    "condition": {"metric": "spend", "operator": ">", "value": 50},
    "creativeId": "120210000000000001",
}
# beyond what is required, so that there is something to do
MORE: Mapping[str, Mapping[str, Any]] = {
    "update_campaign": {"name": "Otro nombre"},
    "update_ad_set": {"name": "Otro nombre"},
    "update_ad": {"name": "Otro nombre"},
    "set_budget_mode": {"dailyBudget": "20"},
    "update_alert": {"cooldownMinutes": 30},
    "create_creative": {"pageId": "100", "link": "https://tienda.example"},
}
PLACED = {"create_alert", "backtest_alert"}  # in an account or in one campaign of it
WRITES = sorted(name for name, tool in TOOLS.items() if not tool.hints["readOnlyHint"])
READS = sorted(TOOLS.keys() - WRITES)


def properties(tool: str) -> dict[str, Any]:
    """The tool's arguments as its schema has them."""
    return definition(TOOLS[tool], "es")["inputSchema"]["properties"]


def ids_of(tool: str) -> list[str]:
    """The arguments that name something of a person."""
    return [name for name in properties(tool) if name == "id" or name.endswith(("Id", "Ids"))]


def a_call(tool: str, ids: Mapping[str, Any], **given: Any) -> dict[str, Any]:
    """Arguments of a call about the things of `ids`, which are named as their arguments are."""
    level = given.get("level", "campaign")
    arguments = {**MORE.get(tool, {}), **given}
    if tool in PLACED and not arguments.keys() & {"accountId", "campaignId"}:
        arguments["accountId"] = ids["accountId"]
    for name in definition(TOOLS[tool], "es")["inputSchema"].get("required", []):
        if name not in arguments:
            arguments[name] = ids[kind] if (kind := kind_of(name, level)) in ids else PLAIN[name]
    return arguments


def kind_of(name: str, level: str) -> str:
    """Whose id an argument takes, as `ids` names it."""
    return BEHIND[level] if name == "id" else BEHIND.get(name, name)
