"""Signing in: the password check, the lock after wrong ones, and what it opens.

These functions take no session. A refusal must leave its trace (the count of wrong passwords), which an
exception raised inside the caller's transaction would undo; and a password is hashed for tens of
milliseconds, during which no database connection should be held. So: read, verify, write.
"""

from __future__ import annotations

import hashlib
import math
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from vibekanban.core import broker, db, security
from vibekanban.core.columns import now
from vibekanban.core.errors import AppError, Invalid, NotFound
from vibekanban.domains.accounts import passwords, queries, sessions
from vibekanban.domains.accounts.errors import BadCredentials, SignInLocked
from vibekanban.domains.accounts.models import User

FREE_TRIES = 5
FIRST_LOCK = timedelta(seconds=30)
LONGEST_LOCK = timedelta(hours=1)


@dataclass(frozen=True)
class Known:
    """What the check needs of a user."""

    user_id: UUID
    password_hash: str
    usable: bool


def for_api(*, email: str, password: str, address: str, user_agent: str) -> sessions.Opened:
    """A token for the API; BadCredentials or SignInLocked otherwise."""
    user_id, rehashed = _verified(email, password)
    with db.transaction() as session:
        user = _welcome(session, user_id, rehashed)
        return sessions.open_api_session(session, user, address=address, user_agent=user_agent)


def for_browser(
    *, email: str, password: str, address: str, user_agent: str, replaces: str | None = None
) -> tuple[User, str]:
    """The user and the cookie's new token; the session of the cookie that was there before is ended."""
    user_id, rehashed = _verified(email, password)
    with db.transaction() as session:
        user = _welcome(session, user_id, rehashed)
        before = sessions.authenticate(session, bearer=None, cookie=replaces)
        if before is not None:
            with suppress(NotFound):  # another sign-in of the same browser was faster
                sessions.end(session, before.user.id, before.session.id)
        token = sessions.open_browser_session(session, user, address=address, user_agent=user_agent)
        return user, token


def confirm(user_id: UUID, password: str) -> None:
    """The signed-in person's password again, before something grave; wrong ones count as at sign-in."""
    with db.transaction() as session:
        user = queries.user(session, user_id)
        email = user.email if user else ""
    _verified(email, password)


def _verified(email: str, password: str) -> tuple[UUID, str | None]:
    """The user's id, and the password hashed anew when its hash has become too weak.

    Takes the same time for unknown, inactive and locked people as for others.
    """
    with db.transaction() as session:
        known = _known(session, email)
    usable = known is not None and known.usable
    matches = security.password_matches(password, known.password_hash if known else None)
    if known is None:
        raise _settle_nobody(email)
    with db.transaction() as session:
        refused = _settle(session, known.user_id, right=matches and usable)
    if refused is not None:
        raise refused
    outdated = security.password_outdated(known.password_hash)
    return known.user_id, security.hash_password(password) if outdated else None


def _known(session: Session, email: str) -> Known | None:
    try:
        user = queries.user_by_email(session, passwords.address(email))
    except Invalid:
        return None
    return Known(user.id, user.password_hash, user.is_active) if user else None


def _settle(session: Session, user_id: UUID, *, right: bool) -> AppError | None:
    """Count the attempt; returned, not raised, so that the count is committed."""
    user = queries.user_for_update(session, user_id)
    if user is None:
        return BadCredentials()
    moment = now()
    if user.locked_until is not None and user.locked_until > moment:
        return _locked(user.locked_until - moment)
    if right:
        user.failed_sign_ins, user.locked_until = 0, None
        return None
    user.failed_sign_ins += 1
    pause = _pause(user.failed_sign_ins)
    user.locked_until = moment + pause if pause else None
    return BadCredentials()


def _settle_nobody(email: str) -> AppError:
    """The same lock for an address nobody has, or its absence would tell; kept in Redis, for a day."""
    name = f"sign-in:nobody:{hashlib.sha256(email.strip().lower().encode()).hexdigest()}"
    pipe = broker.connection().pipeline()
    pipe.pttl(f"{name}:locked")
    pipe.incr(name)
    pipe.expire(name, timedelta(days=1))
    left, failures, _ = pipe.execute()
    if left > 0:
        broker.connection().decr(name)  # a try during the lock does not count
        return _locked(timedelta(milliseconds=left))
    if pause := _pause(failures):
        broker.connection().set(f"{name}:locked", 1, px=pause)
    return BadCredentials()


def _locked(left: timedelta) -> SignInLocked:
    return SignInLocked(retry_after=math.ceil(left.total_seconds()))


def _pause(failures: int) -> timedelta:
    """Five tries are free; then every wrong one doubles the wait, up to an hour."""
    if failures < FREE_TRIES:
        return timedelta()
    return min(FIRST_LOCK * 2 ** min(failures - FREE_TRIES, 12), LONGEST_LOCK)


def _welcome(session: Session, user_id: UUID, rehashed: str | None) -> User:
    user = queries.user(session, user_id)
    if user is None or not user.is_active:
        raise BadCredentials()
    if rehashed is not None:
        user.password_hash = rehashed
    return user
