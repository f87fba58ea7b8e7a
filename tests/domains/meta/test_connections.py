"""Calling in the name of a connection, losing it once, and the key that seals its token."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import calls, fault, forget_calls, kill, minted
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import columns, vault
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings
from vibekanban.domains.meta import connections
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import (
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    Permission,
    Sync,
    SyncKind,
    SyncStatus,
)
from vibekanban.domains.notifications.models import Email, Notification

Database = Callable[[], AbstractContextManager[Session]]


@dataclass
class Scene:
    """A connection to the tidy shop of the sandbox."""

    session: Session
    sandbox: Sandbox
    connection: MetaConnection
    account: MetaAccount
    token: str

    def call(self, path: str = "", lane: Lane = Lane.TODAY) -> dict[str, Any]:
        with connections.opened(self.account.id, lane) as meta:
            return meta.get(path or f"act_{self.account.meta_account_id}", fields="id")

    @property
    def status(self) -> ConnectionStatus:
        self.session.refresh(self.connection)
        return self.connection.status

    def told(self) -> list[str]:
        owner = self.connection.user_id
        return list(self.session.exec(select(Notification.kind).where(Notification.user_id == owner)))


@pytest.fixture
def scene(session: Session, sandbox: Sandbox) -> Scene:
    token = minted(sandbox)
    (account,) = sandbox.admin.get("/_sandbox/world").json()["lucia"]["accounts"]
    connection = a_connection(session, a_user(session), token=token)
    return Scene(
        session, sandbox, connection, an_account(session, connection, meta_account_id=account["id"]), token
    )


def test_an_account_is_called_with_its_connections_token(scene: Scene) -> None:
    assert scene.call() == {"id": f"act_{scene.account.meta_account_id}"}


def test_an_account_that_is_gone_is_not_found(session: Session) -> None:
    with pytest.raises(NotFound), connections.opened(columns.new_id(), Lane.HUMAN):
        raise AssertionError("nothing to call with")


# -- a dead token


@pytest.mark.parametrize("subcode", [458, 460, 463, 464, 467, 492])
def test_a_dead_token_flips_the_connection_and_is_not_tried_again(scene: Scene, subcode: int) -> None:
    kill(scene.sandbox, scene.token, subcode)
    forget_calls(scene.sandbox)
    for _ in range(3):
        with pytest.raises(ConnectionNeedsSignIn):
            scene.call()
    assert scene.status is ConnectionStatus.NEEDS_REAUTH
    assert [call["code"] for call in calls(scene.sandbox)] == [190]
    assert scene.told() == ["connection_needs_reauth"]


def test_the_owner_is_told_by_e_mail_too(scene: Scene) -> None:
    kill(scene.sandbox, scene.token)
    with pytest.raises(ConnectionNeedsSignIn):
        scene.call()
    emails = scene.session.exec(select(Email).where(Email.user_id == scene.connection.user_id)).all()
    assert [email.kind for email in emails] == ["connection_needs_reauth"]


def test_a_checkpoint_asks_the_person_and_keeps_the_token(scene: Scene) -> None:
    sealed = scene.connection.sealed_token
    kill(scene.sandbox, scene.token, 459)
    with pytest.raises(ConnectionNeedsSignIn):
        scene.call()
    assert scene.status is ConnectionStatus.NEEDS_USER_ACTION
    assert scene.connection.sealed_token == sealed
    assert scene.told() == ["connection_needs_user_action"]


def test_losing_a_connection_cancels_its_syncs(scene: Scene) -> None:
    account, other = (
        scene.account,
        an_account(scene.session, a_connection(scene.session, a_user(scene.session))),
    )
    waiting = Sync(user_id=account.user_id, account_id=account.id, kind=SyncKind.TODAY)
    done = Sync(user_id=account.user_id, account_id=account.id, kind=SyncKind.TODAY, status=SyncStatus.DONE)
    others = Sync(user_id=other.user_id, account_id=other.id, kind=SyncKind.TODAY)
    scene.session.add_all([waiting, done, others])
    scene.session.flush()
    kill(scene.sandbox, scene.token)
    with pytest.raises(ConnectionNeedsSignIn):
        scene.call()
    for sync in (waiting, done, others):
        scene.session.refresh(sync)
    assert [sync.status for sync in (waiting, done, others)] == [
        SyncStatus.CANCELLED,
        SyncStatus.DONE,
        SyncStatus.QUEUED,
    ]


def test_of_many_that_see_it_die_one_flips_the_connection(database: Database) -> None:
    with database() as session:
        connection = a_connection(session, a_user(session))

    def lose(_n: int) -> bool:
        return connections.lose(connection, ConnectionStatus.NEEDS_REAUTH)

    with ThreadPoolExecutor(4) as pool:
        flipped = list(pool.map(lose, range(8)))
    with database() as session:
        told = session.exec(select(Notification)).all()
    assert sorted(flipped) == [False] * 7 + [True]
    assert len(told) == 1


def test_an_old_tokens_end_does_not_lose_the_new_one(scene: Scene) -> None:
    old = MetaConnection(**scene.connection.model_dump())
    scene.connection.sealed_token = connections.sealed(scene.connection.id, minted(scene.sandbox))
    scene.session.flush()
    assert not connections.lose(old, ConnectionStatus.NEEDS_REAUTH)
    assert scene.status is ConnectionStatus.ACTIVE
    assert scene.told() == []


def test_a_lost_connection_can_be_lost_to_worse_but_not_to_better(scene: Scene) -> None:
    def lost(status: ConnectionStatus) -> bool:
        return connections.lost(scene.session, scene.connection.id, status)

    asks, dead = ConnectionStatus.NEEDS_USER_ACTION, ConnectionStatus.NEEDS_REAUTH
    assert [lost(asks), lost(asks), lost(dead), lost(asks), lost(dead)] == [True, False, True, False, False]


# -- what is not the token's end


@pytest.mark.parametrize(
    ("code", "failure"),
    [(104, meta_errors.AppMisconfigured), (2635, meta_errors.VersionRetired), (368, meta_errors.Blocked)],
)
def test_failures_of_ours_leave_the_connection_as_it_is(
    scene: Scene, code: int, failure: type[meta_errors.MetaError]
) -> None:
    fault(scene.sandbox, "error", code=code)
    with pytest.raises(failure):
        scene.call()
    assert scene.status is ConnectionStatus.ACTIVE
    assert scene.told() == []


def test_a_missing_permission_is_named_on_the_account(scene: Scene) -> None:
    fault(
        scene.sandbox, "error", code=200, message="(#200) Ad account owner has NOT grant ads_read permission"
    )
    with pytest.raises(meta_errors.NeedsPermission):
        scene.call()
    scene.session.refresh(scene.account)
    assert scene.account.missing_scopes == ["ads_read"]
    assert scene.status is ConnectionStatus.ACTIVE


@pytest.mark.parametrize(
    ("permission", "scopes", "missing"),
    [
        (Permission.READ, ["ads_read"], []),
        (Permission.READ, ["ads_management"], []),
        (Permission.READ, ["business_management"], ["ads_read"]),
        (Permission.MANAGE, ["ads_management"], []),
        (Permission.MANAGE, ["ads_read"], ["ads_management"]),
    ],
)
def test_what_a_connection_lacks(permission: Permission, scopes: list[str], missing: list[str]) -> None:
    assert connections.missing_scopes(permission, scopes) == missing


# -- keys


@pytest.fixture
def new_key() -> Iterator[Callable[[], str]]:
    """Put a new key in the old one's place, which then only opens."""
    with pytest.MonkeyPatch.context() as environment:

        def rotate() -> str:
            environment.setenv("ENCRYPTION_KEYS_OLD", settings().encryption_key)
            environment.setenv("ENCRYPTION_KEY", secrets.token_hex(32))
            settings.cache_clear()
            vault._keys.cache_clear()
            return vault.current_key_id()

        yield rotate
    settings.cache_clear()
    vault._keys.cache_clear()


def test_rotating_keys_goes_on_where_it_stopped(session: Session, new_key: Callable[[], str]) -> None:
    rows = [a_connection(session, a_user(session), token=f"EAA{n}") for n in range(3)]
    key = new_key()
    assert [connections.reencrypt(session, batch=2) for _ in range(3)] == [2, 1, 0]
    assert all(row.sealed_token.startswith(f"v1.{key}.") for row in rows)
    assert [connections.token(row) for row in rows] == ["EAA0", "EAA1", "EAA2"]


def test_a_token_does_not_open_in_another_row(session: Session) -> None:
    one, other = (a_connection(session, a_user(session)) for _ in range(2))
    other.sealed_token = one.sealed_token
    with pytest.raises(vault.Undecryptable):
        connections.token(other)
