"""Breakdowns of a report: what is ordered of Meta, once, and what is not ordered again by itself."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, a_row, write
from vibekanban.core import columns, db
from vibekanban.domains.meta import insights, metrics, syncs
from vibekanban.domains.meta.models import (
    ConnectionStatus,
    Level,
    MetaAccount,
    MetaConnection,
    Sync,
    SyncKind,
    SyncStatus,
)
from vibekanban.domains.reporting import cuts, explorer
from vibekanban.domains.reporting.definitions import Definition

Database = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def account(database: Database) -> MetaAccount:
    with database() as session:
        account = an_account(session, a_connection(session, a_user(session)))
        campaign = a_campaign(session, account)
    today = metrics.local_today(account)
    whole = insights.fact(a_row(day=today, account_id=account.meta_account_id), Level.ACCOUNT)
    with db.metrics_transaction() as store:
        read_at = columns.now() - timedelta(hours=1)
        facts = [a_fact(campaign.meta_id, today)]
        write(store, account.id, facts, since=today, until=today, read_at=read_at)
        write(store, account.id, [whole], since=today, until=today, level=Level.ACCOUNT, read_at=read_at)
    return account


def fetch(
    database: Database, account: MetaAccount, *, again: bool = False, **asked: Any
) -> cuts.Fetching | None:
    values = {"preset": "today", "breakdown": "age", "compare": "none", **asked}
    definition = Definition.model_validate({"account_id": account.id, **values})
    with database() as session:
        answer = explorer.explore(session, account.user_id, definition)
        return cuts.fetch(session, account.user_id, answer, again=again)


def ordered(database: Database) -> list[Sync]:
    with database() as session:
        return list(
            session.exec(select(Sync).where(Sync.kind == SyncKind.BREAKDOWN).order_by(Sync.breakdown))
        )


def cut_read(account: MetaAccount, *, ago: timedelta) -> None:
    """The breakdown of today was read a while ago."""
    today = metrics.local_today(account)
    with db.metrics_transaction() as store:
        write(store, account.id, [], since=today, until=today, breakdown="age", read_at=columns.now() - ago)


def failed(database: Database, *, ago: timedelta) -> None:
    with database() as session:
        for sync in session.exec(select(Sync)):
            sync.status, sync.error_code = SyncStatus.FAILED, "sync_stuck"
            sync.finished_at = columns.now() - ago


def test_a_breakdown_is_ordered_once_however_often_it_is_looked_at(
    database: Database, account: MetaAccount
) -> None:
    first, second = fetch(database, account), fetch(database, account)
    assert first is not None
    assert second is not None
    assert first.under_way
    assert [job.id for job in first.jobs] == [job.id for job in second.jobs]
    assert len(ordered(database)) == 1


def test_each_breakdown_and_level_is_an_order_of_its_own(database: Database, account: MetaAccount) -> None:
    fetch(database, account)
    fetch(database, account, breakdown="gender")
    fetch(database, account, breakdown="gender", level="ad")
    assert {(sync.breakdown, sync.level) for sync in ordered(database)} == {
        ("age", Level.CAMPAIGN),
        ("gender", Level.CAMPAIGN),
        ("gender", Level.AD),
    }


def test_the_days_to_compare_with_are_ordered_too(database: Database, account: MetaAccount) -> None:
    fetch(database, account, compare="year")
    assert len(ordered(database)) == 2


def test_without_a_breakdown_nothing_is_ordered(database: Database, account: MetaAccount) -> None:
    assert fetch(database, account, breakdown="") is None


def test_what_was_read_since_the_account_moved_is_not_read_again(
    database: Database, account: MetaAccount
) -> None:
    cut_read(account, ago=timedelta(minutes=50))
    assert fetch(database, account) is None


def test_what_was_read_before_the_account_moved_is_read_again(
    database: Database, account: MetaAccount
) -> None:
    cut_read(account, ago=timedelta(hours=2))
    assert fetch(database, account) is not None


def test_what_failed_lately_is_ordered_again_only_by_a_person(
    database: Database, account: MetaAccount
) -> None:
    fetch(database, account)
    failed(database, ago=timedelta(minutes=5))
    found = fetch(database, account)
    assert found is not None
    assert (found.under_way, found.error) == (False, "sync_stuck")
    asked = fetch(database, account, again=True)
    assert asked is not None
    assert asked.under_way
    assert len(ordered(database)) == 2


def test_what_failed_long_ago_is_ordered_again(database: Database, account: MetaAccount) -> None:
    fetch(database, account)
    failed(database, ago=syncs.PAUSE * 2)
    found = fetch(database, account)
    assert found is not None
    assert found.under_way


def test_without_a_sign_in_at_meta_the_report_says_so(database: Database, account: MetaAccount) -> None:
    with database() as session:
        session.get_one(MetaConnection, account.connection_id).status = ConnectionStatus.NEEDS_REAUTH
    found = fetch(database, account)
    assert found is not None
    assert (found.under_way, found.error) == (False, "connection_needs_sign_in")


def test_a_breakdown_is_not_what_an_account_shows_as_its_last_sync(
    database: Database, account: MetaAccount
) -> None:
    fetch(database, account)
    with database() as session:
        assert syncs.latest(session, account.user_id) == []
