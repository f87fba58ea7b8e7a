"""Sign-ins as rows: opening, finding, listing and ending them.

A browser holds a random token that is stored hashed; an API token is a JWT that names its row, so that
ending the row kills it at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlmodel import Session, col

from vibekanban.core import events, security
from vibekanban.core.columns import new_id, now
from vibekanban.core.errors import NotFound
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import queries
from vibekanban.domains.accounts.models import SessionKind, User, UserSession

COOKIE = "vk_session"
PREFIX = "vks"
SEEN_EVERY = timedelta(minutes=5)
LONGEST = timedelta(days=90)  # however busy a browser session is, it ends then


@dataclass(frozen=True)
class SignedIn:
    """Who calls, and by which session."""

    user: User
    session: UserSession


@dataclass(frozen=True)
class Opened:
    """A fresh session: its token is given to the caller now and never again."""

    user: User
    session: UserSession
    token: str

    @property
    def expires_at(self) -> datetime:
        return self.session.expires_at


def cookie_name() -> str:
    """With `__Host-` over https: then no sub-domain and no plain-http page can set it."""
    return f"__Host-{COOKIE}" if settings().secure_cookies else COOKIE


def idle() -> timedelta:
    """How long an unused browser session lives."""
    return timedelta(days=settings().session_days)


def bearer_token(header: str | None) -> str | None:
    """The token of an `Authorization: Bearer …` header."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() or None if scheme.lower() == "bearer" else None


def authenticate(session: Session, *, bearer: str | None, cookie: str | None) -> SignedIn | None:
    """Who is behind the `Authorization` header (it wins) or the browser's cookie; None when nobody is."""
    if bearer is not None:
        claims = security.read(bearer_token(bearer) or "")
        found = claims and queries.api_session(session, claims.session_id, claims.user_id)
    elif cookie:
        found = queries.browser_session(session, security.token_hash(cookie))
    else:
        return None
    if not found:
        return None
    user, opened = found
    _see(session, opened)
    return SignedIn(user, opened)


def _see(session: Session, opened: UserSession) -> None:
    """Remember the visit, at most every five minutes; a browser's session is prolonged by it."""
    moment = now()
    if moment - opened.last_seen_at < SEEN_EVERY:
        return
    values: dict[str, datetime] = {"last_seen_at": moment}
    if opened.kind is SessionKind.BROWSER:
        values["expires_at"] = min(moment + idle(), opened.created_at + LONGEST)
    session.execute(update(UserSession).where(col(UserSession.id) == opened.id).values(**values))


def open_browser_session(session: Session, user: User, *, address: str, user_agent: str) -> str:
    """The token for the browser's cookie; always a new one, so that nobody can plant it beforehand."""
    token, hashed = security.new_token(PREFIX)
    session.add(
        UserSession(
            user_id=user.id,
            kind=SessionKind.BROWSER,
            token_hash=hashed,
            address=address[:64],
            user_agent=user_agent[:300],
            expires_at=now() + min(idle(), LONGEST),
        )
    )
    session.flush()
    return token


def open_api_session(session: Session, user: User, *, address: str, user_agent: str) -> Opened:
    """A signed token for the API, and the row that makes it revocable."""
    session_id = new_id()
    token, expires_at = security.sign(session_id, user.id)
    opened = UserSession(
        id=session_id,
        user_id=user.id,
        kind=SessionKind.API,
        address=address[:64],
        user_agent=user_agent[:300],
        expires_at=expires_at,
    )
    session.add(opened)
    session.flush()
    return Opened(user, opened, token)


def live(session: Session, user_id: UUID) -> Sequence[UserSession]:
    return queries.live_sessions(session, user_id)


def end(session: Session, user_id: UUID, session_id: UUID) -> None:
    """End one of somebody's own sessions; NotFound when it is over already or another's."""
    ended = session.execute(
        update(UserSession)
        .where(
            col(UserSession.id) == session_id,
            col(UserSession.user_id) == user_id,
            col(UserSession.ended_at).is_(None),
            col(UserSession.expires_at) > now(),
        )
        .values(ended_at=now())
        .returning(col(UserSession.id))
    ).first()
    if ended is None:
        raise NotFound()
    events.publish(session, user_id, events.Topic.SESSIONS)


def end_all(session: Session, user_id: UUID, *, but: UUID | None = None) -> int:
    """End every session of somebody, or all others than the one in use; says how many."""
    statement = update(UserSession).where(
        col(UserSession.user_id) == user_id, col(UserSession.ended_at).is_(None)
    )
    if but is not None:
        statement = statement.where(col(UserSession.id) != but)
    ended = session.execute(statement.values(ended_at=now()).returning(col(UserSession.id))).all()
    if ended:
        events.publish(session, user_id, events.Topic.SESSIONS)
    return len(ended)


def forget_old(session: Session, *, older_than: timedelta = timedelta(days=30)) -> int:
    """Delete sessions that were over long ago; says how many."""
    before = now() - older_than
    over = (col(UserSession.expires_at) < before) | (col(UserSession.ended_at) < before)
    return len(session.execute(delete(UserSession).where(over).returning(col(UserSession.id))).all())
