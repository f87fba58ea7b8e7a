"""Every tool by its stable name; its title and description are `mcp.tools.<name>` in the catalogues."""

from __future__ import annotations

from typing import Any

from vibekanban.domains.access.models import Scope
from vibekanban.domains.alerts.shapes import FiringRow
from vibekanban.domains.editing.switching import Verb
from vibekanban.domains.tools import (
    alerts,
    approvals,
    board,
    bulk,
    changelog,
    copying,
    creating,
    creatives,
    editing,
    jobs,
    modes,
    numbers,
    reports,
    structure,
    switches,
    syncing,
    undoing,
)
from vibekanban.domains.tools.bulk_shapes import BulkResult
from vibekanban.domains.tools.making import MadeObject
from vibekanban.domains.tools.report_shapes import ReportResult, ReportRow, RestatementsResult
from vibekanban.domains.tools.shapes import Table
from vibekanban.domains.tools.tool import Tool
from vibekanban.domains.tools.writing import WrittenObject

# Pausing is undone by resuming and costs nothing; what spends money or cannot be undone, clients should ask first
PAUSING = {"readOnlyHint": False, "destructiveHint": False, "idempotentHint": True, "openWorldHint": True}
RESUMING = {**PAUSING, "destructiveHint": True}
# every call makes another one, unless it carries an idempotency key
MAKING = {"readOnlyHint": False, "destructiveHint": False, "idempotentHint": False, "openWorldHint": True}
KEEPING = {**MAKING, "openWorldHint": False}
KEPT = {**PAUSING, "openWorldHint": False}
MAYBE_LIVE = {"readOnlyHint": True, "idempotentHint": True, "openWorldHint": True}

SWITCHING = (Scope.PAUSE, Scope.RESUME, Scope.DELETE)

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
        changelog.ListChanges,
        Table[changelog.ChangeRow],
        changelog.list_changes,
    ),
    Tool(
        "list_approvals",
        Scope.READ,
        approvals.ListApprovals,
        Table[approvals.ApprovalRow],
        approvals.list_approvals,
    ),
    Tool("sync_account", Scope.READ, syncing.OfAccount, syncing.SyncRow, syncing.sync_account, MAYBE_LIVE),
    Tool("get_sync", Scope.READ, syncing.OfSync, syncing.SyncRow, syncing.get_sync),
    Tool("get_job", Scope.READ, jobs.OfJob, jobs.JobRow, jobs.get),
    Tool("cancel_job", Scope.READ, jobs.OfJob, jobs.JobRow, jobs.cancel, KEPT),
    Tool("get_quota", Scope.READ, syncing.OfAccount, syncing.QuotaResult, syncing.get_quota),
    Tool("run_report", Scope.READ, reports.RunReport, ReportResult, reports.run, MAYBE_LIVE),
    Tool("list_reports", Scope.READ, reports.ListReports, Table[ReportRow], reports.list_reports),
    Tool(
        "run_saved_report",
        Scope.READ,
        reports.RunSavedReport,
        ReportResult,
        reports.run_saved,
        MAYBE_LIVE,
    ),
    Tool("get_restatements", Scope.READ, reports.GetRestatements, RestatementsResult, reports.restated),
    Tool("list_alerts", Scope.READ, alerts.ListAlerts, Table[alerts.AlertRow], alerts.list_alerts),
    Tool("get_alert_events", Scope.READ, alerts.GetAlertEvents, Table[FiringRow], alerts.events),
    Tool("backtest_alert", Scope.READ, alerts.BacktestAlert, alerts.BacktestResult, alerts.backtested),
    Tool("list_cards", Scope.READ, board.ListCards, board.BoardResult, board.list_cards),
    Tool("preview_bulk", Scope.READ, bulk.PreviewBulk, BulkResult, bulk.preview),
    Tool("get_bulk", Scope.READ, bulk.OfBatch, BulkResult, bulk.get),
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
    Tool("set_budget_mode", Scope.EDIT, modes.SetBudgetMode, WrittenObject, modes.set_mode, RESUMING),
    Tool("apply_bulk", Scope.EDIT, bulk.ApplyBulk, BulkResult, bulk.apply, RESUMING, SWITCHING),
    Tool("cancel_bulk", Scope.EDIT, bulk.CancelBulk, BulkResult, bulk.cancel, PAUSING, SWITCHING),
    Tool("undo_change", Scope.EDIT, undoing.UndoChange, WrittenObject, undoing.change, RESUMING, SWITCHING),
    Tool("undo_batch", Scope.EDIT, undoing.UndoBatch, BulkResult, undoing.batch, RESUMING, SWITCHING),
    Tool("remove_object", Scope.DELETE, editing.Remove, WrittenObject, editing.remove, RESUMING),
]


_KEEPS: list[Tool[Any]] = [
    Tool("create_alert", Scope.ALERTS, alerts.CreateAlert, alerts.WrittenAlert, alerts.create, KEEPING),
    Tool("update_alert", Scope.ALERTS, alerts.UpdateAlert, alerts.WrittenAlert, alerts.update, KEPT),
    Tool(
        "pause_alert", Scope.ALERTS, alerts.OneAlert, alerts.WrittenAlert, alerts.switch(active=False), KEPT
    ),
    Tool(
        "resume_alert", Scope.ALERTS, alerts.OneAlert, alerts.WrittenAlert, alerts.switch(active=True), KEPT
    ),
    Tool(
        "delete_alert",
        Scope.ALERTS,
        alerts.OneAlert,
        alerts.WrittenAlert,
        alerts.delete,
        {**KEPT, "destructiveHint": True},
    ),
    Tool("restore_alert", Scope.ALERTS, alerts.OneAlert, alerts.WrittenAlert, alerts.restore, KEPT),
    Tool("create_task", Scope.BOARD, board.CreateTask, board.WrittenTask, board.create_task, KEEPING),
    Tool("comment_card", Scope.BOARD, board.CommentCard, board.WrittenComment, board.comment_card, KEEPING),
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
        *_KEEPS,
    )
}
