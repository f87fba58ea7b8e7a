from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from sqlmodel import Session

from tests.factories.access import a_token
from tests.factories.accounts import a_user
from vibekanban.core import columns, pools
from vibekanban.domains.access import hot, tokens
from vibekanban.domains.access.errors import BadToken, ScopeMissing
from vibekanban.domains.access.models import McpToken, Scope

Database = Callable[[], AbstractContextManager[Session]]


def checked(authorization: str | None) -> hot.Caller:
    async def run() -> hot.Caller:
        async with pools.opened():
            return await hot.caller(authorization)

    return asyncio.run(run())


def last_used(database: Database, token_id: UUID) -> datetime | None:
    with database() as session:
        return session.get_one(McpToken, token_id).last_used_at


def test_a_good_token_names_its_owner_and_rights(database: Database) -> None:
    with database() as session:
        issued = a_token(session, a_user(session).id, name="agente", scopes=[Scope.READ])
    caller = checked(f"Bearer {issued.secret}")
    assert (caller.token_id, caller.user_id) == (issued.token.id, issued.token.user_id)
    assert (caller.name, caller.account_ids) == ("agente", issued.token.account_ids)
    assert caller.may(Scope.READ)
    with pytest.raises(ScopeMissing):
        caller.must(Scope.PAUSE)


@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Basic dXNlcg==", "Bearer vkm_", "Bearer vkm_nobody", "Bearer ey.J.x",
     "Bearer vkm_" + "a" * 5000, "Bearer vkm_\x00'; --"],
)  # fmt: skip
def test_anything_else_is_refused_alike(database: Database, authorization: str | None) -> None:
    with pytest.raises(BadToken):
        checked(authorization)


def test_an_expired_token_is_dead(database: Database) -> None:
    with database() as session:
        past = columns.now() - timedelta(seconds=1)
        issued = a_token(session, a_user(session).id, expires_at=past)
    with pytest.raises(BadToken):
        checked(f"Bearer {issued.secret}")


def test_a_revoked_token_is_dead_at_once(database: Database) -> None:
    with database() as session:
        issued = a_token(session, a_user(session).id)
    checked(f"Bearer {issued.secret}")
    with database() as session:
        tokens.revoke(session, issued.token.user_id, issued.token.id)
    with pytest.raises(BadToken):
        checked(f"Bearer {issued.secret}")


def test_a_rotated_secret_is_dead_at_once_and_the_new_one_lives(database: Database) -> None:
    with database() as session:
        old = a_token(session, a_user(session).id)
    with database() as session:
        new = tokens.rotate(session, old.token.user_id, old.token.id)
    with pytest.raises(BadToken):
        checked(f"Bearer {old.secret}")
    assert checked(f"Bearer {new.secret}").token_id == old.token.id


def test_the_token_of_a_blocked_person_is_dead(database: Database) -> None:
    with database() as session:
        issued = a_token(session, a_user(session, is_active=False).id)
    with pytest.raises(BadToken):
        checked(f"Bearer {issued.secret}")


def test_use_is_noted_at_most_once_a_minute(database: Database) -> None:
    recent = columns.now() - timedelta(seconds=30)
    with database() as session:
        fresh = a_token(session, a_user(session).id)
        busy = a_token(session, fresh.token.user_id, last_used_at=recent)
    checked(f"Bearer {fresh.secret}")
    checked(f"Bearer {busy.secret}")
    assert last_used(database, fresh.token.id) is not None
    assert last_used(database, busy.token.id) == recent
