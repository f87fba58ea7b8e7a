"""Kill switches: for an account and for everything that acts by itself; a token's own is in `access/tokens.py`."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_
from sqlmodel import Session, col, select

from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.domains.accounts.models import User
from vibekanban.domains.meta.models import MetaAccount

# neither switch is on, of an account joined with its owner
RUNNING = and_(col(MetaAccount.agents_stopped_at).is_(None), col(User.agents_stopped_at).is_(None))


def stop_account(session: Session, user_id: UUID, account_id: UUID, *, stopped: bool) -> MetaAccount:
    """Let neither programs nor rules write to an account, or let them again; reading goes on."""
    query = select(MetaAccount).where(MetaAccount.id == account_id, MetaAccount.user_id == user_id)
    found = session.exec(query.with_for_update()).first()
    if found is None:
        raise NotFound()
    found.agents_stopped_at = (found.agents_stopped_at or columns.now()) if stopped else None
    session.flush()
    return found


def stop_everything(session: Session, user_id: UUID, *, stopped: bool) -> bool:
    """Refuse every call of every token of the user and every rule's action, or let them again; whether they are."""
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound()
    user.agents_stopped_at = (user.agents_stopped_at or columns.now()) if stopped else None
    session.flush()
    return stopped


def everything_stopped(session: Session, user_id: UUID) -> bool:
    """Whether all programs of the user are stopped."""
    return session.exec(select(User.agents_stopped_at).where(User.id == user_id)).first() is not None


def writes_stopped(session: Session, account_id: UUID) -> bool:
    """Whether a switch keeps what acts by itself from writing to an account: the account's or its owner's."""
    query = (
        select(MetaAccount.id)
        .join(User, col(User.id) == MetaAccount.user_id)
        .where(MetaAccount.id == account_id, RUNNING)
    )
    return session.exec(query).first() is None
