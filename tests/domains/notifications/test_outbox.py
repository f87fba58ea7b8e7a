"""The outbox: queued once, claimed once, forgotten once sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rq import Queue
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.notifications import an_email
from vibekanban.core import broker, queue
from vibekanban.core.columns import now
from vibekanban.domains.notifications import outbox
from vibekanban.domains.notifications.models import Email, EmailStatus


def _waiting() -> list[str]:
    lane = Queue(queue.Lane.HUMAN.value, connection=broker.connection(), serializer=queue.SERIALIZER)
    return lane.job_ids


def test_an_e_mail_is_queued_once(session: Session) -> None:
    user = a_user(session)
    first = outbox.post(session, user, "verify_email", dedupe_key="one", href="/x", name="Ana")
    assert first is not None
    assert outbox.post(session, user, "verify_email", dedupe_key="one", href="/x", name="Ana") is None
    queue.release(session)
    assert _waiting() == [f"email-{first}"]


def test_links_are_sealed_at_rest(session: Session) -> None:
    email = an_email(session, a_user(session))
    assert "vkl_secret" not in email.sealed_params
    claimed = outbox.claim(session, email.id)
    assert claimed is not None
    assert claimed.params["href"] == "/reset-password?token=vkl_secret"


def test_an_e_mail_is_claimed_by_one_job(session: Session) -> None:
    email = an_email(session, a_user(session))
    assert outbox.claim(session, email.id) is not None
    assert outbox.claim(session, email.id) is None


def in_doubt(session: Session, *, ago: timedelta = timedelta(seconds=1), **values: Any) -> Email:
    """An e-mail whose sender died that long ago, with or without having sent it."""
    email = an_email(session, a_user(session), **values)
    outbox.claim(session, email.id)
    email.claimed_until = now() - ago
    session.flush()
    return email


def test_it_says_that_it_is_being_sent_before_it_is(session: Session) -> None:
    email = an_email(session, a_user(session))
    claimed = outbox.claim(session, email.id)
    assert claimed is not None
    assert not claimed.doubtful
    assert email.status is EmailStatus.SENDING


def test_one_whose_sender_died_passes_on_in_doubt(session: Session) -> None:
    claimed = outbox.claim(session, in_doubt(session).id)
    assert claimed is not None
    assert (claimed.doubtful, claimed.once) == (True, False)


def test_one_that_must_not_go_twice_waits_for_the_mail_services_list(session: Session) -> None:
    assert outbox.claim(session, in_doubt(session, kind="alert_fired").id) is None
    claimed = outbox.claim(session, in_doubt(session, kind="alert_fired", ago=timedelta(minutes=16)).id)
    assert claimed is not None
    assert (claimed.doubtful, claimed.once) == (True, True)


def test_one_in_doubt_for_too_long_is_let_go(session: Session) -> None:
    email = in_doubt(session)
    email.attempts = outbox.MOST_ATTEMPTS
    session.flush()
    assert outbox.claim(session, email.id) is None
    assert (email.status, email.sealed_params) == (EmailStatus.UNKNOWN, "")


def test_one_that_was_never_answered_stays_in_doubt(session: Session) -> None:
    email = an_email(session, a_user(session))
    outbox.claim(session, email.id)
    outbox.unheard(session, email.id, "no answer")
    assert outbox.claim(session, email.id) is None
    assert (email.status, email.last_error) == (EmailStatus.SENDING, "no answer")


def test_what_was_sent_is_not_claimed_again_and_forgets_its_link(session: Session) -> None:
    email = an_email(session, a_user(session))
    outbox.claim(session, email.id)
    outbox.sent(session, email.id)
    assert outbox.claim(session, email.id) is None
    session.refresh(email)
    assert (email.status, email.sealed_params) == (EmailStatus.SENT, "")


def test_a_try_that_failed_may_be_repeated_until_there_were_too_many(session: Session) -> None:
    email = an_email(session, a_user(session))
    for _ in range(outbox.MOST_ATTEMPTS):
        assert outbox.claim(session, email.id) is not None
        outbox.not_sent(session, email.id, "not reached", final=False)
        session.flush()
    assert outbox.claim(session, email.id) is None
    assert email.status is EmailStatus.FAILED


def test_the_sweeper_orders_again_what_was_left_behind(session: Session) -> None:
    user = a_user(session)
    lost, fresh, claimed = an_email(session, user), an_email(session, user), an_email(session, user)
    doubtful = in_doubt(session)
    lost.created_at = claimed.created_at = doubtful.created_at = now() - timedelta(minutes=5)
    session.flush()
    outbox.claim(session, claimed.id)
    queue.discard(session)
    assert outbox.sweep(session) == 2
    queue.release(session)
    assert set(_waiting()) == {f"email-{lost.id}", f"email-{doubtful.id}"}
    assert fresh.status is EmailStatus.PENDING


def test_settled_e_mails_are_forgotten_after_a_month(session: Session) -> None:
    user = a_user(session)
    settled, waiting = an_email(session, user), an_email(session, user)
    outbox.sent(session, settled.id)
    for email in (settled, waiting):
        session.refresh(email)
        email.created_at = now() - timedelta(days=31)
    session.flush()
    assert outbox.forget_old(session) == 1
    assert outbox.claim(session, waiting.id) is not None
