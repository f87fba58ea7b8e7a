"""Sending e-mails: once, to the right mailbox, again when the mail service was away."""

from __future__ import annotations

import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from rq import Queue
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.factories.accounts import a_user
from tests.factories.notifications import an_email
from vibekanban.clients import sendgrid
from vibekanban.core import broker, queue
from vibekanban.core.columns import now
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import recovery
from vibekanban.domains.notifications import outbox
from vibekanban.domains.notifications.models import Email, EmailStatus
from workers import notifications

Database = Callable[[], AbstractContextManager[Session]]
ALERT = {"alert": "Coste", "account": "Casa Verde", "object": "Rebajas", "figures": "31 €"}


@pytest.fixture
def email(database: Database) -> Email:
    with database() as session:
        return an_email(session, a_user(session, name="Ana"))


def _mailbox(sandbox: Sandbox, to: str) -> list[dict[str, Any]]:
    return httpx.get(f"{sandbox.url}/mailbox.json", params={"to": to}, timeout=10).json()


def _stored(database: Database, email_id: UUID) -> Email:
    with database() as session:
        return session.exec(select(Email).where(Email.id == email_id)).one()


def test_an_e_mail_is_sent_once_however_often_its_job_runs(
    sandbox: Sandbox, database: Database, email: Email
) -> None:
    for _ in range(3):
        notifications.send_email(str(email.id))
    (mail,) = _mailbox(sandbox, email.to_email)
    assert mail["subject"] == "Elige una contraseña nueva"
    stored = _stored(database, email.id)
    assert (stored.status, stored.attempts) == (EmailStatus.SENT, 1)
    assert stored.sent_at is not None


def test_a_mail_service_that_is_away_is_tried_again_later(
    database: Database, email: Email, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENDGRID_API_URL", "http://127.0.0.1:9")  # nobody listens there
    settings.cache_clear()
    with pytest.raises(sendgrid.MailUnavailable):
        notifications.send_email(str(email.id))
    stored = _stored(database, email.id)
    assert (stored.status, stored.claimed_until) == (EmailStatus.PENDING, None)
    assert "vkl_secret" not in stored.last_error
    monkeypatch.undo()
    settings.cache_clear()


def test_an_e_mail_that_is_refused_is_given_up(
    database: Database, email: Email, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(**_letter: str) -> None:
        raise sendgrid.MailRefused("answered 400")

    monkeypatch.setattr(sendgrid, "send", refuse)
    notifications.send_email(str(email.id))
    stored = _stored(database, email.id)
    assert (stored.status, stored.last_error) == (EmailStatus.FAILED, "answered 400")


# -- in doubt


@pytest.fixture
def crashed(database: Database) -> Callable[..., Email]:
    """An e-mail whose worker died while it was sending, long enough ago."""

    def make(kind: str = "reset_password") -> Email:
        with database() as session:
            made = an_email(session, a_user(session, name="Ana"), kind=kind, **ALERT)
            outbox.claim(session, made.id)
            made.claimed_until = now() - timedelta(hours=1)
            return made

    return make


def test_one_that_the_mail_service_has_is_not_sent_again(
    sandbox: Sandbox, database: Database, email: Email, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise SystemExit

    with monkeypatch.context() as dying:
        dying.setattr(outbox, "sent", die)
        with pytest.raises(SystemExit):
            notifications.send_email(str(email.id))
    with database() as session:
        session.exec(select(Email)).one().claimed_until = now() - timedelta(seconds=1)
    notifications.send_email(str(email.id))
    assert len(_mailbox(sandbox, email.to_email)) == 1
    assert _stored(database, email.id).status is EmailStatus.SENT


@pytest.mark.parametrize("kind", ["reset_password", "alert_fired"])
def test_one_that_the_mail_service_has_not_is_sent(
    sandbox: Sandbox, database: Database, crashed: Callable[..., Email], kind: str
) -> None:
    email = crashed(kind)
    notifications.send_email(str(email.id))
    assert len(_mailbox(sandbox, email.to_email)) == 1


@pytest.mark.parametrize(
    ("kind", "mails", "status"),
    [("reset_password", 1, EmailStatus.SENT), ("alert_fired", 0, EmailStatus.UNKNOWN)],
)
def test_where_nobody_can_say_the_kind_of_e_mail_decides(
    sandbox: Sandbox,
    database: Database,
    crashed: Callable[..., Email],
    monkeypatch: pytest.MonkeyPatch,
    kind: str,
    mails: int,
    status: EmailStatus,
) -> None:
    monkeypatch.setattr(sendgrid, "taken", lambda _reference: None)
    email = crashed(kind)
    notifications.send_email(str(email.id))
    assert len(_mailbox(sandbox, email.to_email)) == mails
    assert _stored(database, email.id).status is status


def test_while_the_list_can_not_be_read_it_stays_in_doubt(
    database: Database, crashed: Callable[..., Email], monkeypatch: pytest.MonkeyPatch
) -> None:
    email = crashed()
    monkeypatch.setenv("SENDGRID_API_URL", "http://127.0.0.1:9")
    settings.cache_clear()
    notifications.send_email(str(email.id))
    assert _stored(database, email.id).status is EmailStatus.SENDING
    monkeypatch.undo()
    settings.cache_clear()


def test_a_list_that_our_key_may_not_read_says_nothing(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SENDGRID_API_KEY", "another")
    settings.cache_clear()
    assert sendgrid.taken("any") is None
    monkeypatch.undo()
    settings.cache_clear()


def test_an_answer_that_never_comes_leaves_it_in_doubt(
    database: Database, email: Email, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("SENDGRID_API_URL", f"http://127.0.0.1:{deaf.getsockname()[1]}")
        monkeypatch.setattr(sendgrid, "TIMEOUT", 0.2)
        settings.cache_clear()
        notifications.send_email(str(email.id))
    stored = _stored(database, email.id)
    assert (stored.status, stored.last_error) == (EmailStatus.SENDING, "no answer: TimeoutError")
    monkeypatch.undo()
    settings.cache_clear()


def test_the_sweeper_orders_what_was_lost(database: Database, email: Email) -> None:
    with database() as session:
        session.exec(select(Email)).one().created_at = now() - timedelta(minutes=5)
    lane = Queue(queue.Lane.HUMAN.value, connection=broker.connection(), serializer=queue.SERIALIZER)
    lane.empty()
    notifications.sweep_emails()
    assert lane.job_ids == [f"email-{email.id}"]


def test_a_forgotten_password_ends_in_one_e_mail_with_a_link(sandbox: Sandbox, database: Database) -> None:
    with database() as session:
        user = a_user(session)
        recovery.ask(session, user.email)
    lane = Queue(queue.Lane.HUMAN.value, connection=broker.connection(), serializer=queue.SERIALIZER)
    (job,) = lane.get_jobs()
    notifications.send_reset_link(*job.args)
    with database() as session:
        email_id = session.exec(select(Email)).one().id
    notifications.send_email(str(email_id))
    (mail,) = _mailbox(sandbox, user.email)
    assert mail["links"][0].startswith("http://localhost:8000/reset-password?token=vkl_")
