"""The outbox: queued once, claimed once, forgotten once sent."""

from __future__ import annotations

from datetime import timedelta

from rq import Queue
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.notifications import an_email
from vibekanban.core import broker, queue
from vibekanban.core.columns import now
from vibekanban.domains.notifications import outbox
from vibekanban.domains.notifications.models import EmailStatus


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


def test_a_claim_whose_job_died_passes_on(session: Session) -> None:
    email = an_email(session, a_user(session))
    outbox.claim(session, email.id)
    session.refresh(email)
    email.claimed_until = now() - timedelta(seconds=1)
    session.flush()
    assert outbox.claim(session, email.id) is not None


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
    lost.created_at = claimed.created_at = now() - timedelta(minutes=5)
    session.flush()
    outbox.claim(session, claimed.id)
    queue.discard(session)
    assert outbox.sweep(session) == 1
    queue.release(session)
    assert _waiting() == [f"email-{lost.id}"]
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
