"""Every tool, also one added tomorrow, is walked with another tenant's ids."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from tests.factories.access import a_token
from tests.factories.guarding import an_approval
from tests.mcp.conftest import Database, Server, Tenant, a_tenant
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.meta.models import Campaign, Change
from vibekanban.domains.tools.catalogue import TOOLS
from vibekanban.domains.tools.tool import definition

IDS = ("accountId", "campaignId", "adSetId", "adId", "id", "objectId")
LEVELS = {"account": "accountId", "campaign": "campaignId", "adset": "adSetId", "ad": "adId"}


def foreign(name: str, theirs: Tenant, level: str, spelling: str) -> str:
    kind = {"id": LEVELS[level], "objectId": "campaignId"}.get(name, name)
    if spelling == "meta" and name != "objectId":
        return theirs.meta_ids[kind]
    return {
        "accountId": theirs.account_id,
        "campaignId": theirs.campaign_id,
        "adSetId": theirs.ad_set_id,
        "adId": theirs.ad_id,
    }[kind]


def every_foreign_call() -> list[Any]:
    """Tool by tool, each id argument alone beside the required ones; each level where there is one."""
    found = []
    for tool in TOOLS.values():
        schema = definition(tool, "es")["inputSchema"]
        levels = schema["properties"].get("level", {}).get("enum", ["campaign"])
        for name in IDS:
            if name in schema["properties"]:
                found += [
                    pytest.param(
                        tool.name, name, level, spelling, id=f"{tool.name}-{name}-{level}-{spelling}"
                    )
                    for level in levels
                    for spelling in ("ours", "meta")
                ]
    return found


@pytest.mark.parametrize(("tool", "argument", "level", "spelling"), every_foreign_call())
def test_another_tenants_id_is_not_found(
    server: Server, database: Database, tool: str, argument: str, level: str, spelling: str
) -> None:
    mine, theirs = a_tenant(database), a_tenant(database)
    schema = definition(TOOLS[tool], "es")["inputSchema"]
    arguments = {argument: foreign(argument, theirs, level, spelling)}
    if "level" in schema["properties"]:
        arguments["level"] = level
    for name in schema.get("required", []):
        if name == "since":
            arguments[name] = "2026-11-01"
        elif name not in arguments:
            arguments[name] = foreign(name, theirs, level, spelling)
    if tool.startswith("update_"):
        arguments["name"] = "Otro nombre"
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
    shown = str(server.call(mine.token, tool).result)
    ids = (theirs.account_id, theirs.campaign_id, theirs.ad_set_id, theirs.ad_id)
    assert not any(foreign_id in shown for foreign_id in ids)


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
