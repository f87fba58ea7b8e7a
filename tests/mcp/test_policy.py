"""Every tool that writes, also one added tomorrow, is held by the same four brakes: rights, dry runs, approvals, stops."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from tests.factories import tools
from tests.factories.alerts import an_alert
from tests.mcp.conftest import Answer, Database, Server, Tenant
from tests.mcp.test_creating import limit
from tests.mcp.test_isolation import ids
from tests.mcp.test_sandbox import meta_token, tenant
from vibekanban.core.db import transaction
from vibekanban.domains.access import audit
from vibekanban.domains.access.models import McpToken, Outcome, Scope
from vibekanban.domains.access.policy import WRITES
from vibekanban.domains.guarding import stopping
from vibekanban.domains.meta.models import Campaign, Change, ChangeOutcome

__all__ = ["meta_token", "tenant"]
# what calls off what was allowed before is never held up
BRAKES = {"cancel_bulk", "cancel_job"}
# asks for the right to what it calls off, when it knows what that is
ASKS_LATER = {"cancel_job"}
GUARDED = [name for name in tools.WRITES if name not in BRAKES]
# what the rules of editing, or Meta, say of a thin plain call before anybody decides about it
FAR = {"invalid", "meta_refused", "meta_missing"}
UNDOING = {"undo_change": "changeId", "undo_batch": "batchId"}


def called(server: Server, database: Database, tenant: Tenant, tool: str, **more: Any) -> Answer:
    """The tool about the tenant's own things, with something that is there to be done."""
    arguments = {**tools.a_call(tool, ids(tenant)), **wanted(tool, tenant), **more}
    if tool in UNDOING:
        arguments[UNDOING[tool]] = paused(server, database, tenant, UNDOING[tool])
    return server.call(tenant.token, tool, **arguments)


def wanted(tool: str, tenant: Tenant) -> dict[str, Any]:
    if tool in {"update_alert", "pause_alert", "resume_alert", "delete_alert", "restore_alert"}:
        with transaction() as session:
            alert = an_alert(session, session.get_one(Campaign, UUID(tenant.campaign_id)))
            return {"alertId": str(alert.id)}
    if tool == "comment_card":
        return {"cardId": tenant.campaign_id}
    return {"apply_bulk": {"objectIds": [tenant.campaign_id]}}.get(tool, {})


def paused(server: Server, database: Database, tenant: Tenant, wanted: str) -> str:
    """A change of the tenant's that can be undone."""
    with database() as session:
        token = session.get_one(McpToken, UUID(tenant.token_id))
        kept, token.policy = token.policy, {}
        scopes, token.scopes = token.scopes, [one.value for one in Scope]
    done = server.call(
        tenant.token,
        "apply_bulk",
        accountId=tenant.account_id,
        action="pause",
        objectIds=[tenant.campaign_id],
    )
    with database() as session:
        token = session.get_one(McpToken, UUID(tenant.token_id))
        token.policy, token.scopes = kept, scopes
    return done.result["items"][0]["changeId"] if wanted == "changeId" else done.result["batchId"]


@pytest.mark.parametrize("tool", [name for name in tools.WRITES if name not in ASKS_LATER])
def test_a_token_that_may_only_read_is_refused(
    server: Server, database: Database, tenant: Tenant, tool: str
) -> None:
    with database() as session:
        session.get_one(McpToken, UUID(tenant.token_id)).scopes = ["read"]
    arguments = {**tools.a_call(tool, ids(tenant)), **wanted(tool, tenant)}
    assert server.call(tenant.token, tool, **arguments).code == "scope_missing"


@pytest.mark.parametrize("tool", GUARDED)
def test_a_token_that_may_only_try_writes_nothing(
    server: Server, database: Database, tenant: Tenant, tool: str
) -> None:
    limit(database, tenant, dryRun=True)
    answer = called(server, database, tenant, tool)
    assert answer.result.get("outcome") in {"dry_run", "unchanged"} or answer.code in FAR, answer
    with database() as session:
        made = session.exec(select(Change).where(Change.actor_id == UUID(tenant.token_id))).all()
        assert len(made) == (1 if tool in UNDOING else 0)


@pytest.mark.parametrize(
    ("policy", "outcome"),
    [({"dryRun": True}, Outcome.REHEARSED), ({"approval": {"verbs": ["pause"]}}, Outcome.HELD)],
)
def test_the_log_tells_a_call_that_did_nothing_from_one_that_did(
    server: Server, database: Database, tenant: Tenant, policy: dict[str, Any], outcome: Outcome
) -> None:
    limit(database, tenant, **policy)
    server.call(tenant.token, "pause_campaign", campaignId=tenant.campaign_id)
    with database() as session:
        (entry,) = audit.entries(session, UUID(tenant.user_id))
        assert entry.outcome is outcome


@pytest.mark.parametrize("tool", GUARDED)
def test_what_must_be_approved_waits(server: Server, database: Database, tenant: Tenant, tool: str) -> None:
    limit(database, tenant, approval={"verbs": [scope.value for scope in WRITES]})
    answer = called(server, database, tenant, tool)
    assert answer.result.get("outcome") in {"pending_approval", "unchanged"} or answer.code in FAR, answer
    with database() as session:
        applied = session.exec(
            select(Change).where(col(Change.outcome) == ChangeOutcome.APPLIED, Change.action != "pause")
        )
        assert list(applied) == []


@pytest.mark.parametrize("tool", GUARDED)
def test_a_stopped_account_is_not_written(
    server: Server, database: Database, tenant: Tenant, tool: str
) -> None:
    arguments = {**tools.a_call(tool, ids(tenant)), **wanted(tool, tenant)}
    if tool in UNDOING:
        arguments[UNDOING[tool]] = paused(server, database, tenant, UNDOING[tool])
    with database() as session:
        stopping.stop_account(session, UUID(tenant.user_id), UUID(tenant.account_id), stopped=True)
    assert server.call(tenant.token, tool, **arguments).code == "account_stopped"


def test_every_verb_of_a_token_is_one_a_policy_can_hold() -> None:
    assert {scope for name in GUARDED for scope in [tools.TOOLS[name].scope]} <= set(WRITES)
