"""One-time links: made for an e-mail, good once, stored hashed."""

from __future__ import annotations

from datetime import timedelta
from typing import Protocol
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col

from vibekanban.core import security
from vibekanban.core.columns import now
from vibekanban.domains.accounts import queries
from vibekanban.domains.accounts.errors import LinkExpired
from vibekanban.domains.accounts.models import OneTimeToken, Purpose, User

PREFIX = "vkl"
LIVES = {Purpose.VERIFY_EMAIL: timedelta(days=3), Purpose.RESET_PASSWORD: timedelta(hours=1)}


class Mail(Protocol):
    """How a use case of this domain sends an e-mail; `notifications.outbox.post` is the one there is.

    It is handed in because the notifications domain stands above this one.
    """

    def __call__(
        self, session: Session, user: User, kind: str, *, dedupe_key: str, href: str, **params: str
    ) -> object: ...


def make(session: Session, user_id: UUID, purpose: Purpose) -> str:
    """A new link's token; earlier unused links of the same purpose stop working."""
    session.execute(
        delete(OneTimeToken).where(
            col(OneTimeToken.user_id) == user_id,
            col(OneTimeToken.purpose) == purpose,
            col(OneTimeToken.used_at).is_(None),
        )
    )
    token, hashed = security.new_token(PREFIX)
    session.add(
        OneTimeToken(user_id=user_id, purpose=purpose, token_hash=hashed, expires_at=now() + LIVES[purpose])
    )
    session.flush()
    return token


def use(session: Session, token: str, purpose: Purpose) -> User:
    """Spend a link and answer whose it was, the user locked; LinkExpired when it is no good."""
    found = queries.one_time_token_for_update(session, security.token_hash(token), purpose)
    user = queries.user_for_update(session, found.user_id) if found else None
    if found is None or user is None or not user.is_active:
        raise LinkExpired({"token": "accounts.field.link_expired"})
    found.used_at = now()
    return user


def forget_old(session: Session) -> int:
    """Delete links that expired a day ago or more; says how many."""
    gone = session.execute(
        delete(OneTimeToken)
        .where(col(OneTimeToken.expires_at) < now() - timedelta(days=1))
        .returning(col(OneTimeToken.id))
    ).all()
    return len(gone)
