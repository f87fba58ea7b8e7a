"""Sessions as rows, and the asynchronous twin of their check."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from tests.factories.accounts import a_browser_session, a_session, a_user
from vibekanban.core import pools, security
from vibekanban.core.columns import now
from vibekanban.core.errors import NotFound
from vibekanban.domains.accounts import hot, sessions
from vibekanban.domains.accounts.models import User, UserSession

Database = Callable[[], AbstractContextManager[Session]]


def _row(session: Session, user: User) -> UserSession:
    return session.exec(select(UserSession).where(UserSession.user_id == user.id)).one()


def _by_cookie(session: Session, token: str) -> sessions.SignedIn | None:
    return sessions.authenticate(session, bearer=None, cookie=token)


def test_a_cookie_is_stored_hashed(session: Session) -> None:
    user = a_user(session)
    token = a_browser_session(session, user)
    assert _row(session, user).token_hash == security.token_hash(token)


def test_ending_a_session_kills_its_token_at_once(session: Session) -> None:
    user = a_user(session)
    opened = a_session(session, user)
    sessions.end(session, user.id, opened.session.id)
    assert sessions.authenticate(session, bearer=f"Bearer {opened.token}", cookie=None) is None


def test_another_persons_session_can_not_be_ended(session: Session) -> None:
    mine, other = a_user(session), a_user(session)
    theirs = a_session(session, other)
    with pytest.raises(NotFound):
        sessions.end(session, mine.id, theirs.session.id)
    assert sessions.authenticate(session, bearer=f"Bearer {theirs.token}", cookie=None) is not None


def test_a_session_ends_only_once(session: Session) -> None:
    user = a_user(session)
    opened = a_session(session, user)
    sessions.end(session, user.id, opened.session.id)
    with pytest.raises(NotFound):
        sessions.end(session, user.id, opened.session.id)


def test_all_others_can_be_ended(session: Session) -> None:
    user, bystander = a_user(session), a_user(session)
    kept, _gone, other = a_session(session, user), a_session(session, user), a_session(session, bystander)
    assert sessions.end_all(session, user.id, but=kept.session.id) == 1
    assert [found.id for found in sessions.live(session, user.id)] == [kept.session.id]
    assert [found.id for found in sessions.live(session, bystander.id)] == [other.session.id]


def test_an_inactive_person_has_no_session(session: Session) -> None:
    user = a_user(session)
    token = a_browser_session(session, user)
    user.is_active = False
    session.flush()
    assert _by_cookie(session, token) is None


def test_an_unused_session_expires(session: Session) -> None:
    user = a_user(session)
    token = a_browser_session(session, user)
    _row(session, user).expires_at = now() - timedelta(seconds=1)
    session.flush()
    assert _by_cookie(session, token) is None


def test_a_visit_is_remembered_at_most_every_five_minutes(session: Session) -> None:
    user = a_user(session)
    token = a_browser_session(session, user)
    row = _row(session, user)
    row.last_seen_at = recent = now() - timedelta(minutes=4)
    session.flush()
    _by_cookie(session, token)
    session.refresh(row)
    assert row.last_seen_at == recent


def test_a_visit_prolongs_a_browsers_session(session: Session) -> None:
    user = a_user(session)
    token = a_browser_session(session, user)
    row = _row(session, user)
    row.last_seen_at, row.expires_at = now() - timedelta(hours=1), now() + timedelta(days=1)
    session.flush()
    _by_cookie(session, token)
    session.refresh(row)
    assert row.expires_at > now() + timedelta(days=29)


def test_a_busy_session_ends_ninety_days_after_it_began(session: Session) -> None:
    user = a_user(session)
    token = a_browser_session(session, user)
    row = _row(session, user)
    row.created_at = began = now() - timedelta(days=80)
    row.last_seen_at = now() - timedelta(hours=1)
    session.flush()
    _by_cookie(session, token)
    session.refresh(row)
    assert row.expires_at == began + sessions.LONGEST


def test_a_token_of_ours_without_its_row_is_nobody(session: Session) -> None:
    user = a_user(session)
    token, _ = security.sign(user.id, user.id)
    assert sessions.authenticate(session, bearer=f"Bearer {token}", cookie=None) is None


def test_a_bad_bearer_is_not_rescued_by_a_good_cookie(session: Session) -> None:
    token = a_browser_session(session, a_user(session))
    assert sessions.authenticate(session, bearer="Bearer nonsense", cookie=token) is None


def test_sessions_over_for_long_are_forgotten(session: Session) -> None:
    user = a_user(session)
    old, live = a_session(session, user), a_session(session, user)
    old.session.ended_at = now() - timedelta(days=31)
    session.flush()
    assert sessions.forget_old(session) == 1
    assert [found.id for found in sessions.live(session, user.id)] == [live.session.id]


def _hot(**who: Any) -> hot.Seen | None:
    async def ask() -> hot.Seen | None:
        async with pools.opened():
            return await hot.authenticate(**who)

    return asyncio.run(ask())


@pytest.mark.parametrize("state", ["live", "ended", "expired", "inactive", "nobody", "wrong kind"])
@pytest.mark.parametrize("way", ["cookie", "bearer"])
def test_both_checks_agree(database: Database, state: str, way: str) -> None:
    with database() as session:
        user = a_user(session, locale="en")
        token = a_browser_session(session, user) if way == "cookie" else a_session(session, user).token
        row = _row(session, user)
        if state == "ended":
            row.ended_at = now()
        elif state == "expired":
            row.expires_at = now() - timedelta(seconds=1)
        elif state == "inactive":
            user.is_active = False
        elif state == "wrong kind":
            row.kind = sessions.SessionKind.API if way == "cookie" else sessions.SessionKind.BROWSER
        if state == "nobody":
            token = "vks_nobody"
    who: dict[str, str | None] = {"bearer": None, "cookie": None}
    who[way] = token if way == "cookie" else f"Bearer {token}"
    with database() as session:
        slow = sessions.authenticate(session, **who)
    fast = _hot(**who)
    assert (fast is None) == (slow is None) == (state != "live")
    if fast is not None and slow is not None:
        assert fast == hot.Seen(
            session_id=slow.session.id,
            user_id=slow.user.id,
            name=slow.user.name,
            email=slow.user.email,
            role=slow.user.role,
            locale="en",
            is_verified=True,
        )


def test_both_checks_prolong_a_session_alike(database: Database) -> None:
    def prolonged(check: Callable[[str], object]) -> tuple[timedelta, timedelta]:
        with database() as session:
            user = a_user(session)
            token = a_browser_session(session, user)
            row = _row(session, user)
            row.last_seen_at, row.expires_at = now() - timedelta(hours=1), now() + timedelta(days=1)
        check(token)
        with database() as session:
            row = _row(session, user)
            assert row.last_seen_at > now() - timedelta(minutes=5)
            return row.expires_at - row.last_seen_at, row.expires_at - row.created_at

    def slow(token: str) -> None:
        with database() as session:
            _by_cookie(session, token)

    assert (
        prolonged(slow)[0] == prolonged(lambda token: _hot(bearer=None, cookie=token))[0] == sessions.idle()
    )
