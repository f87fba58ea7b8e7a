"""The call log: filtered as asked, and taken away as it is shown."""

from __future__ import annotations

import base64
import csv
import io
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories.access import a_caller, a_token
from tests.factories.accounts import a_browser_session, a_user
from tests.ui.browser import RULES, Tab, running
from vibekanban.core import columns
from vibekanban.domains.access import audit
from vibekanban.domains.access.models import Outcome

Database = Callable[[], AbstractContextManager[Session]]
SIFT, EXPORT, CLEAR = (
    next(name for name in RULES if name.endswith(f"activity.{one}")) for one in ("sift", "export", "clear")
)


def a_log(database: Database) -> tuple[str, str]:
    """A person's cookie and the id of one of their two tokens, with calls of both."""
    with database() as session:
        user = a_user(session)
        first, second = (a_token(session, user.id, name=name).token for name in ("n8n", "Claude"))
        for token, tool, outcome in (
            (first, "list_ads", Outcome.OK),
            (first, "pause_ad", Outcome.REFUSED),
            (second, "list_ads", Outcome.FAILED),
        ):
            audit.append(
                session, a_caller(token), door="mcp", tool=tool, arguments={}, outcome=outcome, duration_ms=1
            )
        return a_browser_session(session, user), str(first.id)


@pytest.mark.parametrize(
    ("form", "shown"),
    [
        ({}, [("Claude", "list_ads"), ("n8n", "pause_ad"), ("n8n", "list_ads")]),
        ({"tool": "list_ads"}, [("Claude", "list_ads"), ("n8n", "list_ads")]),
        ({"outcome": "refused"}, [("n8n", "pause_ad")]),
        ({"token": "first"}, [("n8n", "pause_ad"), ("n8n", "list_ads")]),
        ({"until": "2020-01-01"}, []),
        ({"outcome": "perhaps", "since": "yesterday", "token": "nobody"}, 3),
    ],
)
def test_the_call_log_shows_what_is_asked_for(database: Database, form: dict[str, Any], shown: Any) -> None:
    cookie, first = a_log(database)
    asked = {**form, "token": first} if form.get("token") == "first" else form

    async def sifted() -> list[tuple[str, str]]:
        tab = Tab(cookie, "/app/activity")
        await tab.send(SIFT, asked)
        return [(one.who, one.tool) for one in tab.state("Activity").calls]

    found = running(sifted)
    assert (len(found) if isinstance(shown, int) else found) == shown


def test_filters_that_nothing_fits_are_taken_away_at_once(database: Database) -> None:
    cookie, _ = a_log(database)

    async def looked() -> list[tuple[int, int]]:
        tab = Tab(cookie, "/app/activity")
        shown = []
        for event, given in ((SIFT, ({"tool": "list_cards"},)), (CLEAR, ())):
            await tab.send(event, *given)
            state = tab.state("Activity")
            shown.append((len(state.calls), state.active))
        return shown

    assert running(looked) == [(0, 1), (3, 0)]


def test_the_file_holds_what_is_shown(database: Database) -> None:
    cookie, _ = a_log(database)

    async def taken() -> str:
        tab = Tab(cookie, "/app/activity")
        await tab.send(SIFT, {"tool": "pause_ad", "since": columns.now().date().isoformat()})
        return str(await tab.send(EXPORT))

    packed = re.search(r"base64,([\w+/=]+)", running(taken))
    assert packed
    header, *rows = csv.reader(io.StringIO(base64.b64decode(packed[1]).decode().removeprefix("\ufeff")))
    assert [row[header.index("tool")] for row in rows] == ["pause_ad"]


def test_a_call_of_a_tool_named_like_a_formula_is_text_in_the_file(database: Database) -> None:
    with database() as session:
        user = a_user(session)
        caller = a_caller(a_token(session, user.id).token)
        audit.append(
            session, caller, door="mcp", tool="=1+1", arguments={}, outcome=Outcome.REFUSED, duration_ms=1
        )
        cookie = a_browser_session(session, user)

    async def taken() -> str:
        return str(await Tab(cookie, "/app/activity").send(EXPORT))

    packed = re.search(r"base64,([\w+/=]+)", running(taken))
    assert packed
    assert ",'=1+1," in base64.b64decode(packed[1]).decode()
