"""Choosing what counts as a conversion: at once where people look, everywhere by a job, also against a sync."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.domains.meta.meta_sandbox import queued
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from tests.factories.metrics import a_fact, a_row, write
from vibekanban.core import broker, columns, db
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.queue import Job
from vibekanban.domains.meta import conversions, insights
from vibekanban.domains.meta.models import Level, MetaAccount
from workers import meta_syncs

Database = Callable[[], AbstractContextManager[Session]]
TODAY = columns.now().date()


@pytest.fixture
def account(database: Database) -> MetaAccount:
    """An account with a campaign and an ad of today: two purchases and five leads each."""
    with database() as session:
        made = an_account(session, a_connection(session, a_user(session)))
        write(session, made.id, [a_fact(day=TODAY)], since=TODAY, until=TODAY)
        ad = insights.fact({**a_row(day=TODAY), "ad_id": "1301"}, Level.AD)
        write(session, made.id, [ad], since=TODAY, until=TODAY, level=Level.AD)
    return made


def counted(account_id: UUID) -> dict[str, int]:
    """Conversions by level."""
    with db.metrics_transaction() as store:
        rows = store.execute(
            text(
                "SELECT level, sum(conversions_micros) / 1000000 FROM metric_facts WHERE account_id = :id GROUP BY 1"
            ),
            {"id": account_id},
        )
        return {level: int(number) for level, number in rows}


def test_campaigns_are_counted_at_once_and_ads_by_a_job(account: MetaAccount) -> None:
    conversions.declare(account.user_id, account.id, "lead")
    assert counted(account.id) == {"campaign": 5, "ad": 2}
    assert queued(Job.RECOUNT_CONVERSIONS) == [(str(account.id),)]
    meta_syncs.recount_conversions(str(account.id))
    assert counted(account.id) == {"campaign": 5, "ad": 5}


def test_null_goes_back_to_the_first_purchase_present(account: MetaAccount) -> None:
    for event in ("lead", None):
        conversions.declare(account.user_id, account.id, event)
    assert counted(account.id)["campaign"] == 2


def test_an_event_that_never_happened_is_refused(account: MetaAccount) -> None:
    with pytest.raises(Invalid):
        conversions.declare(account.user_id, account.id, "app_install")
    assert counted(account.id)["campaign"] == 2


def test_another_persons_account_is_not_found(database: Database, account: MetaAccount) -> None:
    with database() as session:
        stranger = a_user(session)
    with pytest.raises(NotFound):
        conversions.declare(stranger.id, account.id, "lead")


def test_open_pages_hear_of_it(account: MetaAccount) -> None:
    listener = broker.connection().pubsub(ignore_subscribe_messages=True)
    listener.subscribe("live")
    listener.get_message(timeout=5)
    conversions.declare(account.user_id, account.id, "lead")
    heard = [listener.get_message(timeout=5) for _ in range(2)]
    listener.close()
    assert [b'"topic":"metrics"' in one["data"] for one in heard if one] == [True, False]


def test_a_sync_that_began_before_the_choice_does_not_bring_the_old_one_back(account: MetaAccount) -> None:
    conversions.declare(account.user_id, account.id, "lead")
    with db.metrics_transaction() as store:
        write(store, account.id, [a_fact("1202", TODAY)], since=TODAY, until=TODAY, whole=False)
    conversions.catch_up(account)
    assert counted(account.id)["campaign"] == 10


def test_a_disconnected_account_is_left_alone(database: Database, account: MetaAccount) -> None:
    with database() as session:
        session.delete(session.get_one(MetaAccount, account.id))
    meta_syncs.recount_conversions(str(account.id))
    conversions.catch_up(account)
    assert counted(account.id)["campaign"] == 2
