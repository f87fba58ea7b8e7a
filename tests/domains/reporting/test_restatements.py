"""What Meta restated since somebody looked: which days moved and by how much, and what does not count as that."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.conftest import Sandbox
from tests.domains.meta.test_syncing import connected, drain
from tests.domains.reporting.test_reconciliation import frozen_at
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, a_row, write
from vibekanban.core import columns, db
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import conversions, insights, metrics, syncs
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount, SyncKind
from vibekanban.domains.reporting import restatements
from vibekanban.domains.reporting.restatements import Moved, Restatements

Database = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class Shop:
    account: MetaAccount
    campaign: Campaign


@pytest.fixture
def shop(database: Database) -> Shop:
    with database() as session:
        account = an_account(session, a_connection(session, a_user(session)))
        return Shop(account, a_campaign(session, account, name="Rebajas"))


def told(
    shop: Shop, *, days_ago: int, level: Level = Level.CAMPAIGN, event: str | None = None, **values: Any
) -> None:
    """What Meta says of a day now, as all there is at the level."""
    day = metrics.local_today(shop.account) - timedelta(days=days_ago)
    row = a_row(shop.campaign.meta_id, day, account_id=shop.account.meta_account_id, **values)
    with db.metrics_transaction() as store:
        facts = [insights.fact(row, level, event=event)]
        write(store, shop.account.id, facts, since=day, until=day, level=level)


def known_for(shop: Shop, since: timedelta) -> None:
    """Everything was read so long ago, and changes were noted then."""
    moments = {
        "metric_coverage": ["first_read_at"],
        "metric_changes": ["noted_at", "replaced_at"],
        "metric_facts": ["fetched_at"],
    }
    with db.metrics_transaction() as store:
        for table, names in moments.items():
            moved = ", ".join(f"{name} = {name} - :ago" for name in names)
            store.execute(text(f"UPDATE {table} SET {moved}"), {"ago": since})


def found(database: Database, shop: Shop, since: datetime | None = None) -> Restatements:
    with database() as session:
        return restatements.restatements(session, shop.account.user_id, shop.account.id, since=since)


def change(moved: Moved) -> tuple[int, int, int]:
    """By how much spend, conversions and revenue moved, in micro-units."""
    difference = moved.now - moved.was
    return difference.spend_micros, difference.conversions_micros, difference.revenue_micros


def test_a_day_that_moved_is_told_with_its_campaign_and_by_how_much(database: Database, shop: Shop) -> None:
    for level in (Level.ACCOUNT, Level.CAMPAIGN):
        told(shop, days_ago=3, level=level)
    known_for(shop, timedelta(days=1))
    purchases = [{"action_type": "omni_purchase", "value": "3"}]
    values = [{"action_type": "omni_purchase", "value": "74.90"}]
    for level in (Level.ACCOUNT, Level.CAMPAIGN):
        told(shop, days_ago=3, level=level, spend="12.30", actions=purchases, action_values=values)
    moved = found(database, shop, columns.now() - timedelta(hours=2))
    assert change(moved.total) == (-40_000, 1_000_000, 25_000_000)
    assert [(one.name, len(one.days), change(one.moved)) for one in moved.campaigns] == [
        ("Rebajas", 1, (-40_000, 1_000_000, 25_000_000))
    ]
    assert [one.day for one in moved.days] == [metrics.local_today(shop.account) - timedelta(days=3)]


def test_several_restatements_are_one_from_what_was_seen_to_what_is(database: Database, shop: Shop) -> None:
    told(shop, days_ago=3, spend="10.00")
    known_for(shop, timedelta(days=1))
    told(shop, days_ago=3, spend="11.00")
    told(shop, days_ago=3, spend="12.00")
    (campaign,) = found(database, shop, columns.now() - timedelta(hours=2)).campaigns
    assert (campaign.moved.was.spend_micros, campaign.moved.now.spend_micros) == (10_000_000, 12_000_000)


def test_what_moved_and_moved_back_is_not_told(database: Database, shop: Shop) -> None:
    told(shop, days_ago=3, spend="10.00")
    known_for(shop, timedelta(days=1))
    told(shop, days_ago=3, spend="11.00")
    told(shop, days_ago=3, spend="10.00")
    assert not found(database, shop, columns.now() - timedelta(hours=2))


def test_a_day_that_was_still_running_is_no_restatement(database: Database, shop: Shop) -> None:
    told(shop, days_ago=0, spend="10.00")
    known_for(shop, timedelta(minutes=1))
    told(shop, days_ago=0, spend="11.00")
    assert not found(database, shop, columns.now() - timedelta(seconds=30))


def test_a_campaign_that_delivers_on_an_old_day_all_at_once_is_told(database: Database, shop: Shop) -> None:
    day = metrics.local_today(shop.account) - timedelta(days=3)
    with db.metrics_transaction() as store:
        write(store, shop.account.id, [a_fact("1", day)], since=day, until=day)
    known_for(shop, timedelta(days=1))
    with db.metrics_transaction() as store:
        both = [a_fact("1", day), a_fact(shop.campaign.meta_id, day, spend="5.00")]
        write(store, shop.account.id, both, since=day, until=day)
    (campaign,) = found(database, shop, columns.now() - timedelta(hours=2)).campaigns
    assert (campaign.name, change(campaign.moved)[0]) == ("Rebajas", 5_000_000)


def test_history_that_is_read_for_the_first_time_is_no_restatement(database: Database, shop: Shop) -> None:
    told(shop, days_ago=40)
    told(shop, days_ago=40, spend="1.00")
    assert not found(database, shop, columns.now() - timedelta(hours=2))


def test_counting_another_event_is_no_restatement(database: Database, shop: Shop) -> None:
    told(shop, days_ago=3, spend="10.00")
    known_for(shop, timedelta(days=1))
    told(shop, days_ago=3, spend="11.00")
    with db.metrics_transaction() as store:
        conversions.recount(store, shop.account.id, "lead")
    (campaign,) = found(database, shop, columns.now() - timedelta(hours=2)).campaigns
    assert change(campaign.moved) == (1_000_000, 0, 0)


def test_an_archived_campaign_is_told_as_gone(database: Database, shop: Shop) -> None:
    told(shop, days_ago=3)
    known_for(shop, timedelta(days=1))
    with database() as session:
        session.get_one(Campaign, shop.campaign.id).effective_status = "ARCHIVED"
    day = metrics.local_today(shop.account) - timedelta(days=3)
    with db.metrics_transaction() as store:
        write(store, shop.account.id, [], since=day, until=day)
    (campaign,) = found(database, shop, columns.now() - timedelta(hours=2)).campaigns
    assert campaign.gone


def test_what_was_marked_as_seen_is_not_told_again(database: Database, shop: Shop) -> None:
    told(shop, days_ago=12, spend="10.00")
    known_for(shop, timedelta(days=8))
    told(shop, days_ago=12, spend="11.00")
    assert found(database, shop).campaigns
    with database() as session:
        restatements.seen(session, shop.account.user_id, shop.account.id)
    after = found(database, shop)
    assert after.looked
    assert not after


def test_the_mark_never_moves_back(database: Database, shop: Shop) -> None:
    with database() as session:
        first = restatements.seen(session, shop.account.user_id, shop.account.id)
        earlier = columns.now() - timedelta(days=2)
        second = restatements.seen(session, shop.account.user_id, shop.account.id, at=earlier)
    assert first == second


def test_another_persons_account_is_not_there(database: Database, shop: Shop) -> None:
    with database() as session:
        stranger: UUID = a_user(session).id
    for use in (restatements.restatements, restatements.seen):
        with database() as session, pytest.raises(NotFound):
            use(session, stranger, shop.account.id)


def test_what_the_sandbox_restates_is_told_to_the_cent(database: Database, sandbox: Sandbox) -> None:
    frozen_at(sandbox, days_ago=4)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    looked = columns.now()
    before = _truth(sandbox, database, account_id)
    frozen_at(sandbox, days_ago=0)
    with database() as session:
        syncs.request(session, user_id, account_id, SyncKind.TRAILING)
    drain()
    after = _truth(sandbox, database, account_id)
    with database() as session:
        moved = restatements.restatements(session, user_id, account_id, since=looked)
    since, until = _between(database, account_id)
    old = moved.days and [one for one in moved.days if since <= one.day <= until]
    assert old
    assert sum(one.moved.now.spend_micros - one.moved.was.spend_micros for one in old) == after[0] - before[0]
    assert (
        sum(one.moved.now.revenue_micros - one.moved.was.revenue_micros for one in old)
        == after[1] - before[1]
    )


def _between(database: Database, account_id: UUID) -> tuple[date, date]:
    """The three weeks that were over on the sandbox's clock when it was read first, and are read again later."""
    with database() as session:
        until = metrics.local_today(session.get_one(MetaAccount, account_id)) - timedelta(days=5)
    return until - timedelta(days=21), until


def _truth(sandbox: Sandbox, database: Database, account_id: UUID) -> tuple[int, int]:
    """Spend and revenue of those weeks, as Meta says at the moment."""
    since, until = _between(database, account_id)
    with database() as session:
        account = session.get_one(MetaAccount, account_id).meta_account_id
    query = {"account": account, "level": "account", "since": str(since), "until": str(until)}
    totals = sandbox.admin.get("/_sandbox/oracle", params=query).json()["totals"]
    return totals["spend_micros"], totals["value_micros"]
