"""The page of bulk edits: what was previewed is done once, and its list says why things do not deliver."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from types import SimpleNamespace
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories.accounts import a_browser_session, a_user
from tests.factories.editing import a_bulk_run
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set
from tests.ui.browser import RULES, Tab, running
from vibekanban.core import columns
from vibekanban.core.i18n import say
from vibekanban.domains.editing import bulk
from vibekanban.domains.editing.models import BulkRun, RunState
from vibekanban.domains.meta.models import Campaign
from vibekanban.ui import shown
from vibekanban.ui.editing.bulk_state import Row

Database = Callable[[], AbstractContextManager[Session]]
LOAD, SIFT, CARRY_OUT, CHANGED = (
    next(name for name in RULES if name.endswith(f"bulk.{one}"))
    for one in ("load", "sift", "carry_out", "changed")
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


def test_the_list_is_read_again_when_the_edit_has_ended(database: Database) -> None:
    with database() as session:
        user = a_user(session)
        campaign = a_campaign(session, an_account(session, a_connection(session, user)), daily_budget=1000)
        run = a_bulk_run(session, user, campaign)
        run.status = RunState.RUNNING
        cookie = a_browser_session(session, user)

    async def budgets() -> list[str]:
        tab = Tab(cookie, f"/app/bulk?run={run.id}")
        await tab.send(LOAD)
        listed = []
        for status in (RunState.RUNNING, RunState.DONE):
            with database() as session:
                session.get_one(Campaign, campaign.id).daily_budget = 2000
                session.get_one(BulkRun, run.id).status = status
            await tab.send(CHANGED, "bulk", "", json.dumps({"id": str(run.id)}))
            listed.append(tab.state("Bulk").found[0].budget)
        return listed

    assert running(budgets) == [shown.money(amount, "EUR", "es") for amount in ("10", "20")]
