"""The whole way of a call: token, user, account, sealed credential, Meta (played by the sandbox), answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.conftest import Sandbox
from tests.factories.access import a_token
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set
from tests.mcp.conftest import Database, Server, Tenant
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core.queue import Lane
from vibekanban.domains.access import audit
from vibekanban.domains.meta import changes, connections
from vibekanban.domains.meta.models import ChangeOutcome, MetaConnection

LEVELS = {"campaign": "campaignId", "ad_set": "adSetId", "ad": "adId"}


def graph(secret: str) -> Gateway:
    return Gateway(secret, key="tests", lane=Lane.HUMAN)


def status(secret: str, meta_id: str) -> str:
    return graph(secret).get(meta_id, fields="status")["status"]


@pytest.fixture
def meta_token(sandbox: Sandbox) -> str:
    return sandbox.admin.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]


@pytest.fixture
def tenant(database: Database, sandbox: Sandbox, meta_token: str) -> Tenant:
    """Somebody connected to an account of the sandbox, with a running ad and what it hangs on."""
    (account,) = sandbox.admin.get("/_sandbox/world").json()["lucia"]["accounts"]
    running = graph(meta_token).get(
        f"act_{account['id']}/ads",
        fields="id,adset_id,campaign_id",
        effective_status=["ACTIVE"],
        limit=1,
    )["data"][0]
    with database() as session:
        user = a_user(session)
        connection = a_connection(session, user, token=meta_token)
        owned = an_account(session, connection, meta_account_id=account["id"])
        campaign = a_campaign(session, owned, meta_id=running["campaign_id"])
        ad_set = an_ad_set(session, campaign, meta_id=running["adset_id"])
        ad = an_ad(session, ad_set, meta_id=running["id"])
        issued = a_token(session, user.id, account_ids=[owned.id])
    ids = {"campaignId": campaign.meta_id, "adSetId": ad_set.meta_id, "adId": ad.meta_id}
    return Tenant(
        user_id=str(user.id),
        account_id=str(owned.id),
        campaign_id=str(campaign.id),
        ad_set_id=str(ad_set.id),
        ad_id=str(ad.id),
        meta_ids={"accountId": account["id"], **ids},
        token_id=str(issued.token.id),
        token=issued.secret,
    )


@pytest.mark.parametrize("level", LEVELS)
def test_pausing_and_resuming_arrive_at_meta(
    server: Server, tenant: Tenant, meta_token: str, level: str
) -> None:
    argument = LEVELS[level]
    meta_id = tenant.meta_ids[argument]
    paused = server.call(tenant.token, f"pause_{level}", **{argument: meta_id, "reason": "ROAS 0.8"})
    assert (paused.result["changed"], paused.result["status"]) == (True, "PAUSED")
    assert status(meta_token, meta_id) == "PAUSED"
    resumed = server.call(tenant.token, f"resume_{level}", **{argument: meta_id})
    assert (resumed.result["changed"], resumed.result["status"]) == (True, "ACTIVE")
    assert status(meta_token, meta_id) == "ACTIVE"


def test_pausing_twice_writes_once_and_says_so(server: Server, sandbox: Sandbox, tenant: Tenant) -> None:
    server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id)
    again = server.call(tenant.token, "pause_campaign", language="en", campaignId=tenant.campaign_id).result
    assert (again["changed"], again["changeId"]) == (False, None)
    assert "already" in again["message"]
    calls = sandbox.admin.get("/_sandbox/calls").json()
    assert len([call for call in calls if call["method"] == "POST"]) == 1


def test_a_write_is_in_the_audit_and_in_the_change_log(
    server: Server, database: Database, tenant: Tenant
) -> None:
    server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id, reason="ROAS 0.8")
    with database() as session:
        (entry,) = audit.entries(session, UUID(tenant.user_id))
        (change,) = changes.changes(session, UUID(tenant.user_id))
    assert (entry.before or {})["status"] == "ACTIVE"
    assert (entry.after or {})["status"] == "PAUSED"
    assert entry.arguments["reason"] == "ROAS 0.8"
    assert (str(change.actor_id), change.actor_name) == (tenant.token_id, "n8n")
    assert change.outcome is ChangeOutcome.APPLIED
    (shown,) = server.call(tenant.token, "list_changes", objectId=tenant.campaign_id).result["items"]
    assert (shown["id"], shown["outcome"]) == (str(change.id), "applied")


def test_a_live_read_sees_what_happened_elsewhere(server: Server, tenant: Tenant, meta_token: str) -> None:
    graph(meta_token).post(tenant.meta_ids["campaignId"], status="PAUSED")

    def seen(**arguments: Any) -> str:
        return server.call(tenant.token, "get_campaign", campaignId=tenant.campaign_id, **arguments).result[
            "status"
        ]

    assert [seen(), seen(live=True), seen()] == ["ACTIVE", "PAUSED", "PAUSED"]


def test_a_write_whose_answer_is_lost_is_looked_up(server: Server, sandbox: Sandbox, tenant: Tenant) -> None:
    fault = {"kind": "reset_after_write", "method": "POST", "path": tenant.meta_ids["campaignId"]}
    sandbox.admin.post("/_sandbox/faults", json=fault).raise_for_status()
    answer = server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id)
    assert (answer.result["changed"], answer.result["status"]) == (True, "PAUSED")


def test_a_dead_credential_tells_the_model_whom_to_ask(
    server: Server, database: Database, sandbox: Sandbox, tenant: Tenant, meta_token: str
) -> None:
    sandbox.admin.post("/_sandbox/tokens/kill", json={"token": meta_token}).raise_for_status()
    answer = server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id)
    assert answer.code == "connection_needs_sign_in"
    assert meta_token not in str(answer.error)
    (row,) = server.call(tenant.token, "list_accounts").result["items"]
    assert row["connectionStatus"] == "needs_reauth"
    with database() as session:
        (entry, _) = audit.entries(session, UUID(tenant.user_id))[::-1]
    assert entry.error_code == "connection_needs_sign_in"


def test_a_credential_that_may_only_read_can_not_pause(
    server: Server, database: Database, sandbox: Sandbox, tenant: Tenant
) -> None:
    body = {"person": "lucia", "scopes": ["ads_read"]}
    reading = sandbox.admin.post("/_sandbox/tokens", json=body).json()["token"]
    with database() as session:
        connection = session.exec(
            select(MetaConnection).where(MetaConnection.user_id == UUID(tenant.user_id))
        ).one()
        connection.sealed_token = connections.sealed(connection.id, reading)
    answer = server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id)
    assert answer.code == "meta_needs_permission"
    assert status(reading, tenant.meta_ids["campaignId"]) == "ACTIVE"
