"""The way of a client that nobody gave a token: found metadata, registration, PKCE, consent, calls, a refresh."""

from __future__ import annotations

import pytest

from tests.factories.accounts import a_browser_session, a_user
from tests.factories.meta import a_connection, an_account
from tests.interop.conftest import Programs
from tests.mcp.conftest import Database, Server
from vibekanban.domains.accounts import sessions


@pytest.mark.parametrize("library", ["sdk", "client"])
def test_the_sdks_own_helpers_sign_in_and_refresh(
    programs: Programs, server: Server, database: Database, library: str
) -> None:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        cookie = a_browser_session(session, user)
    given = {
        "library": library,
        "origin": server.url,
        "cookie": f"{sessions.cookie_name()}={cookie}",
        "accountId": str(account.id),
        "scopes": ["read", "pause"],
    }
    found = programs.run("signin.mjs", given=given).told
    assert found["refused"] == "UnauthorizedError"
    assert (found["registered"], found["challenge"], found["state"]) == (True, "S256", "estado")
    assert found["scope"] == "read pause"
    assert {"list_campaigns", "pause_campaign"} <= set(found["offered"])
    assert "resume_campaign" not in found["offered"]
    assert found["afterwards"] == found["offered"]
    assert found["renewed"] != found["first"]
