"""Every SELECT on people and their sessions; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_
from sqlmodel import Session, col, select

from vibekanban.core.columns import now
from vibekanban.domains.accounts.models import OneTimeToken, Purpose, Role, SessionKind, User, UserSession


def user(session: Session, user_id: UUID) -> User | None:
    return session.get(User, user_id)


def user_for_update(session: Session, user_id: UUID) -> User | None:
    statement = select(User).where(User.id == user_id).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).one_or_none()


def user_by_email(session: Session, email: str) -> User | None:
    return session.exec(select(User).where(func.lower(User.email) == email)).one_or_none()


def users(
    session: Session, *, text: str = "", role: Role | None = None, below: UUID | None = None, limit: int
) -> Sequence[User]:
    """People whose name or address contains the text, newest first."""
    statement = select(User).order_by(col(User.id).desc()).limit(limit)
    if text:
        statement = statement.where(
            or_(
                col(User.email).icontains(text, autoescape=True),
                col(User.name).icontains(text, autoescape=True),
            )
        )
    if role is not None:
        statement = statement.where(User.role == role)
    if below is not None:
        statement = statement.where(col(User.id) < below)
    return session.exec(statement).all()


def browser_session(session: Session, token_hash: bytes) -> tuple[User, UserSession] | None:
    """The live browser session behind a cookie, with its active user."""
    statement = _live().where(UserSession.token_hash == token_hash, UserSession.kind == SessionKind.BROWSER)
    return session.exec(statement).one_or_none()


def api_session(session: Session, session_id: UUID, user_id: UUID) -> tuple[User, UserSession] | None:
    """The live session an API token names, with its active user."""
    statement = _live().where(
        UserSession.id == session_id, UserSession.user_id == user_id, UserSession.kind == SessionKind.API
    )
    return session.exec(statement).one_or_none()


def _live():
    return (
        select(User, UserSession)
        .join(UserSession, col(UserSession.user_id) == col(User.id))
        .where(col(User.is_active), col(UserSession.ended_at).is_(None), col(UserSession.expires_at) > now())
    )


def live_sessions(session: Session, user_id: UUID) -> Sequence[UserSession]:
    """Somebody's sessions that are neither ended nor expired, the latest seen first."""
    statement = (
        select(UserSession)
        .where(
            UserSession.user_id == user_id,
            col(UserSession.ended_at).is_(None),
            col(UserSession.expires_at) > now(),
        )
        .order_by(col(UserSession.last_seen_at).desc(), col(UserSession.id).desc())
    )
    return session.exec(statement).all()


def one_time_token_for_update(session: Session, token_hash: bytes, purpose: Purpose) -> OneTimeToken | None:
    """An unused, unexpired link, locked so that two clicks can not both use it."""
    statement = (
        select(OneTimeToken)
        .where(
            OneTimeToken.token_hash == token_hash,
            OneTimeToken.purpose == purpose,
            col(OneTimeToken.used_at).is_(None),
            col(OneTimeToken.expires_at) > now(),
        )
        .with_for_update()
    )
    return session.exec(statement).one_or_none()
