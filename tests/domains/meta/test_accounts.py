"""Finding a connection's accounts, keeping them up to date, and reading them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from rq import Queue
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import calls, fault, forget_calls, kill, minted
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import broker, columns
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import SERIALIZER, Lane
from vibekanban.domains.meta import accounts, connections
from vibekanban.domains.meta.models import (
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    Permission,
    Sync,
    SyncKind,
    SyncStatus,
)
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
