"""Signing in, and the lock after wrong passwords."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session

from tests.factories.accounts import PASSWORD, a_browser_session, a_user
from vibekanban.core import security
from vibekanban.core.columns import now
from vibekanban.domains.accounts import sessions, signin
from vibekanban.domains.accounts.errors import BadCredentials, SignInLocked
from vibekanban.domains.accounts.models import User

WHERE = {"address": "203.0.113.5", "user_agent": "tests"}


def _fail(email: str, times: int) -> None:
    for _ in range(times):
        with pytest.raises(BadCredentials):
            signin.for_api(email=email, password="no es esta", **WHERE)


def test_the_right_password_opens_a_session(session: Session) -> None:
    user = a_user(session)
    opened = signin.for_api(email=user.email.upper(), password=PASSWORD, **WHERE)
    found = sessions.authenticate(session, bearer=f"Bearer {opened.token}", cookie=None)
    assert found is not None
    assert found.user.id == user.id
    assert found.session.address == "203.0.113.5"


def test_wrong_password_unknown_address_and_inactive_person_are_told_the_same(session: Session) -> None:
    user = a_user(session)
    inactive = a_user(session, is_active=False)
    for email, password in [(user.email, "x"), ("nadie@example.com", "x"), (inactive.email, PASSWORD)]:
        with pytest.raises(BadCredentials) as refused:
            signin.for_api(email=email, password=password, **WHERE)
        assert refused.value.params == {}


def test_a_password_is_verified_even_when_nobody_has_the_address(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified: list[str | None] = []

    def watched(password: str, hashed: str | None) -> bool:
        verified.append(hashed)
        return False

    monkeypatch.setattr(security, "password_matches", watched)
    _fail("nadie@example.com", 1)
    _fail("esto no es un correo", 1)
    assert verified == [None, None]


def test_five_wrong_passwords_lock_even_the_right_one_out(session: Session) -> None:
    user = a_user(session)
    _fail(user.email, 5)
    with pytest.raises(SignInLocked) as refused:
        signin.for_api(email=user.email, password=PASSWORD, **WHERE)
    assert 0 < refused.value.retry_after <= 30


def test_an_address_nobody_has_is_locked_in_the_same_way(session: Session) -> None:
    _fail("nadie@example.com", 5)
    with pytest.raises(SignInLocked) as refused:
        signin.for_api(email=" Nadie@example.com", password=PASSWORD, **WHERE)
    assert 0 < refused.value.retry_after <= 30


def test_each_further_wrong_password_doubles_the_lock_up_to_an_hour(session: Session) -> None:
    user = a_user(session)
    _fail(user.email, 5)
    pauses = []
    for _ in range(9):
        user.locked_until = now() - timedelta(seconds=1)
        session.flush()
        started = now()
        _fail(user.email, 1)
        session.refresh(user)
        assert user.locked_until is not None
        pauses.append(round((user.locked_until - started).total_seconds() / 30))
    assert pauses == [2, 4, 8, 16, 32, 64, 120, 120, 120]


def test_after_the_lock_the_right_password_clears_the_count(session: Session) -> None:
    user = a_user(session, failed_sign_ins=7, locked_until=now() - timedelta(seconds=1))
    signin.for_api(email=user.email, password=PASSWORD, **WHERE)
    session.refresh(user)
    assert (user.failed_sign_ins, user.locked_until) == (0, None)


def test_a_wrong_password_is_counted_although_it_is_refused(database: Any) -> None:
    with database() as session:
        user = a_user(session)
    _fail(user.email, 1)
    with database() as session:
        counted = session.get(User, user.id)
        assert counted is not None
        assert counted.failed_sign_ins == 1


def test_a_hash_that_became_weak_is_replaced_at_sign_in(session: Session) -> None:
    weak = security._passwords.using(argon2__time_cost=1, argon2__memory_cost=8192).hash(PASSWORD)
    user = a_user(session, password_hash=weak)
    signin.for_api(email=user.email, password=PASSWORD, **WHERE)
    session.refresh(user)
    assert user.password_hash != weak
    assert not security.password_outdated(user.password_hash)
    assert security.password_matches(PASSWORD, user.password_hash)


def test_signing_in_again_replaces_the_browsers_session(session: Session) -> None:
    user = a_user(session)
    before = a_browser_session(session, user)
    _, token = signin.for_browser(email=user.email, password=PASSWORD, replaces=before, **WHERE)
    assert token != before
    assert sessions.authenticate(session, bearer=None, cookie=before) is None
    assert sessions.authenticate(session, bearer=None, cookie=token) is not None


def test_signing_in_twice_at_once_ends_the_browsers_session_once(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = a_user(session)
    before = a_browser_session(session, user)
    found = sessions.authenticate(session, bearer=None, cookie=before)
    assert found
    sessions.end(session, user.id, found.session.id)  # by the other one, since this one had looked
    monkeypatch.setattr(sessions, "authenticate", lambda *_, **__: found)
    _, token = signin.for_browser(email=user.email, password=PASSWORD, replaces=before, **WHERE)
    monkeypatch.undo()
    assert sessions.authenticate(session, bearer=None, cookie=token) is not None


def test_a_planted_cookie_is_never_the_session(session: Session) -> None:
    user = a_user(session)
    _, token = signin.for_browser(email=user.email, password=PASSWORD, replaces="vks_planted", **WHERE)
    assert token != "vks_planted"
    assert sessions.authenticate(session, bearer=None, cookie="vks_planted") is None
