"""The frame around every page."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_browser_session, a_user
from tests.factories.notifications import a_notification
from tests.ui.browser import Tab, running
from vibekanban.ui.layout import Shell

Database = Callable[[], AbstractContextManager[Session]]
NEWS = "reflex___state____state.vibekanban___ui___layout____shell.news"


@pytest.mark.parametrize(
    ("topic", "data", "unread"), [("notifications", '{"unread": 7}', 7), ("poll", "{}", 2)]
)
def test_the_bell_counts_by_what_it_is_told_or_asks(
    database: Database, topic: str, data: str, unread: int
) -> None:
    with database() as session:
        somebody = a_user(session)
        for _ in range(2):
            a_notification(session, somebody)
        cookie = a_browser_session(session, somebody)

    async def hear() -> int:
        tab = Tab(cookie)
        await tab.send(NEWS, topic, "", data)
        return (await tab.root.get_state(Shell)).unread

    assert running(hear) == unread
