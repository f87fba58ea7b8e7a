"""The outbox: queuing an e-mail, claiming it for sending, and what became of it.

SendGrid knows no idempotency key, so an e-mail is claimed (for two minutes, by one job) before it is sent.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from vibekanban.core import queue, vault
from vibekanban.core.columns import new_id, now
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import queries
from vibekanban.domains.notifications.models import Email, EmailStatus

CLAIM = timedelta(minutes=2)
MOST_ATTEMPTS = 30  # the sweeper retries every minute: half an hour without the mail service
SWEEP_AFTER = timedelta(minutes=1)
KEPT = timedelta(days=30)
KEY_LENGTH = 160


@dataclass(frozen=True)
class Claimed:
    """An e-mail that is ours to send."""

    email_id: UUID
    to: str
    kind: str
    locale: str
    params: dict[str, Any]


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
    """Take an e-mail for sending; None when it was sent, given up, or is being sent by another job."""
    moment = now()
    claimed = session.execute(
        update(Email)
        .where(
            col(Email.id) == email_id,
            col(Email.status) == EmailStatus.PENDING,
            or_(col(Email.claimed_until).is_(None), col(Email.claimed_until) < moment),
            or_(col(Email.not_before).is_(None), col(Email.not_before) <= moment),
        )
        .values(claimed_until=moment + CLAIM, attempts=col(Email.attempts) + 1)
        .returning(col(Email.to_email), col(Email.kind), col(Email.locale), col(Email.sealed_params))
    ).one_or_none()
    if claimed is None:
        return None
    params = json.loads(vault.decrypt(claimed.sealed_params, context=_context(email_id)))
    return Claimed(email_id, claimed.to_email, claimed.kind, claimed.locale, params)


def sent(session: Session, email_id: UUID) -> None:
    """It is on its way; its parameters, which may hold a link, are forgotten."""
    session.execute(
        update(Email)
        .where(col(Email.id) == email_id)
        .values(status=EmailStatus.SENT, sent_at=now(), claimed_until=None, last_error="", sealed_params="")
    )


def not_sent(session: Session, email_id: UUID, reason: str, *, final: bool) -> None:
    """Release the claim for a further try, or give up when it is final or there were too many."""
    email = queries.email(session, email_id)
    if email is None:
        return
    session.refresh(email)
    email.claimed_until = None
    email.last_error = reason[:300]
    if final or email.attempts >= MOST_ATTEMPTS:
        email.status = EmailStatus.FAILED
        email.sealed_params = ""


def withdraw(session: Session, *, about: str) -> None:
    """Delete e-mails that were not sent yet; `about` begins their dedupe keys."""
    session.execute(
        delete(Email).where(
            col(Email.status) == EmailStatus.PENDING,
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
        .where(col(Email.created_at) < now() - KEPT, col(Email.status) != EmailStatus.PENDING)
        .returning(col(Email.id))
    ).all()
    return len(gone)


def _order(session: Session, email_id: UUID) -> None:
    queue.enqueue(session, Job.SEND_EMAIL, str(email_id), lane=Lane.HUMAN, job_id=f"email-{email_id}")


def _context(email_id: UUID) -> str:
    return f"email:{email_id}"
