"""What people change about themselves, and what administrators change about others."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID
from zoneinfo import available_timezones

from sqlmodel import Session

from vibekanban.core import i18n
from vibekanban.core.columns import now
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.accounts import queries, sessions, signup
from vibekanban.domains.accounts.errors import CannotChangeYourself, RoleNotGrantable
from vibekanban.domains.accounts.models import Role, User


def search(
    session: Session, *, text: str = "", role: Role | None = None, below: UUID | None = None, limit: int = 25
) -> Sequence[User]:
    """People by name or address, newest first."""
    return queries.users(session, text=text.strip(), role=role, below=below, limit=limit)


def change(
    session: Session, admin: User, user_id: UUID, *, role: Role | None = None, is_active: bool | None = None
) -> User:
    """Give somebody another open role, or let them in or out; letting out ends their sessions."""
    user = queries.user_for_update(session, user_id)
    if user is None:
        raise NotFound()
    if role is not None and role is not user.role:
        if role not in signup.OPEN_ROLES:
            raise RoleNotGrantable()
        if user.id == admin.id:
            raise CannotChangeYourself()
        user.role = role
    if is_active is not None and is_active is not user.is_active:
        if user.id == admin.id:
            raise CannotChangeYourself()
        user.is_active = is_active
        if not is_active:
            sessions.end_all(session, user.id)
    user.updated_at = now()
    return user


def update_profile(
    session: Session,
    user_id: UUID,
    *,
    name: str | None = None,
    locale: str | None = None,
    timezone: str | None = None,
) -> User:
    """Somebody's own name, language and timezone."""
    user = queries.user_for_update(session, user_id)
    if user is None:
        raise NotFound()
    if name is not None:
        user.name = signup.display_name(name)
    if locale is not None:
        if locale not in i18n.LOCALES:
            raise Invalid({"locale": "accounts.field.locale"})
        user.locale = locale
    if timezone is not None:
        if timezone not in available_timezones():
            raise Invalid({"timezone": "accounts.field.timezone"})
        user.timezone = timezone
    user.updated_at = now()
    return user


def set_active(session: Session, admin_id: UUID, user_id: UUID, *, active: bool) -> User:
    """Let somebody in or out, in the name of an administrator; NotFound for anybody else."""
    admin = queries.user(session, admin_id)
    if admin is None or admin.role is not Role.ADMIN:
        raise NotFound()
    return change(session, admin, user_id, is_active=active)
