"""Writes of programs within the limits of their owner, on the whole way to Meta (played by the sandbox)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select, update

from tests.conftest import Sandbox
from tests.mcp.conftest import Answer, Database, Server, Tenant
from tests.mcp.test_sandbox import graph, meta_token, status, tenant
from vibekanban.core.columns import now
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import AuditEntry
from vibekanban.domains.guarding import approvals, stopping
from vibekanban.domains.guarding.models import Approval, ApprovalStatus
from vibekanban.domains.meta.models import Change
from vibekanban.domains.notifications import inbox
from workers import guarding

__all__ = ["meta_token", "tenant"]


@pytest.fixture
def budget(meta_token: str, tenant: Tenant) -> Decimal:
    """What the campaign or, where it has none, its ad set may spend a day, in major units."""
    return (
        Decimal(graph(meta_token).get(tenant.meta_ids["campaignId"], fields="daily_budget")["daily_budget"])
        / 100
    )


def limit(database: Database, tenant: Tenant, **policy: Any) -> None:
    with database() as session:
        tokens.change(session, UUID(tenant.user_id), UUID(tenant.token_id), policy=policy)


def raised(server: Server, tenant: Tenant, amount: Decimal, **more: Any) -> Answer:
    return server.call(
        tenant.token,
        "update_campaign",
        campaignId=tenant.meta_ids["campaignId"],
        dailyBudget=f"{amount:.2f}",
        **more,
    )


def at_meta(meta_token: str, tenant: Tenant) -> Decimal:
    found = graph(meta_token).get(tenant.meta_ids["campaignId"], fields="daily_budget")
    return Decimal(found["daily_budget"]) / 100


def test_a_program_changes_a_budget_and_the_audit_holds_both_sides(
    server: Server, database: Database, tenant: Tenant, meta_token: str, budget: Decimal
) -> None:
    answer = raised(server, tenant, budget + 5)
    assert (answer.result["outcome"], at_meta(meta_token, tenant)) == ("applied", budget + 5)
    with database() as session:
        entry = session.exec(select(AuditEntry).order_by(col(AuditEntry.id).desc())).first()
    assert entry
    assert (entry.before, entry.after) == (
        {"dailyBudget": f"{budget:.2f}"},
        {"dailyBudget": f"{budget + 5:.2f}"},
    )


def test_a_dry_run_tells_the_money_and_writes_nothing(
    server: Server, tenant: Tenant, meta_token: str, budget: Decimal
) -> None:
    answer = raised(server, tenant, budget + 5, dryRun=True)
    assert answer.result["outcome"] == "dry_run"
    assert answer.result["atStake"]["dailyBudgetDelta"] == "5.00"
    assert at_meta(meta_token, tenant) == budget


def test_a_token_that_may_only_try_writes_nothing(
    server: Server, database: Database, tenant: Tenant, meta_token: str, budget: Decimal
) -> None:
    limit(database, tenant, dryRun=True)
    assert raised(server, tenant, budget + 5).result["outcome"] == "dry_run"
    assert at_meta(meta_token, tenant) == budget


def test_an_agent_that_asks_for_half_more_ten_times_is_stopped_with_a_reason(
    server: Server, database: Database, tenant: Tenant, meta_token: str, sandbox: Sandbox, budget: Decimal
) -> None:
    limit(database, tenant, maxPercentPerDay=50)
    answers = []
    for _ in range(10):
        asked = (at_meta(meta_token, tenant) * Decimal("1.5")).quantize(Decimal("0.01"))
        answers.append(raised(server, tenant, asked))
    assert answers[0].result["outcome"] == "applied"
    assert [answer.code for answer in answers[1:]] == ["policy_refused"] * 9
    assert answers[-1].error
    assert answers[-1].error["details"]["reasons"][0]["reason"] == "percent_per_day"
    assert "50\xa0%" in answers[-1].error["error"]
    assert at_meta(meta_token, tenant) == (budget * Decimal("1.5")).quantize(Decimal("0.01"))


def test_a_held_call_changes_nothing_until_a_person_approves_it(
    server: Server, database: Database, tenant: Tenant, meta_token: str, budget: Decimal
) -> None:
    limit(database, tenant, approval={"abovePercent": 1})
    held = raised(server, tenant, budget * 2)
    assert (held.result["outcome"], at_meta(meta_token, tenant)) == ("pending_approval", budget)
    approval_id = UUID(held.result["approvalId"])
    with database() as session:
        approvals.approve(session, UUID(tenant.user_id), approval_id, note="hasta el viernes")
    guarding.run_approved(str(approval_id))
    assert at_meta(meta_token, tenant) == budget * 2
    seen = server.call(tenant.token, "get_approval", approvalId=str(approval_id)).result
    assert (seen["status"], seen["note"], seen["result"]["outcome"]) == (
        "done",
        "hasta el viernes",
        "applied",
    )


def test_an_approved_call_runs_once_however_often_its_job_does(
    server: Server, database: Database, tenant: Tenant, budget: Decimal
) -> None:
    limit(database, tenant, approval={"verbs": ["edit"]})
    approval_id = raised(server, tenant, budget + 1).result["approvalId"]
    with database() as session:
        approvals.approve(session, UUID(tenant.user_id), UUID(approval_id))
    guarding.run_approved(approval_id)
    guarding.run_approved(approval_id)
    with database() as session:
        assert len(session.exec(select(Change)).all()) == 1


def test_what_was_approved_is_still_within_the_other_limits(
    server: Server, database: Database, tenant: Tenant, meta_token: str, budget: Decimal
) -> None:
    limit(database, tenant, approval={"verbs": ["edit"]})
    approval_id = raised(server, tenant, budget * 2).result["approvalId"]
    limit(database, tenant, maxPercentPerCall=10)
    with database() as session:
        approvals.approve(session, UUID(tenant.user_id), UUID(approval_id))
    guarding.run_approved(approval_id)
    with database() as session:
        found = session.get_one(Approval, UUID(approval_id))
    assert (found.status, found.error_code) == (ApprovalStatus.FAILED, "policy_refused")
    assert at_meta(meta_token, tenant) == budget


def test_asking_again_while_it_waits_finds_the_same_held_call(
    server: Server, database: Database, tenant: Tenant, budget: Decimal
) -> None:
    limit(database, tenant, approval={"verbs": ["edit"]})
    first, second = raised(server, tenant, budget + 1), raised(server, tenant, budget + 1)
    assert first.result["approvalId"] == second.result["approvalId"]


def test_the_notice_of_a_held_call_leads_to_where_it_is_decided(
    server: Server, database: Database, tenant: Tenant, budget: Decimal
) -> None:
    limit(database, tenant, approval={"verbs": ["edit"]})
    raised(server, tenant, budget + 1)
    with database() as session:
        (told,) = (
            line
            for line in inbox.lines(session, UUID(tenant.user_id), "es")
            if line.kind == "approval_waiting"
        )
    assert told.href == "/app/approvals"
    assert "update_campaign" not in told.body


def test_a_rejected_call_never_runs(
    server: Server, database: Database, tenant: Tenant, meta_token: str, budget: Decimal
) -> None:
    limit(database, tenant, approval={"verbs": ["edit"]})
    approval_id = raised(server, tenant, budget + 1).result["approvalId"]
    with database() as session:
        approvals.reject(session, UUID(tenant.user_id), UUID(approval_id), note="no")
    guarding.run_approved(approval_id)
    assert at_meta(meta_token, tenant) == budget


def test_a_held_call_that_nobody_decides_expires(
    server: Server, database: Database, tenant: Tenant, budget: Decimal
) -> None:
    limit(database, tenant, approval={"verbs": ["edit"], "expiresHours": 1})
    approval_id = UUID(raised(server, tenant, budget + 1).result["approvalId"])
    with database() as session:
        session.execute(update(Approval).values(expires_at=now() - timedelta(seconds=1)))
    guarding.sweep_approvals()
    with database() as session:
        assert session.get_one(Approval, approval_id).status is ApprovalStatus.EXPIRED


def test_a_stopped_token_is_refused_and_let_go_again(
    server: Server, database: Database, tenant: Tenant
) -> None:
    for stopped, code in ((True, "token_stopped"), (False, "")):
        with database() as session:
            tokens.change(session, UUID(tenant.user_id), UUID(tenant.token_id), stopped=stopped)
        with server.http(tenant.token) as http:
            answer = http.post("/api/mcp/tools/list_accounts", json={"arguments": {}})
        assert answer.json().get("code", "") == code


def test_everything_stopped_also_stops_the_quick_metric_read(
    server: Server, database: Database, tenant: Tenant
) -> None:
    with database() as session:
        stopping.stop_everything(session, UUID(tenant.user_id), stopped=True)
    with server.http(tenant.token) as http:
        asked = {"arguments": {"level": "campaign", "id": tenant.campaign_id}}
        answer = http.post("/api/mcp/tools/get_metrics", json=asked)
    assert (answer.status_code, answer.json()["code"]) == (403, "token_stopped")


def test_a_stopped_account_is_read_but_not_written(
    server: Server, database: Database, tenant: Tenant, meta_token: str
) -> None:
    with database() as session:
        stopping.stop_account(session, UUID(tenant.user_id), UUID(tenant.account_id), stopped=True)
    campaign = tenant.meta_ids["campaignId"]
    assert server.call(tenant.token, "pause_campaign", campaignId=campaign).code == "account_stopped"
    assert server.call(tenant.token, "get_campaign", campaignId=campaign).code == ""
    assert status(meta_token, campaign) == "ACTIVE"


def test_a_repeated_key_gives_the_first_answer_and_writes_once(
    server: Server, database: Database, tenant: Tenant, budget: Decimal
) -> None:
    first = raised(server, tenant, budget + 1, idempotencyKey="rebajas-01")
    second = raised(server, tenant, budget + 1, idempotencyKey="rebajas-01")
    assert first.result == second.result
    with database() as session:
        assert len(session.exec(select(Change)).all()) == 1


def test_a_key_is_not_for_another_call(server: Server, tenant: Tenant, budget: Decimal) -> None:
    raised(server, tenant, budget + 1, idempotencyKey="rebajas-01")
    assert raised(server, tenant, budget + 2, idempotencyKey="rebajas-01").code == "idempotency_reused"
