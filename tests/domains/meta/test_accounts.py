"""Finding a connection's accounts, keeping them up to date, and reading them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from rq import Queue
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import calls, fault, forget_calls, kill, minted, queued
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import broker, columns, queue
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import SERIALIZER, Job, Lane
from vibekanban.domains.meta import accounts, connections, syncs
from vibekanban.domains.meta.errors import AccountUnreachable
from vibekanban.domains.meta.models import (
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    Permission,
    Sync,
    SyncKind,
    SyncStatus,
)
from vibekanban.domains.notifications import inbox
from workers import meta_connections


@pytest.fixture
def agency(session: Session, sandbox: Sandbox) -> MetaConnection:
    """A connection that sees sixty accounts."""
    return a_connection(session, a_user(session), token=minted(sandbox, "agencia"))


def owned(session: Session, connection: MetaConnection) -> list[MetaAccount]:
    query = select(MetaAccount).where(MetaAccount.connection_id == connection.id)
    return list(session.exec(query.execution_options(populate_existing=True)))


def syncs_of(session: Session, connection: MetaConnection) -> list[Sync]:
    return list(session.exec(select(Sync).where(Sync.user_id == connection.user_id)))


@pytest.mark.parametrize("paging", [{}, {"short": True, "hole": True}, {"next_only": True}])
def test_every_account_is_found_and_its_first_sync_asked_for(
    session: Session, sandbox: Sandbox, agency: MetaConnection, paging: dict[str, bool]
) -> None:
    sandbox.admin.post("/_sandbox/paging", json=paging)
    assert accounts.discover(agency.id) == 60
    found, asked = owned(session, agency), syncs_of(session, agency)
    assert len(found) == 60
    assert {sync.account_id for sync in asked} == {account.id for account in found}
    assert {sync.kind for sync in asked} == {SyncKind.ACCOUNT}


def test_finding_them_again_changes_nothing_and_asks_for_nothing_twice(
    session: Session, agency: MetaConnection
) -> None:
    accounts.discover(agency.id)
    before = {account.id for account in owned(session, agency)}
    accounts.discover(agency.id)
    assert {account.id for account in owned(session, agency)} == before
    assert len(syncs_of(session, agency)) == 60


def test_an_accounts_name_and_state_follow_meta(
    session: Session, sandbox: Sandbox, agency: MetaConnection
) -> None:
    accounts.discover(agency.id)
    account = owned(session, agency)[0]
    truth = (account.name, account.currency, account.timezone)
    account.name, account.currency, account.timezone, account.missing_scopes = "x", "XXX", "x", ["ads_read"]
    session.flush()
    sandbox.admin.post("/_sandbox/accounts", json={"account": account.meta_account_id, "status": 2})
    accounts.discover(agency.id)
    session.refresh(account)
    assert (account.name, account.currency, account.timezone) == truth
    assert (account.account_status, account.missing_scopes) == (2, [])


def test_what_the_connection_lacks_is_missing_on_its_accounts(session: Session, sandbox: Sandbox) -> None:
    token = minted(sandbox, scopes=["ads_read"])
    connection = a_connection(
        session, a_user(session), token=token, scopes=["ads_read"], permission=Permission.MANAGE
    )
    accounts.discover(connection.id)
    assert [account.missing_scopes for account in owned(session, connection)] == [["ads_management"]]


def test_signing_in_again_asks_for_the_cancelled_syncs(session: Session, agency: MetaConnection) -> None:
    accounts.discover(agency.id)
    for sync in syncs_of(session, agency):
        sync.status = SyncStatus.CANCELLED
    session.flush()
    accounts.discover(agency.id)
    waiting = [sync for sync in syncs_of(session, agency) if sync.status is SyncStatus.QUEUED]
    assert len(waiting) == 60


def test_two_users_may_see_the_same_account(session: Session, sandbox: Sandbox) -> None:
    for _ in range(2):
        accounts.discover(a_connection(session, a_user(session), token=minted(sandbox)).id)
    numbers = session.exec(select(MetaAccount.meta_account_id)).all()
    assert (len(numbers), len(set(numbers))) == (2, 1)


def test_an_account_moves_to_the_connection_that_saw_it_last(session: Session, sandbox: Sandbox) -> None:
    user = a_user(session)
    first, second = (a_connection(session, user, token=minted(sandbox)) for _ in range(2))
    accounts.discover(first.id)
    accounts.discover(second.id)
    assert (len(owned(session, first)), len(owned(session, second))) == (0, 1)


@pytest.mark.parametrize("status", [one for one in ConnectionStatus if one is not ConnectionStatus.ACTIVE])
def test_nothing_is_asked_with_a_connection_that_ended(
    session: Session, sandbox: Sandbox, agency: MetaConnection, status: ConnectionStatus
) -> None:
    agency.status = status
    session.flush()
    assert accounts.discover(agency.id) == 0
    assert calls(sandbox) == []


def test_a_dead_token_ends_the_job_without_another_try(
    session: Session, sandbox: Sandbox, agency: MetaConnection
) -> None:
    kill(sandbox, connections.token(agency))
    forget_calls(sandbox)
    for _ in range(2):
        meta_connections.discover_accounts(str(agency.id))
    session.refresh(agency)
    assert agency.status is ConnectionStatus.NEEDS_REAUTH
    assert len(calls(sandbox)) == 1


@pytest.mark.parametrize("code", [200, 100, 104, 368, 2635])
def test_a_final_refusal_ends_the_job(
    session: Session, sandbox: Sandbox, agency: MetaConnection, code: int
) -> None:
    fault(sandbox, "error", code=code)
    forget_calls(sandbox)
    meta_connections.discover_accounts(str(agency.id))
    assert [call["code"] for call in calls(sandbox)] == [code]


def test_a_pause_that_meta_wants_is_waited_out(
    session: Session, sandbox: Sandbox, agency: MetaConnection
) -> None:
    fault(sandbox, "throttle")
    meta_connections.discover_accounts(str(agency.id))
    lane = Queue(Lane.HUMAN.value, connection=broker.connection(), serializer=SERIALIZER)
    (job_id,) = lane.scheduled_job_registry.get_job_ids()
    wait = lane.scheduled_job_registry.get_scheduled_time(job_id) - columns.now()
    assert timedelta(minutes=4) < wait <= timedelta(minutes=5)


def test_what_passes_is_left_to_the_queue_to_try_again(
    session: Session, sandbox: Sandbox, agency: MetaConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vibekanban.clients.meta.gateway.time.sleep", lambda _seconds: None)
    fault(sandbox, "html502", times=-1)
    with pytest.raises(meta_errors.BadGateway):
        meta_connections.discover_accounts(str(agency.id))


# -- the daily look


def looked(session: Session, connection: MetaConnection) -> dict[str, MetaAccount]:
    """The connection's accounts after a daily look at a moment when nothing was under way."""
    for sync in syncs_of(session, connection):
        sync.status = SyncStatus.DONE
    session.flush()
    accounts.discover(connection.id, daily=True)
    return {account.meta_account_id: account for account in owned(session, connection)}


def read(session: Session, connection: MetaConnection) -> list[MetaAccount]:
    """The connection's accounts, found and read once."""
    accounts.discover(connection.id)
    found = owned(session, connection)
    for account in found:
        account.structure_synced_at = columns.now()
    return found


def open_syncs(session: Session, connection: MetaConnection) -> set[UUID]:
    return {sync.account_id for sync in syncs_of(session, connection) if sync.status is SyncStatus.QUEUED}


def test_the_daily_look_finds_new_accounts_and_has_them_read(
    session: Session, agency: MetaConnection
) -> None:
    new, *_ = read(session, agency)
    number = new.meta_account_id
    session.delete(new)
    session.flush()
    found = looked(session, agency)
    assert len(found) == 60
    assert open_syncs(session, agency) == {found[number].id}


def test_the_daily_look_has_an_account_read_that_never_was(session: Session, agency: MetaConnection) -> None:
    unread, *_ = read(session, agency)
    unread.structure_synced_at = None
    looked(session, agency)
    assert open_syncs(session, agency) == {unread.id}


def test_an_account_that_vanished_is_marked_and_its_owner_told(
    session: Session, agency: MetaConnection
) -> None:
    read(session, agency)
    gone = an_account(session, agency, name="Bodega Sur", structure_synced_at=columns.now())
    found = looked(session, agency)
    assert [one.name for one in found.values() if one.unreachable_at] == ["Bodega Sur"]
    (line,) = inbox.lines(session, agency.user_id, "es")
    assert line.body.startswith("La conexión de Lucía Romero ya no ve: Bodega Sur.")
    assert syncs.due_today(session, older_than=columns.now() + timedelta(hours=1)).count(gone) == 0
    with pytest.raises(AccountUnreachable):
        syncs.request(session, agency.user_id, gone.id, SyncKind.TODAY)


def test_a_vanished_account_is_told_of_once_and_its_syncs_end(
    session: Session, agency: MetaConnection
) -> None:
    gone = an_account(session, agency)
    sync = syncs.request(session, agency.user_id, gone.id, SyncKind.ACCOUNT)
    for _ in range(2):
        accounts.discover(agency.id, daily=True)
    session.refresh(sync)
    assert (sync.status, sync.error_code) == (SyncStatus.CANCELLED, "account_unreachable")
    assert len(inbox.lines(session, agency.user_id, "es")) == 1


def test_an_account_that_came_back_is_read_again(session: Session, agency: MetaConnection) -> None:
    account, *_ = read(session, agency)
    account.unreachable_at = columns.now()
    found = looked(session, agency)
    assert found[account.meta_account_id].unreachable_at is None
    assert open_syncs(session, agency) == {account.id}


def test_names_follow_meta_daily_and_what_one_account_refuses_stays_marked(
    session: Session, agency: MetaConnection
) -> None:
    account, *_ = read(session, agency)
    truth = account.name
    account.name, account.missing_scopes = "x", ["ads_management"]
    looked(session, agency)
    assert (account.name, account.missing_scopes) == (truth, ["ads_management"])
    assert open_syncs(session, agency) == set()


def test_an_account_of_two_connections_stays_where_it_is_until_that_one_dies(
    session: Session, sandbox: Sandbox
) -> None:
    user = a_user(session)
    first, second = (a_connection(session, user, token=minted(sandbox)) for _ in range(2))
    accounts.discover(first.id)
    accounts.discover(second.id, daily=True)
    assert (len(owned(session, first)), len(owned(session, second))) == (1, 0)
    first.status = ConnectionStatus.NEEDS_REAUTH
    session.flush()
    accounts.discover(second.id, daily=True)
    assert (len(owned(session, first)), len(owned(session, second))) == (0, 1)


def test_somebody_who_got_access_back_has_the_account_looked_for_now(
    session: Session, agency: MetaConnection
) -> None:
    account = an_account(session, agency, unreachable_at=columns.now())
    accounts.look_again(session, agency.user_id, account.id)
    queue.release(session)
    assert queued(Job.DISCOVER_ACCOUNTS) == [(str(agency.id), True)]
    with pytest.raises(NotFound):
        accounts.look_again(session, a_user(session).id, account.id)


# -- reading


def test_accounts_are_listed_page_by_page(session: Session) -> None:
    connection = a_connection(session, a_user(session))
    made = [an_account(session, connection).id for _ in range(5)]
    seen: list[Any] = []
    while page := accounts.connected(session, connection.user_id, after=seen[-1] if seen else None, limit=2):
        seen += [one.account.id for one in page]
    assert seen == sorted(made)


def test_somebody_elses_account_is_not_found(session: Session) -> None:
    account = an_account(session, a_connection(session, a_user(session)))
    stranger = a_user(session)
    assert accounts.connected(session, stranger.id) == []
    with pytest.raises(NotFound):
        accounts.account(session, stranger.id, account.id)
