"""Disconnecting, telling Meta, and hearing from Meta who left."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import calls, fault, forget_calls, minted, queued
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account, an_ad, an_ad_set
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import oauth as meta_oauth
from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Job
from vibekanban.domains.meta import connections, leaving, oauth
from vibekanban.domains.meta.models import (
    Ad,
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    Permission,
    Sync,
    SyncKind,
)
from workers import meta_connections

Database = Callable[[], AbstractContextManager[Session]]
Revoked = Callable[..., MetaConnection]


@pytest.fixture
def revoked(session: Session, sandbox: Sandbox) -> Revoked:
    """A connection whose last account was disconnected, and nobody has told Meta yet."""

    def make(*, person: str = "lucia", token: str = "") -> MetaConnection:
        meta_user_id = sandbox.admin.get("/_sandbox/world").json()[person]["userId"]
        user = a_user(session)
        connection = a_connection(
            session, user, token=token or minted(sandbox, person), meta_user_id=meta_user_id
        )
        connections.disconnect(session, user.id, an_account(session, connection).id)
        session.refresh(connection)
        return connection

    return make


def gone(session: Session, connection: MetaConnection) -> bool:
    session.expire_all()
    return session.exec(select(MetaConnection.id).where(MetaConnection.id == connection.id)).first() is None


def revocations(sandbox: Sandbox) -> int:
    return len([call for call in calls(sandbox) if call["method"] == "DELETE"])


# -- disconnecting


def test_an_account_goes_with_all_that_hangs_on_it(session: Session) -> None:
    user = a_user(session)
    account = an_account(session, a_connection(session, user))
    an_ad(session, an_ad_set(session, a_campaign(session, account)))
    session.add(Sync(user_id=user.id, account_id=account.id, kind=SyncKind.TODAY))
    session.flush()
    connections.disconnect(session, user.id, account.id)
    left = [
        len(session.exec(select(kind).where(kind.user_id == user.id)).all())
        for kind in (MetaAccount, Ad, Sync)
    ]
    assert left == [0, 0, 0]


def test_other_accounts_keep_the_connection(session: Session) -> None:
    user = a_user(session)
    connection = a_connection(session, user)
    first, _second = an_account(session, connection), an_account(session, connection)
    connections.disconnect(session, user.id, first.id)
    session.refresh(connection)
    assert connection.status is ConnectionStatus.ACTIVE


def test_the_last_account_ends_the_connection(session: Session, revoked: Revoked) -> None:
    connection = revoked()
    assert connection.status is ConnectionStatus.REVOKED


def test_the_order_to_tell_meta_holds_nothing_but_the_id(database: Database) -> None:
    with database() as opened:
        user = a_user(opened)
        connection = a_connection(opened, user)
        account = an_account(opened, connection)
    with database() as opened:
        connections.disconnect(opened, user.id, account.id)
    assert queued(Job.REVOKE_CONNECTION) == [(str(connection.id),)]
    assert queued(Job.FORGET_METRICS) == [(str(account.id),)]


def test_disconnecting_twice_finds_nothing_the_second_time(session: Session) -> None:
    user = a_user(session)
    account_id = an_account(session, a_connection(session, user)).id
    connections.disconnect(session, user.id, account_id)
    with pytest.raises(NotFound):
        connections.disconnect(session, user.id, account_id)


def test_somebody_elses_account_is_not_found(session: Session) -> None:
    account = an_account(session, a_connection(session, a_user(session)))
    with pytest.raises(NotFound):
        connections.disconnect(session, a_user(session).id, account.id)


def test_two_last_accounts_leaving_at_once_end_the_connection(database: Database) -> None:
    with database() as session:
        user = a_user(session)
        connection = a_connection(session, user)
        first, second = (an_account(session, connection).id for _ in range(2))

    def leave(account_id: UUID) -> None:
        with database() as session:
            connections.disconnect(session, user.id, account_id)

    with ThreadPoolExecutor(1) as pool:
        with database() as session:
            connections.disconnect(session, user.id, first)
            other = pool.submit(leave, second)
            wait([other], timeout=0.3)  # time enough to go wrong: it must not pass before this commits
        other.result()
    with database() as session:
        assert session.get_one(MetaConnection, connection.id).status is ConnectionStatus.REVOKED


# -- telling Meta


def test_meta_is_told_and_the_token_goes(session: Session, sandbox: Sandbox, revoked: Revoked) -> None:
    connection = revoked()
    token = connections.token(connection)
    meta_connections.revoke_connection(str(connection.id))
    assert gone(session, connection)
    assert not meta_oauth.inspect(token).is_valid


def test_while_meta_is_down_the_token_is_kept_for_another_try(
    session: Session, sandbox: Sandbox, revoked: Revoked
) -> None:
    connection = revoked()
    fault(sandbox, "html502", path="permissions")
    with pytest.raises(meta_errors.BadGateway):
        meta_connections.revoke_connection(str(connection.id))
    assert not gone(session, connection)
    meta_connections.revoke_connection(str(connection.id))
    assert gone(session, connection)


def test_what_meta_has_not_heard_is_given_up_after_two_weeks(
    session: Session, sandbox: Sandbox, revoked: Revoked
) -> None:
    connection = revoked()
    connection.updated_at = columns.now() - timedelta(days=15)
    session.flush()
    fault(sandbox, "html502", times=-1)
    leaving.revoke(connection.id)
    assert gone(session, connection)


@pytest.mark.parametrize(("code", "subcode"), [(190, 463), (190, 459), (200, None), (100, None)])
def test_a_refusal_of_meta_is_the_end_of_it(
    session: Session, sandbox: Sandbox, revoked: Revoked, code: int, subcode: int | None
) -> None:
    connection = revoked()
    fault(sandbox, "error", path="permissions", code=code, subcode=subcode)
    leaving.revoke(connection.id)
    assert gone(session, connection)
    assert len([call for call in calls(sandbox) if call["code"] == code]) == 1


def test_a_colleague_with_the_same_person_is_not_cut_off(
    session: Session, sandbox: Sandbox, revoked: Revoked
) -> None:
    leaver = revoked()
    token = minted(sandbox)
    stayer = a_connection(session, a_user(session), token=token, meta_user_id=leaver.meta_user_id)
    an_account(session, stayer)
    leaving.revoke(leaver.id)
    assert gone(session, leaver)
    assert meta_oauth.inspect(token).is_valid


def test_coming_back_before_meta_was_told_keeps_the_connection(
    session: Session, sandbox: Sandbox, revoked: Revoked
) -> None:
    connection = revoked()
    oauth.paste(connection.user_id, minted(sandbox), Permission.MANAGE)
    forget_calls(sandbox)
    meta_connections.revoke_connection(str(connection.id))
    session.refresh(connection)
    assert connection.status is ConnectionStatus.ACTIVE
    assert revocations(sandbox) == 0


def test_our_own_refused_app_waits_for_the_operator(
    session: Session, sandbox: Sandbox, revoked: Revoked
) -> None:
    connection = revoked()
    fault(sandbox, "error", path="permissions", code=104)
    meta_connections.revoke_connection(str(connection.id))
    assert not gone(session, connection)
    assert leaving.unrevoked(session) == [connection.id]
