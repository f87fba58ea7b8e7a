"""Reports against the sandbox's truth: every level, every day, before and after Meta restated them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from tests.conftest import Sandbox
from tests.domains.meta.test_syncing import Database, connected, drain
from vibekanban.core import columns, db
from vibekanban.domains.meta import insights, metrics, syncs
from vibekanban.domains.meta.models import MEASURED, Level, MetaAccount, SyncKind
from vibekanban.domains.reporting import cuts, explorer
from vibekanban.domains.reporting.definitions import Breakdown, Compare, Definition, Measured, Preset
from vibekanban.domains.reporting.explorer import Answer, sorted_lines
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


def answer(
    database: Database,
    user_id: UUID,
    account: MetaAccount,
    level: Measured,
    breakdown: Breakdown = Breakdown.NONE,
    *,
    days: int = 15,
) -> Answer:
    today = metrics.local_today(account)
    definition = Definition(
        account_id=account.id,
        level=level,
        breakdown=breakdown,
        compare=Compare.NONE,
        preset=Preset.CUSTOM,
        since=today - timedelta(days=5 + days),
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


@pytest.mark.parametrize("level", MEASURED)
def test_a_level_is_true_to_the_cent_and_stays_so_when_meta_restates_it(
    database: Database, sandbox: Sandbox, level: Measured
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
    database: Database, sandbox: Sandbox, level: Measured
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


def fetched(database: Database, user_id: UUID, found: Answer) -> None:
    """What the report lacks is ordered and read, and then nothing is lacking."""
    with database() as session:
        ordered = cuts.fetch(session, user_id, found)
    assert ordered is not None
    assert ordered.under_way
    drain()


def by_category(sandbox: Sandbox, found: Answer) -> dict[tuple[str, str], Figures]:
    """The truth by object and category."""
    breakdown = found.definition.breakdown
    asked = insights.cut(breakdown.value)["breakdowns"]
    true = truth(sandbox, found, level=found.definition.level.value, breakdown=asked)
    sums: dict[tuple[str, str], Figures] = {}
    for item in true["items"]:
        key = (item["id"], "|".join(item["cut"]))
        sums[key] = sums.get(key, Figures()) + exact(item)
    return sums


@pytest.mark.parametrize(
    ("level", "breakdown", "days"),
    [
        (Level.ACCOUNT, Breakdown.AGE_GENDER, 15),
        (Level.CAMPAIGN, Breakdown.COUNTRY, 7),
        (Level.AD_SET, Breakdown.GENDER, 7),
        (Level.AD, Breakdown.POSITION, 15),
        (Level.CAMPAIGN, Breakdown.DEVICE, 3),
    ],
)
def test_a_breakdown_is_true_to_the_cent_and_read_again_when_meta_restates_it(
    database: Database, sandbox: Sandbox, level: Measured, breakdown: Breakdown, days: int
) -> None:
    frozen_at(sandbox, days_ago=4)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    account = the_account(database, account_id)

    def shown() -> Answer:
        return answer(database, user_id, account, level, breakdown, days=days)

    assert shown().lines == []
    fetched(database, user_id, shown())
    first = shown()
    assert {(line.object_id, line.category): line.now for line in first.lines} == by_category(sandbox, first)
    assert not first.rest.now
    with database() as session:
        assert cuts.fetch(session, user_id, first) is None

    read_long_ago(account_id)
    frozen_at(sandbox, days_ago=0)
    with database() as session:
        syncs.request(session, user_id, account_id, SyncKind.TRAILING)
    drain()
    assert shown().rest.now
    assert shown().late
    fetched(database, user_id, shown())
    second = shown()
    assert {(line.object_id, line.category): line.now for line in second.lines} == by_category(
        sandbox, second
    )
    assert not second.rest.now
    assert second.total.now != first.total.now


def test_what_meta_leaves_out_of_a_breakdown_is_in_the_row_without_category(
    database: Database, sandbox: Sandbox
) -> None:
    frozen_at(sandbox, days_ago=0)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    account = the_account(database, account_id)
    fetched(database, user_id, answer(database, user_id, account, Level.ACCOUNT, Breakdown.HOUR))
    found = answer(database, user_id, account, Level.ACCOUNT, Breakdown.HOUR)
    shown = sum((line.now for line in found.lines), Figures())
    assert [line.category for line in sorted_lines(found.lines, "name")] == [
        f"{hour:02}" for hour in range(24)
    ]
    assert shown.spend_micros == found.total.now.spend_micros
    assert shown.conversions_micros < found.total.now.conversions_micros
    assert shown + found.rest.now == found.total.now


def read_long_ago(account_id: UUID) -> None:
    """What was read of Meta, and what it said, is an hour older."""
    with db.metrics_transaction() as store:
        for table in ("metric_coverage", "metric_facts"):
            store.execute(
                text(
                    f"UPDATE {table} SET fetched_at = fetched_at - interval '1 hour' WHERE account_id = :id"
                ),
                {"id": account_id},
            )
