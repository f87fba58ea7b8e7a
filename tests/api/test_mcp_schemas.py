"""Every answer of a tool has the shape that the tool's list announces."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from fastapi.testclient import TestClient

from tests.factories import tenants, tools
from tests.factories.access import a_token
from tests.mcp.conftest import Database
from vibekanban.domains.tools.catalogue import TOOLS
from vibekanban.domains.tools.tool import definition

# what asks Meta is held by the tests that have the sandbox: the official client checks each answer there
AT_META = {"list_creatives"}
HERE = {
    "create_alert",
    "update_alert",
    "pause_alert",
    "resume_alert",
    "delete_alert",
    "restore_alert",
    "create_task",
    "comment_card",
    "cancel_job",
}
KINDS = {
    "accountId": "account",
    "campaignId": "campaign",
    "adSetId": "ad_set",
    "adId": "ad",
    "approvalId": "approval",
    "batchId": "batch",
    "syncId": "job",
    "jobId": "job",
    "reportId": "report",
    "alertId": "alert",
    "cardId": "task",
}
PLAIN = [name for name in TOOLS if name in HERE or (name in tools.READS and name not in AT_META)]


@pytest.mark.parametrize("tool", PLAIN)
def test_an_answer_has_the_announced_shape(client: TestClient, database: Database, tool: str) -> None:
    with database() as session:
        owner = tenants.a_tenant(session, "Propia")
        secret = a_token(session, owner.user_id, account_ids=[owner.ids["account"]]).secret
    ids: dict[str, Any] = {name: str(owner.ids[kind]) for name, kind in KINDS.items()}
    arguments = tools.a_call(tool, ids)
    answer = client.post(
        f"/api/mcp/tools/{tool}",
        json={"arguments": arguments},
        headers={"Authorization": f"Bearer {secret}"},
    )
    if tool == "get_approval":  # of another token of theirs
        assert answer.status_code == 404
        return
    assert answer.status_code == 200, answer.text
    jsonschema.validate(answer.json()["result"], definition(TOOLS[tool], "es")["outputSchema"])
