"""Reports against the sandbox's truth: every level, every day, before and after Meta restated them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from tests.conftest import Sandbox
from tests.domains.meta.test_syncing import Database, connected, drain
from vibekanban.core import columns
from vibekanban.domains.meta import metrics, syncs
from vibekanban.domains.meta.models import Level, MetaAccount, SyncKind
from vibekanban.domains.reporting import explorer
from vibekanban.domains.reporting.definitions import Definition, Preset
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.figures import Figures


def frozen_at(sandbox: Sandbox, *, days_ago: int) -> None:
    """The sandbox's clock stands still so many days ago."""
    then = columns.now() - timedelta(days=days_ago)
    sandbox.admin.post("/_sandbox/clock", json={"to": then.timestamp(), "speed": 0}).raise_for_status()


def ended(sandbox: Sandbox, object_id: str, *, status: str) -> None:
    """Archive or delete at Meta, behind our back."""
    token = sandbox.admin.post("/_sandbox/tokens", json={"person": "lucia"}).json()["token"]
    body = {"access_token": token, "status": status}
    httpx.post(f"{sandbox.url}/v26.0/{object_id}", data=body).raise_for_status()


def the_account(database: Database, account_id: UUID) -> MetaAccount:
    with database() as session:
        return session.get_one(MetaAccount, account_id)


def answer(database: Database, user_id: UUID, account: MetaAccount, level: Level) -> Answer:
    today = metrics.local_today(account)
    definition = Definition(
        account_id=account.id,
        level=level,
        preset=Preset.CUSTOM,
        since=today - timedelta(days=20),
        until=today - timedelta(days=6),
    )
    with database() as session:
        return explorer.explore(session, user_id, definition)


def truth(sandbox: Sandbox, found: Answer, **asked: Any) -> dict[str, Any]:
    query = {"account": found.account.meta_account_id, "since": found.asked.since, "until": found.asked.until}
    return sandbox.admin.get("/_sandbox/oracle", params={**query, **asked}).raise_for_status().json()


def exact(true: dict[str, Any]) -> Figures:
    return Figures(
        true["impressions"],
        true["clicks"],
        true["link_clicks"],
        true["spend_micros"],
        true["purchases"] * 1_000_000,
        true["value_micros"],
    )


def assert_true(sandbox: Sandbox, found: Answer) -> None:
    """Rows, days and total are the sandbox's to the cent, and the rows add up to the total."""
    whole = truth(sandbox, found, level="account")
    by_id = truth(sandbox, found, level=found.definition.level.value)["by_id"]
    assert found.total.now == exact(whole["totals"])
    assert {line.object_id: line.now for line in found.lines} == {
        line.object_id: exact(by_id[line.object_id]) for line in found.lines
    }
    assert {str(day): sums for day, sums in found.days.items()} == {
        item["date"]: exact(item) for item in whole["items"]
    }
    shown = sum((line.now for line in found.lines), Figures())
    assert shown + found.hidden.now + found.rest.now == found.total.now
    unseen = [
        exact(true) for one, true in by_id.items() if one not in {line.object_id for line in found.lines}
    ]
    assert found.rest.now == sum(unseen, Figures())


@pytest.mark.parametrize("level", Level)
def test_a_level_is_true_to_the_cent_and_stays_so_when_meta_restates_it(
    database: Database, sandbox: Sandbox, level: Level
) -> None:
    frozen_at(sandbox, days_ago=4)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    account = the_account(database, account_id)
    first = answer(database, user_id, account, level)
    assert first.lines
    assert_true(sandbox, first)
    frozen_at(sandbox, days_ago=0)
    with database() as session:
        syncs.request(session, user_id, account_id, SyncKind.TRAILING)
    drain()
    second = answer(database, user_id, account, level)
    assert_true(sandbox, second)
    assert second.total.now != first.total.now


@pytest.mark.parametrize("level", [Level.CAMPAIGN, Level.AD_SET, Level.AD])
def test_archived_and_deleted_objects_are_the_row_that_nobody_lists(
    database: Database, sandbox: Sandbox, level: Level
) -> None:
    frozen_at(sandbox, days_ago=0)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    account = the_account(database, account_id)
    before = answer(database, user_id, account, level)
    ended(sandbox, before.lines[0].object_id, status="ARCHIVED")
    ended(sandbox, before.lines[1].object_id, status="DELETED")
    with database() as session:
        syncs.request(session, user_id, account_id, SyncKind.TRAILING)
    drain()
    found = answer(database, user_id, account, level)
    assert_true(sandbox, found)
    assert len(found.lines) == len(before.lines) - 2
    assert found.rest.now == before.lines[0].now + before.lines[1].now
    assert found.total.now == before.total.now
