"""Notifications and e-mails for tests."""

from __future__ import annotations

from itertools import count

from sqlmodel import Session, select

from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import inbox, outbox
from vibekanban.domains.notifications.models import Email, Notification

_numbers = count(1)


def a_notification(session: Session, user: User, *, email: bool = False) -> Notification:
    """An unread line about a connection of somebody called Ana."""
    dedupe_key = f"line-{next(_numbers)}"
    inbox.notify(
        session,
        user.id,
        "connection_needs_reauth",
        dedupe_key=dedupe_key,
        href="/app/accounts",
        email=email,
        name="Ana",
    )
    return session.exec(select(Notification).where(Notification.dedupe_key == dedupe_key)).one()


def an_email(session: Session, user: User) -> Email:
    """An e-mail with a link, waiting to be sent."""
    email_id = outbox.post(
        session,
        user,
        "reset_password",
        dedupe_key=f"mail-{next(_numbers)}",
        href="/reset-password?token=vkl_secret",
        name=user.name,
    )
    return session.exec(select(Email).where(Email.id == email_id)).one()
