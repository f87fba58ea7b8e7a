"""Many objects changed alike with tools: previewed, judged row by row, undone (Meta is played by the sandbox)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

from sqlmodel import select

from tests.factories.meta import a_campaign
from tests.mcp.conftest import Answer, Database, Server, Tenant
from tests.mcp.test_creating import limit
from tests.mcp.test_sandbox import graph, meta_token, status, tenant
from vibekanban.core import columns
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.editing import bulk, bulk_running
from vibekanban.domains.editing.models import BulkRow, BulkRun, RowState
from vibekanban.domains.guarding import approvals, stopping
from vibekanban.domains.meta.models import ActorKind, Change, Level, MetaAccount
from workers import guarding

__all__ = ["meta_token", "tenant"]


def applied(server: Server, tenant: Tenant, action: str = "pause", **more: Any) -> Answer:
    wanted = {"accountId": tenant.account_id, "objectIds": [tenant.campaign_id], **more}
    return server.call(tenant.token, "apply_bulk", action=action, **wanted)


def states(answer: Answer) -> list[tuple[str, str | None]]:
    return [(row["state"], (row["error"] or {}).get("code")) for row in answer.result["items"]]


def test_a_preview_shows_every_row_and_the_money_and_writes_nothing(
    server: Server, database: Database, tenant: Tenant, meta_token: str
) -> None:
    previewed = server.call(
        tenant.token, "preview_bulk", accountId=tenant.account_id, action="pause", level="adset"
    ).result
    assert (previewed["outcome"], previewed["total"]) == ("preview", 1)
    assert previewed["items"][0]["after"] == {"status": "PAUSED"}
    assert previewed["money"][0]["share"] is None
    with database() as session:
        assert session.exec(select(Change)).first() is None


def test_what_fits_the_filter_is_changed_and_undone_as_one(
    server: Server, tenant: Tenant, meta_token: str
) -> None:
    campaign = tenant.meta_ids["campaignId"]
    done = server.call(
        tenant.token, "apply_bulk", accountId=tenant.account_id, action="pause", level="campaign"
    )
    assert states(done) == [("done", None)]
    assert status(meta_token, campaign) == "PAUSED"
    undone = server.call(tenant.token, "undo_batch", batchId=done.result["batchId"])
    assert states(undone) == [("done", None)]
    assert status(meta_token, campaign) == "ACTIVE"


def test_one_change_is_undone_and_the_log_names_it(server: Server, tenant: Tenant, meta_token: str) -> None:
    paused = server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id).result
    undone = server.call(tenant.token, "undo_change", changeId=paused["changeId"]).result
    assert (undone["outcome"], undone["status"]) == ("applied", "ACTIVE")
    assert server.call(tenant.token, "undo_change", changeId=paused["changeId"]).code == "not_revertible"
    (latest, _) = server.call(tenant.token, "list_changes").result["items"]
    assert latest["revertsId"] == paused["changeId"]


def test_a_token_that_may_not_resume_cannot_undo_a_pause(
    server: Server, database: Database, tenant: Tenant
) -> None:
    paused = server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id).result
    with database() as session:
        session.get_one(McpToken, UUID(tenant.token_id)).scopes = ["read", "pause"]
    assert server.call(tenant.token, "undo_change", changeId=paused["changeId"]).code == "scope_missing"


def test_the_policy_refuses_a_row_and_lets_the_others_go(
    server: Server, database: Database, tenant: Tenant, meta_token: str
) -> None:
    place = f"act_{tenant.meta_ids['accountId']}/campaigns"
    running = graph(meta_token).get(place, fields="id,status", limit="100")["data"]
    (second, *_) = [
        one["id"] for one in running
        if one["status"] == "ACTIVE" and one["id"] != tenant.meta_ids["campaignId"]
    ]  # fmt: skip
    with database() as session:
        account = session.get_one(MetaAccount, UUID(tenant.account_id))
        other = a_campaign(session, account, meta_id=second, status="ACTIVE")
    limit(database, tenant, maxWritesPerDay=1)
    answer = applied(server, tenant, objectIds=[tenant.campaign_id, str(other.id)])
    assert states(answer) == [("done", None), ("failed", "policy_refused")]
    assert status(meta_token, tenant.meta_ids["campaignId"]) == "PAUSED"


def test_a_row_whose_verb_the_token_lacks_fails(server: Server, database: Database, tenant: Tenant) -> None:
    with database() as session:
        session.get_one(McpToken, UUID(tenant.token_id)).scopes = ["read", "pause"]
    assert states(applied(server, tenant, "archive")) == [("failed", "scope_missing")]


def test_a_held_batch_is_about_the_objects_it_was_asked_for(
    server: Server, database: Database, tenant: Tenant, meta_token: str
) -> None:
    limit(database, tenant, approval={"verbs": ["pause"]})
    held = server.call(tenant.token, "apply_bulk", accountId=tenant.account_id, action="pause").result
    assert held["outcome"] == "pending_approval"
    assert status(meta_token, tenant.meta_ids["campaignId"]) == "ACTIVE"
    with database() as session:
        asked = approvals.approve(session, UUID(tenant.user_id), UUID(held["approvalId"]))
        assert asked.arguments["objectIds"] == [tenant.campaign_id]
    guarding.run_approved(held["approvalId"])
    assert status(meta_token, tenant.meta_ids["campaignId"]) == "PAUSED"


def test_a_rehearsed_batch_writes_nothing(server: Server, tenant: Tenant, meta_token: str) -> None:
    assert applied(server, tenant, dryRun=True).result["outcome"] == "dry_run"
    assert status(meta_token, tenant.meta_ids["campaignId"]) == "ACTIVE"


def test_a_budget_is_changed_by_percent_within_the_ceiling(
    server: Server, database: Database, tenant: Tenant, meta_token: str
) -> None:
    meta_id = tenant.meta_ids["campaignId"]
    before = int(graph(meta_token).get(meta_id, fields="daily_budget")["daily_budget"])
    server.call(tenant.token, "get_campaign", campaignId=tenant.campaign_id, live=True)
    limit(database, tenant, maxPercentPerCall=20)
    assert states(applied(server, tenant, "change_budget_percent", percent="50")) == [
        ("failed", "policy_refused")
    ]
    assert states(applied(server, tenant, "change_budget_percent", percent="10")) == [("done", None)]
    after = int(graph(meta_token).get(meta_id, fields="daily_budget")["daily_budget"])
    assert after == round(before * 1.1)


def a_run(database: Database, tenant: Tenant) -> UUID:
    """A bulk edit of the token that no worker has begun."""
    with database() as session:
        run = BulkRun(
            user_id=UUID(tenant.user_id),
            action="pause",
            actor_kind=ActorKind.TOKEN,
            actor_id=UUID(tenant.token_id),
            total=1,
            due_at=columns.now(),
        )
        session.add(run)
        session.flush()
        session.add(
            BulkRow(
                run_id=run.id,
                position=0,
                user_id=run.user_id,
                account_id=UUID(tenant.account_id),
                level=Level.CAMPAIGN,
                object_id=UUID(tenant.campaign_id),
                fields={"status": "PAUSED"},
            )
        )
        return run.id


def test_a_stopped_account_stops_a_batch_under_way(
    server: Server, database: Database, tenant: Tenant, meta_token: str
) -> None:
    run_id = a_run(database, tenant)
    with database() as session:
        stopping.stop_account(session, UUID(tenant.user_id), UUID(tenant.account_id), stopped=True)
    bulk_running.run(run_id, 0)
    answer = server.call(tenant.token, "get_bulk", batchId=str(run_id))
    assert (answer.result["outcome"], states(answer)) == ("done", [("failed", "token_stopped")])
    assert status(meta_token, tenant.meta_ids["campaignId"]) == "ACTIVE"


def test_what_a_batch_has_still_to_write_counts_as_written(
    server: Server, database: Database, tenant: Tenant, meta_token: str
) -> None:
    a_run(database, tenant)
    limit(database, tenant, maxWritesPerDay=1)
    answer = server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id)
    assert answer.code == "policy_refused"
    assert status(meta_token, tenant.meta_ids["campaignId"]) == "ACTIVE"


def test_writes_at_once_keep_to_the_days_limit_together(
    server: Server, database: Database, tenant: Tenant, meta_token: str
) -> None:
    place = f"act_{tenant.meta_ids['accountId']}/campaigns"
    running = graph(meta_token).get(place, fields="id,status", limit="100")["data"]
    ids = [one["id"] for one in running if one["status"] == "ACTIVE"][:4]
    with database() as session:
        account = session.get_one(MetaAccount, UUID(tenant.account_id))
        for meta_id in set(ids) - {tenant.meta_ids["campaignId"]}:
            a_campaign(session, account, meta_id=meta_id, status="ACTIVE")
    limit(database, tenant, maxWritesPerDay=1)
    with ThreadPoolExecutor(len(ids)) as together:
        answers = list(
            together.map(lambda one: server.call(tenant.token, "pause_campaign", campaignId=one), ids)
        )
    assert sorted(answer.code or "" for answer in answers) == ["", *["policy_refused"] * (len(ids) - 1)]


def test_a_batch_that_is_called_off_leaves_what_has_not_begun(
    server: Server, database: Database, tenant: Tenant
) -> None:
    run_id = a_run(database, tenant)
    called_off = server.call(tenant.token, "cancel_bulk", batchId=str(run_id))
    assert (called_off.result["outcome"], states(called_off)) == ("done", [("failed", "cancelled")])
    with database() as session:
        assert bulk.ran(session, UUID(tenant.user_id), run_id).rows[0].state is RowState.FAILED


def test_a_budget_moves_from_the_campaign_to_its_ad_sets_and_back(
    server: Server, tenant: Tenant, meta_token: str
) -> None:
    meta_id = tenant.meta_ids["campaignId"]
    ad_sets = graph(meta_token).get(f"{meta_id}/adsets", fields="id", limit=50)["data"]
    shares = [{"adSetId": one["id"], "dailyBudget": "20"} for one in ad_sets]
    moved = server.call(tenant.token, "set_budget_mode", campaignId=meta_id, mode="adsets", shares=shares)
    assert moved.result["outcome"] == "applied", moved.error
    undone = server.call(tenant.token, "undo_change", changeId=moved.result["changeId"])
    assert undone.result["outcome"] == "applied", undone.error
