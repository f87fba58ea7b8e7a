"""Deliveries to people's own channels: ordering one, claiming it for sending, and what became of it.

A delivery is tried again, further and further apart, for a day; a channel that fails for days, or says
that it is gone, is switched off and its owner told in the inbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from vibekanban.core import events, queue, vault
from vibekanban.core.columns import new_id, now
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import inbox, queries
from vibekanban.domains.notifications.errors import ChannelOff
from vibekanban.domains.notifications.models import Channel, ChannelKind, Delivery, DeliveryStatus

CLAIM = timedelta(minutes=2)
PAUSES = tuple(timedelta(minutes=n) for n in (1, 2, 5, 15, 30, 60, 120, 240, 360))
GIVE_UP_AFTER = timedelta(days=1)
SWITCH_OFF_AFTER = timedelta(days=3)
KEPT = timedelta(days=30)


@dataclass(frozen=True)
class Claimed:
    """A delivery that is ours to send, with the opened secrets of its channel."""

    delivery_id: UUID
    channel_kind: ChannelKind
    target: str
    secrets: tuple[str, ...]
    kind: str
    params: dict[str, Any]
    href: str
    locale: str
    created_at: datetime

    def __repr__(self) -> str:  # an address or a key must not reach a log through a traceback
        return f"Claimed({self.delivery_id})"


def put(
    session: Session,
    user_id: UUID,
    channel_id: UUID,
    kind: str,
    params: dict[str, Any],
    *,
    dedupe_key: str,
    href: str,
    not_before: datetime | None = None,
) -> UUID | None:
    """Queue a delivery; None when it was queued before, or the channel is off or not the user's."""
    channel = queries.channel(session, user_id, channel_id)
    if channel is None or not channel.is_active:
        return None
    delivery_id = new_id()
    told = write(
        session,
        channel,
        kind,
        params,
        delivery_id=delivery_id,
        dedupe_key=dedupe_key,
        href=href,
        not_before=not_before,
    )
    if not told:
        return None
    if not_before is None:
        _order(session, delivery_id)  # one that is held back is ordered by the sweeper
    return delivery_id


def write(
    session: Session,
    channel: Channel,
    kind: str,
    params: dict[str, Any],
    *,
    delivery_id: UUID,
    dedupe_key: str,
    href: str,
    not_before: datetime | None = None,
) -> bool:
    """Write a delivery down without ordering it; False when it was written before."""
    moment = now()
    due_at = not_before or moment
    told = session.execute(
        insert(Delivery)
        .values(
            id=delivery_id,
            user_id=channel.user_id,
            channel_id=channel.id,
            kind=kind,
            params=params,
            href=href,
            dedupe_key=dedupe_key,
            status=DeliveryStatus.PENDING,
            attempts=0,
            last_error="",
            due_at=due_at,
            give_up_at=due_at + GIVE_UP_AFTER,
            created_at=moment,
        )
        .on_conflict_do_nothing(index_elements=["channel_id", "dedupe_key"])
        .returning(col(Delivery.id))
    ).first()
    return told is not None


def again(session: Session, user_id: UUID, delivery_id: UUID) -> Delivery:
    """Order a settled delivery once more, for another day; the receiver sees the same message id."""
    delivery = queries.delivery_for_update(session, delivery_id)
    if delivery is None or delivery.user_id != user_id:
        raise NotFound()
    channel = queries.channel(session, user_id, delivery.channel_id)
    if channel is None or not channel.is_active:
        raise ChannelOff(label=channel.label if channel else "")
    moment = now()
    if delivery.status is not DeliveryStatus.PENDING:
        delivery.status, delivery.attempts = DeliveryStatus.PENDING, 0
        delivery.give_up_at = moment + GIVE_UP_AFTER
    delivery.due_at = moment
    session.flush()
    _order(session, delivery_id)
    _tell(session, user_id)
    return delivery


def claim(session: Session, delivery_id: UUID) -> Claimed | None:
    """Take a delivery for sending; None when it is settled, not due yet, or being sent by another job."""
    moment = now()
    taken = session.execute(
        update(Delivery)
        .where(
            col(Delivery.id) == delivery_id,
            col(Delivery.status) == DeliveryStatus.PENDING,
            col(Delivery.due_at) <= moment,
            or_(col(Delivery.claimed_until).is_(None), col(Delivery.claimed_until) < moment),
        )
        .values(claimed_until=moment + CLAIM, attempts=col(Delivery.attempts) + 1)
        .returning(
            col(Delivery.channel_id),
            col(Delivery.kind),
            col(Delivery.params),
            col(Delivery.href),
            col(Delivery.created_at),
        )
    ).one_or_none()
    if taken is None:
        return None
    channel, locale = session.execute(
        select(Channel, col(User.locale))
        .join(User, col(User.id) == col(Channel.user_id))
        .where(col(Channel.id) == taken.channel_id)
    ).one()
    target, secrets = opened(channel)
    return Claimed(
        delivery_id=delivery_id,
        channel_kind=channel.kind,
        target=target,
        secrets=secrets,
        kind=taken.kind,
        params=taken.params,
        href=taken.href,
        locale=locale,
        created_at=taken.created_at,
    )


def opened(channel: Channel) -> tuple[str, tuple[str, ...]]:
    """A channel's address and the keys to sign with: the current one, and for a day the one before it."""
    sealed = [channel.sealed_secret]
    if channel.old_secret_until is not None and channel.old_secret_until > now():
        sealed.append(channel.sealed_old_secret)
    context = sealing(channel.id)
    return (
        vault.decrypt(channel.sealed_target, context=context),
        tuple(vault.decrypt(one, context=context) for one in sealed if one),
    )


def sealing(channel_id: UUID) -> str:
    """What a channel's secrets are bound to."""
    return f"notification_channels:{channel_id}"


def sent(session: Session, delivery_id: UUID) -> None:
    """It arrived; so the channel works."""
    moment = now()
    delivery = queries.delivery_for_update(session, delivery_id)
    if delivery is None:
        return
    delivery.status, delivery.sent_at, delivery.claimed_until = DeliveryStatus.SENT, moment, None
    delivery.last_error = ""
    session.execute(
        update(Channel)
        .where(col(Channel.id) == delivery.channel_id)
        .values(last_ok_at=moment, failing_since=None, last_error="", last_error_at=None)
    )
    _tell(session, delivery.user_id)


def not_sent(
    session: Session, delivery_id: UUID, reason: str, *, final: bool = False, gone: bool = False
) -> None:
    """Put it off, or give up when it is final or a day has passed; `gone` switches the channel off at once."""
    delivery = queries.delivery_for_update(session, delivery_id)
    if delivery is None:
        return
    moment = now()
    delivery.claimed_until, delivery.last_error = None, reason[:300]
    pause = PAUSES[min(delivery.attempts, len(PAUSES)) - 1]
    if final or gone or moment + pause > delivery.give_up_at:
        delivery.status = DeliveryStatus.FAILED
    else:
        delivery.due_at = moment + pause
    channel = queries.channel_for_update(session, delivery.channel_id)
    if channel is None:
        return
    channel.last_error, channel.last_error_at = reason[:300], moment
    channel.failing_since = channel.failing_since or moment
    session.flush()
    _tell(session, delivery.user_id)
    if channel.is_active and (gone or moment - channel.failing_since >= SWITCH_OFF_AFTER):
        _switch_off(session, channel)


def sweep(session: Session) -> int:
    """Order what is due: further tries, what was held back, and what a lost job left behind; says how many.

    What could not even be tried for a day is given up.
    """
    moment = now()
    session.execute(
        update(Delivery)
        .where(
            col(Delivery.status) == DeliveryStatus.PENDING,
            col(Delivery.give_up_at) < moment,
            or_(col(Delivery.claimed_until).is_(None), col(Delivery.claimed_until) < moment),
        )
        .values(status=DeliveryStatus.FAILED, claimed_until=None, last_error="too_late")
    )
    due = queries.due_deliveries(session)
    for delivery_id in due:
        _order(session, delivery_id)
    return len(due)


def withdraw(session: Session, user_id: UUID, *, about: str) -> None:
    """Delete somebody's deliveries about a thing; `about` begins their dedupe keys."""
    session.execute(
        delete(Delivery).where(
            col(Delivery.user_id) == user_id, col(Delivery.dedupe_key).startswith(about, autoescape=True)
        )
    )


def forget_old(session: Session) -> int:
    """Delete deliveries that were settled long ago; says how many."""
    gone = session.execute(
        delete(Delivery)
        .where(col(Delivery.created_at) < now() - KEPT, col(Delivery.status) != DeliveryStatus.PENDING)
        .returning(col(Delivery.id))
    ).all()
    return len(gone)


def drop_waiting(session: Session, channel_id: UUID) -> None:
    """Give up what waits for a channel that is off, so that switching it on again does not pour it out."""
    session.execute(
        update(Delivery)
        .where(col(Delivery.channel_id) == channel_id, col(Delivery.status) == DeliveryStatus.PENDING)
        .values(status=DeliveryStatus.FAILED, claimed_until=None, last_error="channel_off")
    )


def _switch_off(session: Session, channel: Channel) -> None:
    channel.is_active = False
    session.flush()
    drop_waiting(session, channel.id)
    inbox.write(
        session,
        channel.user_id,
        "channel_switched_off",
        {"label": channel.label},
        dedupe_key=f"channel-off:{channel.id}:{channel.failing_since}",
        href="/app/channels",
    )


def _tell(session: Session, user_id: UUID) -> None:
    events.publish(session, user_id, events.Topic.CHANNELS)


def _order(session: Session, delivery_id: UUID) -> None:
    # tried again by the sweeper, not by the queue: the pauses grow to hours
    queue.enqueue(
        session,
        Job.SEND_DELIVERY,
        str(delivery_id),
        lane=Lane.ALERT,
        job_id=f"delivery-{delivery_id}",
        retry=(),
    )
