"""The page of bulk edits: what was previewed is done once, and its list says why things do not deliver."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_browser_session, a_user
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set
from tests.ui.browser import RULES, Tab, running
from vibekanban.core import columns
from vibekanban.core.i18n import say
from vibekanban.domains.editing import bulk
from vibekanban.ui.editing.bulk_state import Row

Database = Callable[[], AbstractContextManager[Session]]
LOAD, SIFT, CARRY_OUT = (
    next(name for name in RULES if name.endswith(f"bulk.{one}")) for one in ("load", "sift", "carry_out")
)


def test_a_double_click_carries_out_once(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with database() as session:
        cookie = a_browser_session(session, a_user(session))
    begun: list[Any] = []

    def start(*asked: Any) -> Any:
        begun.append(asked)
        return SimpleNamespace(run=SimpleNamespace(id=columns.new_id()))

    monkeypatch.setattr(bulk, "start", start)

    async def clicked() -> None:
        tab = Tab(cookie, "/app/bulk")
        await tab.send(LOAD)
        tab.state("Bulk").rows = [Row("Zona", "Tienda", ["10 € → 11 €"], "", "", "", "")]
        for _ in range(2):
            await tab.send(CARRY_OUT)

    running(clicked)
    assert len(begun) == 1


def test_the_list_tells_the_learning_of_ad_sets_and_the_review_of_ads(database: Database) -> None:
    with database() as session:
        user = a_user(session)
        campaign = a_campaign(session, an_account(session, a_connection(session, user)))
        ad_set = an_ad_set(session, campaign, learning={"status": "FAIL"})
        an_ad(session, ad_set, review={"global": {"Alcohol": "No se admite"}}, issues=[])
        cookie = a_browser_session(session, user)

    async def listed() -> list[list[str]]:
        tab = Tab(cookie, "/app/bulk")
        await tab.send(LOAD)
        told = []
        for level in ("adset", "ad"):
            await tab.send(SIFT, {"level": level})
            (found,) = tab.state("Bulk").found
            told.append(list(found.why))
        return told

    assert running(listed) == [
        [say("es", "editing.learning.FAIL")],
        [say("es", "ui.parts.review", reason="No se admite")],
    ]
