"""Making objects at Meta (played by the sandbox) with tools: within the token's limits, once."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.mcp.conftest import Answer, Database, Server, Tenant
from tests.mcp.test_sandbox import graph, meta_token, tenant
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.guarding import approvals
from vibekanban.domains.meta.models import Campaign, Change
from workers import guarding

__all__ = ["meta_token", "tenant"]


def limit(database: Database, tenant: Tenant, **policy: Any) -> None:
    with database() as session:
        tokens.change(session, UUID(tenant.user_id), UUID(tenant.token_id), policy=policy)


def created(server: Server, tenant: Tenant, **more: Any) -> Answer:
    wanted = {"name": "Rebajas", "objective": "OUTCOME_TRAFFIC", "dailyBudget": "20.00", **more}
    return server.call(tenant.token, "create_campaign", accountId=tenant.account_id, **wanted)


def changes_made(database: Database) -> int:
    with database() as session:
        return len(session.exec(select(Change)).all())


def test_a_campaign_is_made_paused_unless_told(server: Server, tenant: Tenant, meta_token: str) -> None:
    made = created(server, tenant).result
    assert (made["outcome"], made["status"]) == ("applied", "PAUSED")
    there = graph(meta_token).get(made["metaId"], fields="name,status,daily_budget")
    assert (there["name"], there["status"], there["daily_budget"]) == ("Rebajas", "PAUSED", "2000")


def test_a_whole_campaign_is_made_from_top_to_bottom(server: Server, tenant: Tenant, meta_token: str) -> None:
    campaign = created(server, tenant).result["id"]
    ad_set = server.call(
        tenant.token,
        "create_ad_set",
        campaignId=campaign,
        name="Madrid",
        optimizationGoal="LINK_CLICKS",
        targeting={"geo_locations": {"countries": ["MX"]}},
    ).result["id"]
    pages = graph(meta_token).get("me/accounts", fields="id")["data"]
    creative = server.call(
        tenant.token,
        "create_creative",
        accountId=tenant.account_id,
        name="Foto",
        pageId=pages[0]["id"],
        link="https://tienda.example",
        message="Descubre lo nuevo",
    ).result["id"]
    ad = server.call(tenant.token, "create_ad", adSetId=ad_set, name="Anuncio", creativeId=creative).result
    assert (ad["outcome"], ad["status"]) == ("applied", "PAUSED")


def test_the_creatives_of_an_account_are_read_page_by_page(server: Server, tenant: Tenant) -> None:
    first = server.call(tenant.token, "list_creatives", accountId=tenant.account_id, limit=2).result
    more = {"limit": 2, "cursor": first["nextCursor"]}
    second = server.call(tenant.token, "list_creatives", accountId=tenant.account_id, **more).result
    assert len({one["id"] for one in first["items"] + second["items"]}) == 4


def test_a_rehearsal_makes_nothing(server: Server, database: Database, tenant: Tenant) -> None:
    tried = created(server, tenant, dryRun=True).result
    assert (tried["outcome"], tried["id"], tried["atStake"]["dailyBudgetDelta"]) == ("dry_run", None, "20.00")
    assert changes_made(database) == 0


def test_a_token_that_may_not_resume_makes_nothing_that_runs(
    server: Server, database: Database, tenant: Tenant
) -> None:
    with database() as session:
        session.get_one(McpToken, UUID(tenant.token_id)).scopes = ["read", "create"]
    assert created(server, tenant, status="ACTIVE").code == "scope_missing"
    assert created(server, tenant).code == ""


def test_a_new_budget_above_the_ceiling_is_refused(
    server: Server, database: Database, tenant: Tenant
) -> None:
    limit(database, tenant, maxDailyBudget={"MXN": "10", "EUR": "10", "USD": "10"})
    assert created(server, tenant).code == "policy_refused"
    assert changes_made(database) == 0


def test_what_is_born_running_waits_where_resuming_waits(
    server: Server, database: Database, tenant: Tenant
) -> None:
    limit(database, tenant, approval={"verbs": ["resume"]})
    assert created(server, tenant, status="ACTIVE").result["outcome"] == "pending_approval"
    assert created(server, tenant).result["outcome"] == "applied"


def test_an_approved_creation_is_made_once(server: Server, database: Database, tenant: Tenant) -> None:
    limit(database, tenant, approval={"verbs": ["create"]})
    approval_id = created(server, tenant).result["approvalId"]
    with database() as session:
        approvals.approve(session, UUID(tenant.user_id), UUID(approval_id))
    guarding.run_approved(approval_id)
    guarding.run_approved(approval_id)
    with database() as session:
        assert len(session.exec(select(Campaign).where(Campaign.name == "Rebajas")).all()) == 1


def test_a_repeated_key_makes_one_campaign(server: Server, database: Database, tenant: Tenant) -> None:
    first = created(server, tenant, idempotencyKey="rebajas-01")
    assert created(server, tenant, idempotencyKey="rebajas-01").result == first.result
    assert changes_made(database) == 1


def test_a_copy_of_an_ad_set_lands_in_its_campaign(server: Server, tenant: Tenant, meta_token: str) -> None:
    copied = server.call(tenant.token, "copy_ad_set", adSetId=tenant.ad_set_id, suffix=" B").result
    assert (copied["outcome"], copied["status"], copied["objects"]) == ("applied", "PAUSED", {"adset": 1})
    there = graph(meta_token).get(copied["metaId"], fields="campaign_id,name")
    assert there["campaign_id"] == tenant.meta_ids["campaignId"]
    assert there["name"].endswith(" B")


def test_a_rehearsed_copy_counts_what_it_would_make(
    server: Server, database: Database, tenant: Tenant
) -> None:
    tried = server.call(
        tenant.token, "copy_campaign", campaignId=tenant.campaign_id, deep=True, dryRun=True
    ).result
    assert tried["objects"] == {"campaign": 1, "adset": 1, "ad": 1}
    assert changes_made(database) == 0


@pytest.mark.parametrize("given", [{"pageId": "1"}, {"link": "https://tienda.example"}, {}])
def test_a_creative_without_its_parts_is_refused(
    server: Server, tenant: Tenant, given: dict[str, str]
) -> None:
    answer = server.call(tenant.token, "create_creative", accountId=tenant.account_id, name="Foto", **given)
    assert answer.error
    assert answer.error["details"]["fields"]
