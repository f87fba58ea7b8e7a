from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from mcp.shared.exceptions import MCPError

from tests.mcp.conftest import Database, Server, Tenant, a_tenant
from vibekanban.core import i18n
from vibekanban.domains.access import audit
from vibekanban.domains.access.models import Outcome


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return a_tenant(database)


def written(database: Database, tenant: Tenant) -> list[dict[str, Any]]:
    with database() as session:
        return [entry.model_dump() for entry in audit.entries(session, UUID(tenant.user_id))]


def test_a_call_is_audited_with_its_account_and_duration(
    server: Server, database: Database, tenant: Tenant
) -> None:
    server.call(tenant.token, "get_campaign", campaignId=tenant.campaign_id)
    (entry,) = written(database, tenant)
    assert (entry["tool"], entry["door"], entry["outcome"]) == ("get_campaign", "mcp", Outcome.OK)
    assert entry["arguments"] == {"campaignId": tenant.campaign_id}
    assert (str(entry["account_id"]), entry["object_id"]) == (tenant.account_id, tenant.campaign_id)
    assert str(entry["token_id"]) == tenant.token_id
    assert entry["duration_ms"] >= 0


@pytest.mark.parametrize(
    ("tool", "arguments", "code"),
    [
        ("get_campaign", {"campaignId": "1"}, "not_found"),
        ("get_campaign", {}, "invalid_arguments"),
        ("list_ads", {"limit": 101}, "invalid_arguments"),
        ("list_ads", {"cursor": "no"}, "bad_cursor"),
        ("pause_campaign", {"campaignId": "1"}, "scope_missing"),
    ],
)
def test_a_refused_call_is_audited_too(
    server: Server, database: Database, tool: str, arguments: dict[str, Any], code: str
) -> None:
    reader = a_tenant(database, scopes=["read"])
    answer = server.call(reader.token, tool, **arguments)
    (entry,) = written(database, reader)
    assert (answer.code, entry["error_code"], entry["outcome"]) == (code, code, Outcome.REFUSED)


def test_an_unknown_tool_is_a_protocol_error_and_audited(
    server: Server, database: Database, tenant: Tenant
) -> None:
    with pytest.raises(ExceptionGroup) as failed:
        server.call(tenant.token, "delete_everything")
    assert failed.group_contains(MCPError, match="Unknown tool: delete_everything")
    assert [entry["error_code"] for entry in written(database, tenant)] == ["unknown_tool"]


def test_a_wrong_argument_is_named_with_what_to_do(server: Server, tenant: Tenant) -> None:
    answer = server.call(tenant.token, "list_ads", language="en", limit=101, campaing="x")
    assert answer.error is not None
    assert {field["field"] for field in answer.error["details"]["fields"]} == {"limit", "campaing"}
    assert "schema" in answer.error["hint"]


def test_an_error_speaks_the_callers_language(server: Server, tenant: Tenant) -> None:
    spanish = server.call(tenant.token, "get_campaign", campaignId="1").error or {}
    english = server.call(tenant.token, "get_campaign", language="en", campaignId="1").error or {}
    assert spanish["error"] == i18n.say("es", "errors.not_found")
    assert english["error"] == i18n.say("en", "errors.not_found")
