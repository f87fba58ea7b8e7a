"""Every tool by its stable name; its title and description are `mcp.tools.<name>` in the catalogues."""

from __future__ import annotations

from typing import Any

from vibekanban.domains.access.models import Scope
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.tools import (
    approvals,
    copying,
    creating,
    creatives,
    editing,
    numbers,
    structure,
    switches,
)
from vibekanban.domains.tools.making import MadeObject
from vibekanban.domains.tools.shapes import Table
from vibekanban.domains.tools.tool import Tool
from vibekanban.domains.tools.writing import WrittenObject

# Pausing is undone by resuming and costs nothing; what spends money or cannot be undone, clients should ask first
PAUSING = {"readOnlyHint": False, "destructiveHint": False, "idempotentHint": True, "openWorldHint": True}
RESUMING = {**PAUSING, "destructiveHint": True}
# every call makes another one, unless it carries an idempotency key
MAKING = {"readOnlyHint": False, "destructiveHint": False, "idempotentHint": False, "openWorldHint": True}
MAYBE_LIVE = {"readOnlyHint": True, "idempotentHint": True, "openWorldHint": True}

_READS: list[Tool[Any]] = [
    Tool(
        "list_accounts",
        Scope.READ,
        structure.ListAccounts,
        Table[structure.AccountRow],
        structure.list_accounts,
    ),
    Tool(
        "list_campaigns",
        Scope.READ,
        structure.ListCampaigns,
        Table[structure.CampaignRow],
        structure.list_campaigns,
    ),
    Tool(
        "get_campaign",
        Scope.READ,
        structure.GetCampaign,
        structure.CampaignDetail,
        structure.get_campaign,
        MAYBE_LIVE,
    ),
    Tool(
        "list_ad_sets",
        Scope.READ,
        structure.ListAdSets,
        Table[structure.AdSetRow],
        structure.list_ad_sets,
    ),
    Tool("list_ads", Scope.READ, structure.ListAds, Table[structure.AdRow], structure.list_ads),
    Tool(
        "list_creatives",
        Scope.READ,
        creatives.ListCreatives,
        Table[creatives.CreativeRow],
        creatives.list_creatives,
        MAYBE_LIVE,
    ),
    Tool("get_metrics", Scope.READ, numbers.GetMetrics, numbers.Metrics, numbers.get_metrics),
    Tool("get_summary", Scope.READ, numbers.GetSummary, numbers.Summary, numbers.get_summary),
    Tool(
        "list_changes",
        Scope.READ,
        structure.ListChanges,
        Table[structure.ChangeRow],
        structure.list_changes,
    ),
    Tool(
        "list_approvals",
        Scope.READ,
        approvals.ListApprovals,
        Table[approvals.ApprovalRow],
        approvals.list_approvals,
    ),
    Tool("get_approval", Scope.READ, approvals.GetApproval, approvals.ApprovalRow, approvals.get_approval),
]
_MAKES: list[Tool[Any]] = [
    Tool("create_campaign", Scope.CREATE, creating.CreateCampaign, MadeObject, creating.campaign, MAKING),
    Tool("create_ad_set", Scope.CREATE, creating.CreateAdSet, MadeObject, creating.ad_set, MAKING),
    Tool("create_ad", Scope.CREATE, creating.CreateAd, MadeObject, creating.ad, MAKING),
    Tool("create_creative", Scope.CREATE, creatives.CreateCreative, MadeObject, creatives.create, MAKING),
    Tool(
        "copy_campaign",
        Scope.CREATE,
        copying.CopyCampaign,
        copying.CopiedObject,
        copying.campaign,
        MAKING,
    ),
    Tool("copy_ad_set", Scope.CREATE, copying.CopyAdSet, copying.CopiedObject, copying.ad_set, MAKING),
    Tool("copy_ad", Scope.CREATE, copying.CopyAd, copying.CopiedObject, copying.ad, MAKING),
]
_EDITS: list[Tool[Any]] = [
    Tool("update_campaign", Scope.EDIT, editing.UpdateCampaign, WrittenObject, editing.campaign, RESUMING),
    Tool("update_ad_set", Scope.EDIT, editing.UpdateAdSet, WrittenObject, editing.ad_set, RESUMING),
    Tool("update_ad", Scope.EDIT, editing.UpdateAd, WrittenObject, editing.ad, RESUMING),
    Tool("remove_object", Scope.DELETE, editing.Remove, WrittenObject, editing.remove, RESUMING),
]


def _switches(verb: Verb, scope: Scope, hints: dict[str, bool]) -> list[Tool[Any]]:
    made = (
        ("campaign", switches.SwitchCampaign, switches.campaign(verb)),
        ("ad_set", switches.SwitchAdSet, switches.ad_set(verb)),
        ("ad", switches.SwitchAd, switches.ad(verb)),
    )
    return [
        Tool(f"{verb.value}_{level}", scope, arguments, WrittenObject, run, hints)
        for level, arguments, run in made
    ]


TOOLS: dict[str, Tool[Any]] = {
    tool.name: tool
    for tool in (
        *_READS,
        *_switches(Verb.PAUSE, Scope.PAUSE, PAUSING),
        *_switches(Verb.RESUME, Scope.RESUME, RESUMING),
        *_MAKES,
        *_EDITS,
    )
}
