"""A forgotten password, and a changed one."""

from __future__ import annotations

from datetime import timedelta

import pytest
from rq import Queue
from sqlmodel import Session, select

from tests.factories.accounts import PASSWORD, Postbox, a_browser_session, a_session, a_user
from vibekanban.core import broker, queue, security, vault
from vibekanban.core.columns import now
from vibekanban.core.errors import Invalid
from vibekanban.domains.accounts import recovery, sessions, signup
from vibekanban.domains.accounts.errors import LinkExpired
from vibekanban.domains.accounts.models import OneTimeToken, User

NEW = "una frase muy distinta"


def _link(session: Session, user: User) -> str:
    mail = Postbox()
    sealed = vault.encrypt(user.email, context=recovery.CONTEXT)
    assert recovery.send_link(session, sealed, mail=mail)
    return mail.token


@pytest.mark.parametrize("known", [True, False])
def test_asking_orders_the_same_job_whoever_asks(session: Session, known: bool) -> None:
    email = a_user(session).email if known else "nadie@example.com"
    recovery.ask(session, email)
    queue.release(session)
    waiting = Queue(queue.Lane.HUMAN.value, connection=broker.connection(), serializer=queue.SERIALIZER)
    (job,) = waiting.get_jobs()
    assert job.func_name == queue.Job.SEND_RESET_LINK
    assert email not in str(job.args)


def test_nobody_gets_no_link(session: Session) -> None:
    mail = Postbox()
    for email in ("nadie@example.com", a_user(session, is_active=False).email):
        assert not recovery.send_link(session, vault.encrypt(email, context=recovery.CONTEXT), mail=mail)
    assert mail.sent == []


def test_the_link_sets_the_password_once_and_ends_every_session(session: Session) -> None:
    user = a_user(session, is_verified=False, failed_sign_ins=9, locked_until=now() + timedelta(hours=1))
    cookie = a_browser_session(session, user)
    token = _link(session, user)
    recovery.reset(session, token, NEW)
    assert security.password_matches(NEW, user.password_hash)
    assert (user.is_verified, user.failed_sign_ins, user.locked_until) == (True, 0, None)
    assert sessions.authenticate(session, bearer=None, cookie=cookie) is None
    with pytest.raises(LinkExpired):
        recovery.reset(session, token, NEW)


def test_a_link_is_good_for_an_hour(session: Session) -> None:
    user = a_user(session)
    token = _link(session, user)
    stored = session.exec(select(OneTimeToken)).one()
    assert timedelta(minutes=59) < stored.expires_at - now() <= timedelta(hours=1)
    stored.expires_at = now() - timedelta(seconds=1)
    session.flush()
    with pytest.raises(LinkExpired):
        recovery.reset(session, token, NEW)


def test_a_link_that_verifies_an_address_sets_no_password(session: Session) -> None:
    mail = Postbox()
    signup.register(session, email="t@example.com", name="T", password=PASSWORD, mail=mail)
    with pytest.raises(LinkExpired):
        recovery.reset(session, mail.token, NEW)


def test_a_changed_password_keeps_this_session_alone(session: Session) -> None:
    user = a_user(session)
    kept, gone = a_session(session, user), a_session(session, user)
    recovery.change(user.id, PASSWORD, NEW, keeping=kept.session.id)
    session.refresh(user)
    assert security.password_matches(NEW, user.password_hash)
    assert [found.id for found in sessions.live(session, user.id)] == [kept.session.id]
    assert sessions.authenticate(session, bearer=f"Bearer {gone.token}", cookie=None) is None


def test_a_password_is_not_changed_without_the_current_one(session: Session) -> None:
    user = a_user(session)
    opened = a_session(session, user)
    with pytest.raises(Invalid) as refused:
        recovery.change(user.id, "no es esta", NEW, keeping=opened.session.id)
    assert refused.value.fields == {"currentPassword": "accounts.field.password_wrong"}
