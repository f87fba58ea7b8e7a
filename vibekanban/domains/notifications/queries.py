"""Every SELECT on the inbox, the channels and the outboxes; reads only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_
from sqlmodel import Session, col, select

from vibekanban.core.columns import now
from vibekanban.domains.notifications.models import (
    Channel,
    Delivery,
    DeliveryStatus,
    Email,
    EmailStatus,
    Notification,
)


def inbox(
    session: Session, user_id: UUID, *, unread: bool = False, below: UUID | None = None, limit: int
) -> Sequence[Notification]:
    """Somebody's lines, newest first."""
    statement = (
        select(Notification)
        .where(Notification.user_id == user_id)
        .order_by(col(Notification.id).desc())
        .limit(limit)
    )
    if unread:
        statement = statement.where(col(Notification.read_at).is_(None))
    if below is not None:
        statement = statement.where(col(Notification.id) < below)
    return session.exec(statement).all()


def unread(session: Session, user_id: UUID) -> int:
    """How many lines somebody has not read."""
    statement = select(func.count()).where(
        Notification.user_id == user_id, col(Notification.read_at).is_(None)
    )
    return session.exec(statement).one()


def email_for_update(session: Session, email_id: UUID, *, wait: bool = True) -> Email | None:
    """An e-mail; without `wait` None while somebody else is changing it."""
    statement = select(Email).where(Email.id == email_id).with_for_update(skip_locked=not wait)
    return session.exec(statement.execution_options(populate_existing=True)).one_or_none()


def waiting_emails(session: Session, *, older_than: timedelta, limit: int = 500) -> Sequence[UUID]:
    """E-mails that should have gone by now, and those whose sender was not heard of again."""
    moment = now()
    statement = (
        select(Email.id)
        .where(
            or_(
                and_(
                    col(Email.status) == EmailStatus.PENDING,
                    func.coalesce(Email.not_before, Email.created_at) <= moment,
                ),
                and_(col(Email.status) == EmailStatus.SENDING, col(Email.claimed_until) < moment),
            ),
            col(Email.created_at) < moment - older_than,
        )
        .order_by(col(Email.created_at))
        .limit(limit)
    )
    return session.exec(statement).all()


def channel(session: Session, user_id: UUID, channel_id: UUID) -> Channel | None:
    """One of somebody's channels."""
    return session.exec(
        select(Channel).where(Channel.id == channel_id, Channel.user_id == user_id)
    ).one_or_none()


def channels(session: Session, user_id: UUID) -> Sequence[Channel]:
    """Somebody's channels, oldest first."""
    return session.exec(select(Channel).where(Channel.user_id == user_id).order_by(col(Channel.id))).all()


def channel_for_update(session: Session, channel_id: UUID) -> Channel | None:
    statement = select(Channel).where(Channel.id == channel_id).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).one_or_none()


def channels_sealed_before(session: Session, current: str, *, limit: int) -> Sequence[Channel]:
    """Channels with a secret that is not sealed like `current` (a LIKE pattern), locked."""
    kept = (Channel.sealed_target, Channel.sealed_secret, Channel.sealed_old_secret)
    statement = (
        select(Channel)
        .where(or_(*(and_(col(one) != "", col(one).not_like(current)) for one in kept)))
        .order_by(col(Channel.id))
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return session.exec(statement).all()


def delivery(session: Session, user_id: UUID, delivery_id: UUID) -> Delivery | None:
    """One of somebody's deliveries."""
    return session.exec(
        select(Delivery).where(Delivery.id == delivery_id, Delivery.user_id == user_id)
    ).one_or_none()


def delivery_log(
    session: Session,
    user_id: UUID,
    *,
    channel_id: UUID | None = None,
    below: UUID | None = None,
    limit: int = 25,
) -> Sequence[Delivery]:
    """Somebody's deliveries, newest first; of one channel when it is named."""
    statement = (
        select(Delivery).where(Delivery.user_id == user_id).order_by(col(Delivery.id).desc()).limit(limit)
    )
    if channel_id is not None:
        statement = statement.where(Delivery.channel_id == channel_id)
    if below is not None:
        statement = statement.where(Delivery.id < below)
    return session.exec(statement).all()


def delivery_for_update(session: Session, delivery_id: UUID) -> Delivery | None:
    statement = select(Delivery).where(Delivery.id == delivery_id).with_for_update()
    return session.exec(statement.execution_options(populate_existing=True)).one_or_none()


def due_deliveries(session: Session, *, limit: int = 500) -> Sequence[UUID]:
    """Deliveries whose time has come and that nobody is sending."""
    moment = now()
    statement = (
        select(Delivery.id)
        .where(
            Delivery.status == DeliveryStatus.PENDING,
            Delivery.due_at <= moment,
            func.coalesce(Delivery.claimed_until, Delivery.due_at) <= moment,
        )
        .order_by(col(Delivery.due_at))
        .limit(limit)
    )
    return session.exec(statement).all()
