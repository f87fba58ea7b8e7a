"""Deleting what somebody asked Meta to have deleted, and what the code says afterwards."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from sqlmodel import Session, select

from tests.domains.meta.meta_sandbox import queued
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from tests.factories.metrics import a_fact, write
from vibekanban.clients.meta import oauth as meta_oauth
from vibekanban.core import broker, columns, queue
from vibekanban.core.queue import Job
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta import connections, deletions
from vibekanban.domains.meta.models import ConnectionStatus, MetaAccount, MetaConnection
from vibekanban.domains.notifications.models import Email, Notification
from workers import meta_connections, meta_syncs

Database = Callable[[], AbstractContextManager[Session]]


@pytest.fixture
def connection(session: Session) -> MetaConnection:
    return a_connection(session, a_user(session), meta_user_id="49")


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Meta's signature is another test's."""
    monkeypatch.setattr(meta_oauth, "signed_person", lambda person: person or None)


def test_a_deletion_is_finished_when_the_last_numbers_are_gone(
    session: Session, connection: MetaConnection
) -> None:
    accounts = [an_account(session, connection).id for _ in range(2)]
    code = deletions.erase(session, "49").code
    for done in (False, True):
        deletions.forgotten(session, accounts.pop())
        session.expire_all()
        found = deletions.deletion(session, code)
        assert found is not None
        assert (found.finished_at is not None) is done


def test_a_deletion_with_nothing_to_delete_is_finished_at_once(session: Session) -> None:
    assert deletions.erase(session, "50").finished_at is not None


def test_an_unknown_code_is_nobodys(session: Session) -> None:
    assert deletions.deletion(session, "") is None
    assert deletions.deletion(session, "nothing") is None


def test_what_the_person_was_told_goes_with_them(session: Session, connection: MetaConnection) -> None:
    another = a_connection(session, session.get_one(User, connection.user_id))
    for one in (connection, another):
        connections.lost(session, one.id, ConnectionStatus.NEEDS_REAUTH)
    deletions.erase(session, "49")
    left = session.exec(select(Notification.dedupe_key)).all()
    assert [key.split(":")[1] for key in left] == [str(another.id)]
    assert len(session.exec(select(Email)).all()) == 1


def test_a_job_that_was_lost_is_ordered_again(session: Session, connection: MetaConnection) -> None:
    account = an_account(session, connection)
    deletions.erase(session, "49")
    queue.release(session)
    broker.connection().flushdb()
    meta_connections.sweep_connections()
    assert queued(Job.FORGET_METRICS) == [(str(account.id),)]


def test_the_job_deletes_the_numbers_and_says_so(database: Database) -> None:
    with database() as session:
        connection = a_connection(session, a_user(session), meta_user_id="51")
        account = an_account(session, connection)
        day = columns.now().date()
        write(session, account.id, [a_fact("1201", day)], since=day, until=day)
    with database() as session:
        code = deletions.erase(session, "51").code
    meta_syncs.forget_metrics(str(account.id))
    with database() as session:
        found = deletions.deletion(session, code)
        assert found is not None
        assert (found.remaining, found.finished_at is not None) == ([], True)
        assert session.exec(select(MetaAccount)).all() == []
