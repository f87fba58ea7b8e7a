"""Resources and prompts through the official client."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable

import pytest
from mcp import Client
from mcp.shared.exceptions import MCPError

from tests.mcp.conftest import Database, Server, a_tenant
from vibekanban.domains.tools.prompts import PROMPTS


def refusal(server: Server, token: str, use: Callable[[Client], Awaitable[object]]) -> str:
    """What the server says no with."""

    async def tried(client: Client) -> str:
        with pytest.raises(MCPError) as refused:
            await use(client)
        return str(refused.value)

    return server.mcp(token, tried)


def test_the_dictionary_is_in_the_readers_language(server: Server, database: Database) -> None:
    token = a_tenant(database).token

    def read(language: str) -> str:
        found = server.mcp(
            token, lambda client: client.read_resource("vibekanban://fields"), language=language
        )
        return found.contents[0].text  # pyright: ignore[reportAttributeAccessIssue]

    assert "gasto entre conversiones" in read("es")
    assert "spend by conversions" in read("en")


def test_an_accounts_overview_is_read_by_its_address(server: Server, database: Database) -> None:
    tenant = a_tenant(database)
    uri = f"vibekanban://accounts/{tenant.account_id}/overview"
    found = server.mcp(tenant.token, lambda client: client.read_resource(uri))
    text = json.loads(found.contents[0].text)  # pyright: ignore[reportAttributeAccessIssue]
    assert text["accountId"] == tenant.account_id


def test_another_tenants_overview_does_not_exist(server: Server, database: Database) -> None:
    mine, theirs = a_tenant(database), a_tenant(database)
    uri = f"vibekanban://accounts/{theirs.account_id}/overview"
    assert "no existe" in refusal(server, mine.token, lambda client: client.read_resource(uri)).lower()


def test_the_accounts_of_a_token_are_a_resource(server: Server, database: Database) -> None:
    mine, theirs = a_tenant(database), a_tenant(database)
    found = server.mcp(mine.token, lambda client: client.read_resource("vibekanban://accounts"))
    text = found.contents[0].text  # pyright: ignore[reportAttributeAccessIssue]
    assert mine.account_id in text
    assert theirs.account_id not in text


def test_a_resource_that_does_not_exist_is_said_to(server: Server, database: Database) -> None:
    token = a_tenant(database).token
    said = refusal(server, token, lambda client: client.read_resource("vibekanban://nothing"))
    assert said == "Ese recurso no existe."


@pytest.mark.parametrize("name", PROMPTS)
def test_a_prompt_speaks_of_what_it_was_given(server: Server, database: Database, name: str) -> None:
    token = a_tenant(database).token
    given = dict.fromkeys((*PROMPTS[name].needed, *PROMPTS[name].optional), "act_42")
    found = server.mcp(token, lambda client: client.get_prompt(name, given))
    assert "act_42" in found.messages[0].content.text  # pyright: ignore[reportAttributeAccessIssue]


def test_a_prompt_without_what_it_needs_is_refused(server: Server, database: Database) -> None:
    token = a_tenant(database).token
    assert refusal(server, token, lambda client: client.get_prompt("find_waste", {}))
