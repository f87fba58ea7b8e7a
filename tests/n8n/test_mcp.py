"""The MCP Client node of the real n8n against our MCP: a loop over all pages, guarded writes, a token that is revoked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import func, select

from tests.factories.n8n import a_name, a_set, a_tool_call, a_webhook, a_workflow, an_if
from tests.mcp.conftest import Database, Server
from tests.mcp.limited import ADS, BEYOND, HELD_ABOVE, REFUSED_ABOVE, Limited, limited
from tests.mcp.test_sandbox import meta_token, tenant
from tests.n8n.conftest import eventually
from tests.n8n.platform import Platform
from tests.served import served, server
from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import Refused
from vibekanban.clients.n8n.shapes import Execution
from vibekanban.domains.access import tokens
from vibekanban.domains.access.models import AuditEntry

__all__ = ["limited", "meta_token", "served", "server", "tenant"]

NAMED = {"name": "Somebody's tools", "version": "1"}
NEXT = "={{ { cursor: $json.structuredContent.nextCursor } }}"


def a_loop(
    server: Server, limited: Limited, credential: str, *, page: int, answers: str, last: Any
) -> tuple[dict[str, Any], str]:
    """A workflow that lists the ads page after page, then does the last thing; and the path that starts it."""
    path = a_name()
    asked = f"={{{{ {{ adSetId: '{limited.tenant.ad_set_id}', limit: {page}, cursor: $json.cursor }} }}}}"
    ads = a_tool_call(f"{server.url}/mcp", credential, "list_ads", asked, "List ads")
    more = an_if("={{ $json.structuredContent.hasMore }}")
    onwards = a_set(NEXT, "Next page")
    document = a_workflow(
        a_webhook(path, respond=answers), a_set('{"cursor": null}', "First page"), ads, more
    )
    document["nodes"] += [onwards, last]
    document["connections"] |= {
        "More?": {"main": [[_to("Next page")], [_to(last["name"])]]},
        "Next page": {"main": [[_to("List ads")]]},
    }
    return document, path


def _to(name: str) -> dict[str, Any]:
    return {"node": name, "type": "main", "index": 0}


def a_raise(server: Server, limited: Limited, credential: str, percent: int) -> dict[str, Any]:
    asked = f"={{{{ {{ campaignId: '{limited.campaign_id}', dailyBudget: '{limited.more(percent)}' }} }}}}"
    return a_tool_call(f"{server.url}/mcp", credential, "update_campaign", asked, "Raise")


def published(n8n: N8n, document: dict[str, Any]) -> str:
    made = n8n.create_workflow(document)
    n8n.publish(made.id)
    return made.id


@pytest.fixture
def credential(n8n: N8n, limited: Limited) -> str:
    return n8n.create_bearer(name=a_name(), token=limited.token, domains=["127.0.0.1"])


def ended(n8n: N8n, workflow_id: str) -> Execution:
    """The workflow's only run, when it is over."""

    def over() -> bool:
        return any(run.stopped_at for run in n8n.executions(workflow_id=workflow_id))

    assert eventually(over, 60)
    [run] = n8n.executions(workflow_id=workflow_id)
    return n8n.execution(run.id)


def test_a_loop_reads_a_thousand_ads_once_each_and_ends_with_a_write(
    server: Server, limited: Limited, n8n: N8n, credential: str
) -> None:
    wanted = limited.more(HELD_ABOVE)
    last = a_raise(server, limited, credential, HELD_ABOVE)
    document, path = a_loop(server, limited, credential, page=100, answers="lastNode", last=last)
    workflow_id = published(n8n, document)
    assert n8n.run(path, {})["structuredContent"]["outcome"] == "applied"
    data = ended(n8n, workflow_id).data or {}
    pages = [run["data"]["main"][0][0]["json"]["structuredContent"] for run in data["List ads"]]
    seen = [row["id"] for page in pages for row in page["items"]]
    assert len(seen) == ADS
    assert set(seen) == limited.ad_ids
    assert f"{limited.budget:.2f}" == wanted


def test_a_write_beyond_the_limits_fails_the_run_with_the_reason(
    server: Server, limited: Limited, n8n: N8n, credential: str
) -> None:
    before, path = limited.budget, a_name()
    write = a_raise(server, limited, credential, REFUSED_ABOVE + 1)
    workflow_id = published(n8n, a_workflow(a_webhook(path), write))
    with pytest.raises(Refused):
        n8n.run(path, {})
    assert BEYOND["es"] in ended(n8n, workflow_id).error
    assert limited.budget == before


def test_a_revoked_token_stops_the_running_workflow_at_its_next_call(
    server: Server, database: Database, limited: Limited, n8n: N8n, credential: str
) -> None:
    document, path = a_loop(
        server, limited, credential, page=1, answers="onReceived", last=a_set("{}", "All read")
    )
    workflow_id = published(n8n, document)
    n8n.run(path, {})
    assert eventually(lambda: made(database) >= 3, 60)
    with database() as session:
        tokens.revoke(session, UUID(limited.tenant.user_id), UUID(limited.tenant.token_id))
    before = made(database)
    run = ended(n8n, workflow_id)
    assert run.failed
    # n8n passes our sentence on, but not when the next call is its greeting
    assert any(words in run.error for words in ("El token no es válido", "Authentication failed"))
    assert made(database) - before <= 1  # the call that was under way


def test_a_token_refused_after_the_greeting_fails_the_run_with_the_servers_words(
    platform: Platform, n8n: N8n, credential: str
) -> None:
    greeting = {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, "serverInfo": NAMED}
    platform.answering((405, "")).methods = {
        "initialize": (200, greeting),
        "notifications/initialized": (202, ""),
        "tools/call": (401, {"error": "That token was revoked"}),
    }
    path = a_name()
    call = a_tool_call(platform.url, credential, "list_ads", "{}", "List ads")
    workflow_id = published(n8n, a_workflow(a_webhook(path), call))
    with pytest.raises(Refused):
        n8n.run(path, {})
    assert "Error POSTing to endpoint" in (said := ended(n8n, workflow_id).error)
    assert "That token was revoked" in said


def made(database: Database) -> int:
    """How many calls of tools were carried out."""
    with database() as session:
        return session.exec(select(func.count()).select_from(AuditEntry)).one()
