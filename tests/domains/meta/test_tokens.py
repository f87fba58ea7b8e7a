"""The daily look at tokens: warnings once each, renewals, what was taken back, checkpoints that end."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from sqlalchemy import update
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import ALL, calls, fault, forget_calls, kill, minted, queued
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import oauth as meta_oauth
from vibekanban.core.queue import Job
from vibekanban.core.settings import settings
from vibekanban.domains.meta import connections, tokens
from vibekanban.domains.meta.models import ConnectionMode, ConnectionStatus, MetaConnection
from vibekanban.domains.notifications import inbox
from vibekanban.domains.notifications.models import Email, Notification
from workers import meta_connections

Connect = Callable[..., MetaConnection]


@pytest.fixture
def connect(session: Session, sandbox: Sandbox) -> Connect:
    """A connection with a fresh token; an OAuth one, which can not be renewed, unless told otherwise."""

    def make(*, mode: ConnectionMode = ConnectionMode.OAUTH, **token: Any) -> MetaConnection:
        kind = "USER" if mode is ConnectionMode.OAUTH else "SYSTEM_USER"
        text = minted(sandbox, kind=kind, **token)
        return a_connection(session, a_user(session), token=text, mode=mode, scopes=sorted(ALL))

    return make


def told(session: Session, connection: MetaConnection) -> list[tuple[str, Any]]:
    rows = session.exec(select(Notification).where(Notification.user_id == connection.user_id).order_by("id"))
    return [(row.kind, row.params.get("days")) for row in rows]


def test_every_look_at_a_living_token_has_its_accounts_looked_for(session: Session, connect: Connect) -> None:
    connection = connect()
    tokens.check(connection.id)
    assert queued(Job.DISCOVER_ACCOUNTS) == [(str(connection.id), True)]


# -- ends


@pytest.mark.parametrize(
    ("days", "said"), [(0, []), (15, []), (13.5, [14]), (6.5, [7]), (2.9, [3]), (0.5, [1])]
)
def test_the_owner_is_warned_of_the_end(
    session: Session, connect: Connect, days: float, said: list[int]
) -> None:
    connection = connect(days=days)
    for _ in range(2):
        tokens.check(connection.id)
    assert told(session, connection) == [("connection_expires", left) for left in said]


def test_every_step_is_warned_of_once(session: Session, sandbox: Sandbox, connect: Connect) -> None:
    connection = connect(days=20)
    for days in (20, 13.9, 13.1, 6.9, 6.1, 2.9, 2.1, 0.9, 0.2):
        text = minted(sandbox, kind="USER", days=days)
        connection.sealed_token = connections.sealed(connection.id, text)
        session.flush()
        tokens.check(connection.id)
    assert [left for _, left in told(session, connection)] == [14, 7, 3, 1]
    emails = session.exec(select(Email).where(Email.user_id == connection.user_id)).all()
    assert [email.kind for email in emails] == ["connection_expires"] * 4


def test_a_warning_reads_well_in_both_languages(session: Session, connect: Connect) -> None:
    connection = connect(days=0.5)
    tokens.check(connection.id)
    spanish, english = (inbox.lines(session, connection.user_id, locale)[0].body for locale in ("es", "en"))
    assert spanish.startswith("Días que le quedan a la conexión de Lucía Romero: 1.")
    assert english.startswith("Days left for Lucía Romero's connection: 1.")


def test_an_end_that_moved_away_is_warned_of_anew(
    session: Session, sandbox: Sandbox, connect: Connect
) -> None:
    connection = connect(days=0)
    for days in (2.5, 30, 13.5):
        text = minted(sandbox, kind="USER", days=days)
        connection.sealed_token = connections.sealed(connection.id, text)
        session.flush()
        tokens.check(connection.id)
    assert [left for _, left in told(session, connection)] == [3, 14]


def test_the_end_of_data_access_is_an_end_too(session: Session, sandbox: Sandbox, connect: Connect) -> None:
    connection = connect(days=0)
    tokens.check(connection.id)
    assert connection.expires_at is None
    left = tokens.days_left(connection)
    assert left is not None
    assert 89 <= left <= 90


# -- renewals


def test_a_system_users_token_is_renewed_before_it_ends(session: Session, connect: Connect) -> None:
    connection = connect(mode=ConnectionMode.SYSTEM_USER, days=6)
    before = connections.token(connection)
    tokens.check(connection.id)
    session.refresh(connection)
    assert connections.token(connection) != before
    assert tokens.days_left(connection) == 60
    assert told(session, connection) == []


def test_one_with_time_left_is_left_alone(session: Session, sandbox: Sandbox, connect: Connect) -> None:
    connection = connect(mode=ConnectionMode.SYSTEM_USER, days=30)
    before = connection.sealed_token
    tokens.check(connection.id)
    session.refresh(connection)
    assert connection.sealed_token == before


def test_one_that_meta_does_not_renew_is_warned_of(
    session: Session, sandbox: Sandbox, connect: Connect
) -> None:
    connection = connect(mode=ConnectionMode.SYSTEM_USER, days=6)
    fault(sandbox, "error", path="oauth/access_token", code=100)
    tokens.check(connection.id)
    assert told(session, connection) == [("connection_expires", 6)]


# -- dead tokens and checkpoints


def test_a_dead_token_is_found_without_a_call_in_its_name(
    session: Session, sandbox: Sandbox, connect: Connect
) -> None:
    connection = connect()
    kill(sandbox, connections.token(connection), 460)
    forget_calls(sandbox)
    for _ in range(2):
        tokens.check(connection.id)
    session.refresh(connection)
    assert connection.status is ConnectionStatus.NEEDS_REAUTH
    assert told(session, connection) == [("connection_needs_reauth", None)]
    assert [call for call in calls(sandbox) if call["token"]] == []


def test_a_checkpoint_ends_when_meta_lets_the_person_through(
    session: Session, sandbox: Sandbox, connect: Connect
) -> None:
    connection = connect()
    token = connections.token(connection)
    kill(sandbox, token, 459)
    tokens.check(connection.id)
    session.refresh(connection)
    assert connection.status is ConnectionStatus.NEEDS_USER_ACTION
    tokens.check(connection.id)
    assert queued(Job.DISCOVER_ACCOUNTS) == []
    kill(sandbox, token, 0)
    assert connection.id in tokens.due(session)
    tokens.check(connection.id)
    session.refresh(connection)
    assert connection.status is ConnectionStatus.ACTIVE
    assert queued(Job.DISCOVER_ACCOUNTS) == [(str(connection.id),)]


def test_a_checkpoint_that_debug_token_does_not_see_is_asked_once(
    session: Session, sandbox: Sandbox, connect: Connect
) -> None:
    connection = connect()
    connection.status = ConnectionStatus.NEEDS_USER_ACTION
    session.flush()
    fault(sandbox, "error", path="/me$", code=190, subcode=459)
    forget_calls(sandbox)
    tokens.check(connection.id)
    session.refresh(connection)
    assert connection.status is ConnectionStatus.NEEDS_USER_ACTION
    assert [call["code"] for call in calls(sandbox)] == [190]


def test_a_scope_that_was_taken_back_is_missing_on_the_accounts(session: Session, connect: Connect) -> None:
    connection = connect(scopes=["ads_read"])
    account = an_account(session, connection)
    tokens.check(connection.id)
    session.refresh(account)
    assert (account.missing_scopes, connection.scopes) == (["ads_management"], ["ads_read"])


def test_our_own_refused_app_blames_no_token_and_is_not_tried_again(
    session: Session, sandbox: Sandbox, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect()
    monkeypatch.setattr(settings(), "meta_app_secret", "another")
    meta_connections.check_connection(str(connection.id))
    with pytest.raises(meta_errors.AppMisconfigured):
        tokens.check(connection.id)
    session.refresh(connection)
    assert connection.status is ConnectionStatus.ACTIVE
    assert told(session, connection) == []


# -- many at once


def looked_at(*connections: MetaConnection) -> None:
    meta_connections.check_connections([str(one.id) for one in connections])


def test_many_living_tokens_are_noted_and_their_accounts_looked_for_together(
    session: Session, connect: Connect
) -> None:
    many = [connect(), connect(days=40)]
    looked_at(*many)
    for one in many:
        session.refresh(one)
    assert all(one.checked_at for one in many)
    assert many[1].expires_at is not None
    ((ids,),) = queued(Job.DISCOVER_DAILY)
    assert sorted(ids) == sorted(str(one.id) for one in many)
    assert queued(Job.DISCOVER_ACCOUNTS) == []


def test_of_many_each_has_what_it_would_have_alone(
    session: Session, sandbox: Sandbox, connect: Connect
) -> None:
    dead, ending, narrowed, renewed = (
        connect(),
        connect(days=6.5),
        connect(scopes=["ads_read"]),
        connect(mode=ConnectionMode.SYSTEM_USER, days=6),
    )
    account = an_account(session, narrowed)
    kill(sandbox, connections.token(dead), 460)
    looked_at(dead, ending, narrowed, renewed, connect())
    for one in (dead, ending, account, renewed):
        session.refresh(one)
    assert dead.status is ConnectionStatus.NEEDS_REAUTH
    assert told(session, ending) == [("connection_expires", 7)]
    assert account.missing_scopes == ["ads_management"]
    assert tokens.days_left(renewed) == 60


def test_a_look_that_fails_is_tried_again_alone(session: Session, sandbox: Sandbox, connect: Connect) -> None:
    two = [connect(), connect()]
    fault(sandbox, "html502", path="debug_token", times=1)
    looked_at(*two)
    for one in two:
        session.refresh(one)
    (bad,) = [one for one in two if one.checked_at is None]
    assert queued(Job.CHECK_CONNECTION) == [(str(bad.id),)]


def test_a_token_that_can_not_be_opened_keeps_none_of_the_others(session: Session, connect: Connect) -> None:
    good, broken = connect(), connect()
    broken.sealed_token = good.sealed_token
    session.flush()
    looked_at(good, broken)
    session.refresh(good)
    assert good.checked_at is not None
    assert queued(Job.CHECK_CONNECTION) == [(str(broken.id),)]


def test_who_signed_in_again_meanwhile_keeps_what_that_brought(
    session: Session, connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connect()
    ask = meta_oauth.inspect_all

    def asked(texts: Iterable[str]) -> Any:
        found = ask(texts)
        changed = update(MetaConnection).values(sealed_token=connections.sealed(connection.id, "another"))
        session.execute(changed, execution_options={"synchronize_session": False})
        return found

    monkeypatch.setattr(meta_oauth, "inspect_all", asked)
    looked_at(connection)
    session.refresh(connection)
    assert connection.checked_at is None
    assert queued(Job.DISCOVER_DAILY) == []


def test_a_discovery_of_many_that_fails_is_tried_again_alone(
    session: Session, sandbox: Sandbox, connect: Connect
) -> None:
    good, bad = connect(), connect(person="agencia")
    fault(sandbox, "html502", path="adaccounts", times=-1, token=connections.token(bad))
    meta_connections.discover_daily([str(good.id), str(bad.id)])
    assert queued(Job.DISCOVER_ACCOUNTS) == [(str(bad.id), True)]


def test_the_sweep_orders_a_look_at_each_token_that_may_be_good(session: Session, connect: Connect) -> None:
    states = list(ConnectionStatus)
    rows = {status: connect() for status in states}
    for status, row in rows.items():
        row.status = status
    session.flush()
    meta_connections.sweep_connections()
    meta_connections.sweep_connections()
    watched = {rows[ConnectionStatus.ACTIVE].id, rows[ConnectionStatus.NEEDS_USER_ACTION].id}
    ((ids,),) = queued(Job.CHECK_CONNECTIONS)
    assert sorted(ids) == sorted(str(one) for one in watched)
    assert queued(Job.REVOKE_CONNECTION) == [(str(rows[ConnectionStatus.REVOKED].id),)]
