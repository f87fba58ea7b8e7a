"""The outbox: queuing an e-mail, claiming it for sending, and what became of it.

SendGrid knows no idempotency key. So an e-mail says SENDING, for two minutes and by one job, before the mail
service is called; whoever finds it so later asks the service whether it has it. Where that can not be asked,
kinds that must not come twice are not sent again and all others are (see DECISIONS).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from vibekanban.core import queue, vault
from vibekanban.core.columns import new_id, now
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import kinds, queries
from vibekanban.domains.notifications.models import Email, EmailStatus

CLAIM = timedelta(minutes=2)
MOST_ATTEMPTS = 30  # the sweeper retries every minute: half an hour without the mail service
SWEEP_AFTER = timedelta(minutes=1)
KEPT = timedelta(days=30)
KEY_LENGTH = 160
SEEN_AFTER = timedelta(minutes=15)  # then the mail service's own list shows what it took
OPEN = (EmailStatus.PENDING, EmailStatus.SENDING)


@dataclass(frozen=True)
class Claimed:
    """An e-mail that is ours to send; `doubtful`: an earlier try may have reached the mail service."""

    email_id: UUID
    to: str
    kind: str
    locale: str
    params: dict[str, Any]
    doubtful: bool
    once: bool


def post(
    session: Session, user: User, kind: str, *, dedupe_key: str, href: str, **params: Any
) -> UUID | None:
    """Queue an e-mail of `emails.<kind>` in the user's language; None when it was queued before.

    `href` is the page its button opens, as a path of the Spanish tree.
    """
    return put(session, user, kind, params, dedupe_key=dedupe_key, href=href)


def key_for(user_id: UUID, dedupe_key: str) -> str:
    """The key of an e-mail about what the user's inbox knows under `dedupe_key`."""
    whole = f"{user_id}:{dedupe_key}"
    return (
        whole if len(whole) <= KEY_LENGTH else f"{user_id}:{hashlib.sha256(dedupe_key.encode()).hexdigest()}"
    )


def put(
    session: Session,
    user: User,
    kind: str,
    params: dict[str, Any],
    *,
    dedupe_key: str,
    href: str,
    not_before: datetime | None = None,
) -> UUID | None:
    """Queue an e-mail whose parameters may have any name; it is held back until `not_before`."""
    return write_to(
        session,
        user.email,
        user.locale,
        kind,
        params,
        dedupe_key=dedupe_key,
        href=href,
        user_id=user.id,
        not_before=not_before,
    )


def write_to(
    session: Session,
    address: str,
    locale: str,
    kind: str,
    params: dict[str, Any],
    *,
    dedupe_key: str,
    href: str,
    user_id: UUID | None = None,
    not_before: datetime | None = None,
) -> UUID | None:
    """Queue an e-mail to an address, which may be nobody's here yet."""
    email_id = new_id()
    plain = json.dumps({**params, "href": href}, default=str)
    statement = (
        insert(Email)
        .values(
            id=email_id,
            user_id=user_id,
            to_email=address,
            kind=kind,
            locale=locale,
            sealed_params=vault.encrypt(plain, context=_context(email_id)),
            dedupe_key=dedupe_key,
            status=EmailStatus.PENDING,
            attempts=0,
            last_error="",
            not_before=not_before,
            created_at=now(),
        )
        .on_conflict_do_nothing(index_elements=["dedupe_key"])
        .returning(col(Email.id))
    )
    if session.execute(statement).first() is None:
        return None
    if not_before is None:
        _order(session, email_id)  # one that is held back is ordered by the sweeper
    return email_id


def claim(session: Session, email_id: UUID) -> Claimed | None:
    """Take an e-mail for sending, and say so before the mail service is called; None when it is not to be sent."""
    email = queries.email_for_update(session, email_id, wait=False)
    if email is None or not _may_go(email, now()):
        return None
    doubtful = email.status is EmailStatus.SENDING
    if doubtful and email.attempts >= MOST_ATTEMPTS:
        _settle(session, email, EmailStatus.UNKNOWN)
        return None
    email.status = EmailStatus.SENDING
    email.claimed_until = now() + CLAIM
    email.attempts += 1
    params = json.loads(vault.decrypt(email.sealed_params, context=_context(email_id)))
    return Claimed(
        email_id, email.to_email, email.kind, email.locale, params, doubtful, kinds.of(email.kind).once
    )


def _may_go(email: Email, moment: datetime) -> bool:
    if email.status is EmailStatus.PENDING:
        return email.not_before is None or email.not_before <= moment
    if email.status is not EmailStatus.SENDING or email.claimed_until is None:
        return False
    return email.claimed_until + (SEEN_AFTER if kinds.of(email.kind).once else timedelta()) < moment


def sent(session: Session, email_id: UUID) -> None:
    """It is on its way; its parameters, which may hold a link, are forgotten."""
    email = queries.email_for_update(session, email_id)
    if email is not None:
        email.sent_at = now()
        _settle(session, email, EmailStatus.SENT)


def not_sent(session: Session, email_id: UUID, reason: str, *, final: bool) -> None:
    """The mail service did not take it: release it for a further try, or give up when that is final or the last."""
    email = queries.email_for_update(session, email_id)
    if email is None:
        return
    if final or email.attempts >= MOST_ATTEMPTS:
        _settle(session, email, EmailStatus.FAILED, reason)
        return
    email.status = EmailStatus.PENDING
    email.claimed_until = None
    email.last_error = reason[:300]


def unheard(session: Session, email_id: UUID, reason: str) -> None:
    """No answer came, so it stays SENDING: the sweeper takes it up when the claim is over, as one in doubt."""
    email = queries.email_for_update(session, email_id)
    if email is not None:
        email.last_error = reason[:300]


def lost_track(session: Session, email_id: UUID) -> None:
    """Nobody can say whether it went, and a second one would be worse than none."""
    email = queries.email_for_update(session, email_id)
    if email is not None:
        _settle(session, email, EmailStatus.UNKNOWN)


def _settle(session: Session, email: Email, status: EmailStatus, reason: str = "") -> None:
    email.status = status
    email.claimed_until = None
    email.last_error = reason[:300]
    email.sealed_params = ""
    session.flush()


def withdraw(session: Session, *, about: str) -> None:
    """Delete e-mails that were not sent yet; `about` begins their dedupe keys."""
    session.execute(
        delete(Email).where(
            col(Email.status).in_(OPEN),
            col(Email.dedupe_key).startswith(about, autoescape=True),
        )
    )


def sweep(session: Session) -> int:
    """Order again what a lost job left behind; says how many."""
    waiting = queries.waiting_emails(session, older_than=SWEEP_AFTER)
    for email_id in waiting:
        _order(session, email_id)
    return len(waiting)


def forget_old(session: Session) -> int:
    """Delete e-mails that were settled long ago; says how many."""
    gone = session.execute(
        delete(Email)
        .where(col(Email.created_at) < now() - KEPT, col(Email.status).not_in(OPEN))
        .returning(col(Email.id))
    ).all()
    return len(gone)


def _order(session: Session, email_id: UUID) -> None:
    queue.enqueue(session, Job.SEND_EMAIL, str(email_id), lane=Lane.HUMAN, job_id=f"email-{email_id}")


def _context(email_id: UUID) -> str:
    return f"email:{email_id}"
