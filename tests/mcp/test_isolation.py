"""Every tool, also one added tomorrow, is walked with another tenant's ids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.factories import tenants, tools
from tests.factories.access import a_token
from tests.factories.guarding import an_approval
from tests.factories.meta import a_connection, an_account
from tests.mcp.conftest import Database, Server, Tenant, a_tenant
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta.models import Campaign, Change
from vibekanban.domains.tools.catalogue import TOOLS


def ids(tenant: Tenant) -> dict[str, str]:
    return {
        "accountId": tenant.account_id,
        "campaignId": tenant.campaign_id,
        "adSetId": tenant.ad_set_id,
        "adId": tenant.ad_id,
    }


def every_foreign_call() -> list[Any]:
    """Tool by tool, each id of an object alone beside the required ones; each level where there is one."""
    found = []
    for tool in TOOLS:
        levels = tools.properties(tool).get("level", {}).get("enum", ["campaign"])
        found += [
            pytest.param(tool, name, level, spelling, id=f"{tool}-{name}-{level}-{spelling}")
            for name in tools.ids_of(tool)
            for level in levels
            if tools.kind_of(name, level) in {"accountId", "campaignId", "adSetId", "adId"}
            for spelling in (("ours",) if name.startswith("object") else ("ours", "meta"))
        ]
    return found


@pytest.mark.parametrize(("tool", "argument", "level", "spelling"), every_foreign_call())
def test_another_tenants_id_is_not_found(
    server: Server, database: Database, tool: str, argument: str, level: str, spelling: str
) -> None:
    mine, theirs = a_tenant(database), a_tenant(database)
    foreign: Any = (ids(theirs) if spelling == "ours" else theirs.meta_ids)[tools.kind_of(argument, level)]
    if argument.endswith("Ids"):
        foreign = [foreign]
    chosen = {"level": level} if "level" in tools.properties(tool) else {}
    arguments = tools.a_call(tool, ids(mine), **{argument: foreign, **chosen})
    answer = server.call(mine.token, tool, **arguments)
    if argument == "objectId":
        assert answer.result["items"] == []
    else:
        assert answer.code == "not_found"
    with database() as session:
        assert session.exec(select(Change)).first() is None


@pytest.mark.parametrize("tool", [name for name in TOOLS if name.startswith("list_")])
def test_a_list_holds_nothing_of_another_tenant(server: Server, database: Database, tool: str) -> None:
    mine, theirs = a_tenant(database), a_tenant(database)
    answer = server.call(mine.token, tool, **tools.a_call(tool, ids(mine)))
    shown = str(answer.result or answer.error)
    foreign = ids(theirs).values()
    assert not any(one in shown for one in foreign)


def test_another_tenants_held_call_is_not_found(server: Server, database: Database) -> None:
    mine, theirs = a_tenant(database), a_tenant(database)
    with database() as session:
        token = session.get_one(McpToken, UUID(theirs.token_id))
        held = an_approval(session, token, session.get_one(Campaign, UUID(theirs.campaign_id)))
    assert server.call(mine.token, "get_approval", approvalId=str(held.id)).code == "not_found"
    assert server.call(theirs.token, "get_approval", approvalId=str(held.id)).result["status"] == "pending"


def test_another_token_of_the_same_person_does_not_see_a_held_call(
    server: Server, database: Database
) -> None:
    mine = a_tenant(database)
    with database() as session:
        first = session.get_one(McpToken, UUID(mine.token_id))
        campaign = session.get_one(Campaign, UUID(mine.campaign_id))
        held = an_approval(session, first, campaign)
        second = a_token(session, first.user_id, account_ids=first.account_ids)
    assert server.call(second.secret, "get_approval", approvalId=str(held.id)).code == "not_found"


OF_BATCHES = ["undo_change", "undo_batch", "get_bulk", "cancel_bulk", "get_job", "cancel_job"]


def named(tool: str, ids: Mapping[str, Any]) -> dict[str, str]:
    """A change, or a batch as the tool calls it."""
    if tool == "undo_change":
        return {"changeId": str(ids["change"])}
    return {"jobId" if tool.endswith("_job") else "batchId": str(ids["batch"])}


@pytest.mark.parametrize("tool", OF_BATCHES)
def test_another_tenants_changes_and_batches_are_not_found(
    server: Server, database: Database, tool: str
) -> None:
    mine = a_tenant(database)
    with database() as session:
        theirs = tenants.a_tenant(session, "Ajena").ids
    assert server.call(mine.token, tool, **named(tool, theirs)).code == "not_found"


@pytest.mark.parametrize("tool", OF_BATCHES)
def test_what_is_of_an_account_beyond_the_tokens_reach_is_not_found(
    server: Server, database: Database, tool: str
) -> None:
    with database() as session:
        own = tenants.a_tenant(session, "Propia")
        elsewhere = an_account(session, a_connection(session, session.get_one(User, own.user_id)))
        token = a_token(session, own.user_id, account_ids=[elsewhere.id]).secret
    assert server.call(token, tool, **named(tool, own.ids)).code == "not_found"
