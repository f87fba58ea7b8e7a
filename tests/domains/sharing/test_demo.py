"""The demo's people find something to look at from the first start."""

from __future__ import annotations

import pytest
from sqlmodel import Session

from tests.conftest import Sandbox
from tests.domains.meta.meta_sandbox import fault, queued
from vibekanban.clients.meta.errors import BadGateway
from vibekanban.core import db
from vibekanban.core.queue import Job
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import demo as people
from vibekanban.domains.accounts.models import Role, User
from vibekanban.domains.meta import accounts
from vibekanban.domains.meta.models import Permission
from vibekanban.domains.sharing import demo, members


@pytest.fixture
def found(session: Session, sandbox: Sandbox) -> dict[Role, User]:
    """The demo's people by their role."""
    made = {user.role: user for user in people.create(session)}
    session.commit()
    return made


def test_the_media_buyer_is_connected_as_by_consent_and_a_sync_is_ordered(
    session: Session, found: dict[Role, User]
) -> None:
    demo.connect()
    (connected,) = accounts.connected(session, found[Role.TRAFICER].id)
    assert connected.connection.permission is Permission.MANAGE
    assert connected.days_left == 60
    assert queued(Job.RUN_SYNC)


def test_the_business_owner_looks_at_the_account_as_a_client(
    session: Session, found: dict[Role, User]
) -> None:
    demo.connect()
    (shared,) = members.shared_with(session, found[Role.EMPRESARIO].id)
    assert shared.owner_id == found[Role.TRAFICER].id


def test_connecting_twice_changes_nothing(session: Session, found: dict[Role, User]) -> None:
    demo.connect()
    (before,) = accounts.connected(session, found[Role.TRAFICER].id)
    members.remove(session, found[Role.TRAFICER].id, found[Role.EMPRESARIO].id)
    session.commit()
    demo.connect()
    (after,) = accounts.connected(session, found[Role.TRAFICER].id)
    assert after.account.id == before.account.id
    assert members.shared_with(session, found[Role.EMPRESARIO].id) == []


def test_a_sandbox_that_does_not_answer_yet_is_asked_again(
    session: Session, sandbox: Sandbox, found: dict[Role, User]
) -> None:
    fault(sandbox, "reset", path="oauth/access_token")
    with pytest.raises(BadGateway):
        demo.connect()
    assert accounts.connected(session, found[Role.TRAFICER].id) == []
    demo.connect()
    assert len(accounts.connected(session, found[Role.TRAFICER].id)) == 1


@pytest.mark.parametrize(("dialog", "orders"), [("", 1), ("https://www.facebook.com", 0)])
def test_nobody_is_connected_where_meta_is_not_the_sandbox(
    database: object, dialog: str, orders: int
) -> None:
    current = settings().model_copy(update={"meta_graph_url": "", "meta_dialog_url": dialog})
    with db.transaction() as one:
        demo.order(one, current)
    assert len(queued(Job.CONNECT_DEMO)) == orders
