"""Notifications, e-mails, channels and deliveries for tests."""

from __future__ import annotations

from itertools import count
from typing import Any

from sqlmodel import Session, select

from vibekanban.clients import webhooks
from vibekanban.core import vault
from vibekanban.core.columns import new_id
from vibekanban.domains.accounts.models import User
from vibekanban.domains.notifications import deliveries, inbox, outbox
from vibekanban.domains.notifications.models import Channel, ChannelKind, Delivery, Email, Notification

_numbers = count(1)


def a_notification(session: Session, user: User) -> Notification:
    """An unread line about a connection of somebody called Ana."""
    dedupe_key = f"line-{next(_numbers)}"
    inbox.write(
        session,
        user.id,
        "connection_needs_reauth",
        {"name": "Ana"},
        dedupe_key=dedupe_key,
        href="/app/accounts",
    )
    return session.exec(select(Notification).where(Notification.dedupe_key == dedupe_key)).one()


def an_email(session: Session, user: User, *, kind: str = "reset_password", **params: Any) -> Email:
    """An e-mail with a link, waiting to be sent."""
    email_id = outbox.put(
        session,
        user,
        kind,
        {"name": user.name, **params},
        dedupe_key=f"mail-{next(_numbers)}",
        href="/reset-password?token=vkl_secret",
    )
    return session.exec(select(Email).where(Email.id == email_id)).one()


def a_channel(session: Session, user: User, **values: Any) -> Channel:
    """A webhook at an address on this machine that nobody listens to."""
    channel_id = new_id()
    context = deliveries.sealing(channel_id)
    given: dict[str, Any] = {
        "kind": ChannelKind.WEBHOOK,
        "label": f"Canal {next(_numbers)}",
        "target": "http://127.0.0.1:9/hook",
        "secret": webhooks.new_secret(),
        **values,
    }
    channel = Channel(
        id=channel_id,
        user_id=user.id,
        sealed_target=vault.encrypt(given.pop("target"), context=context),
        sealed_secret=vault.encrypt(given.pop("secret"), context=context),
        hint="127.0.0.1",
        **given,
    )
    session.add(channel)
    session.flush()
    return channel


def a_delivery(session: Session, channel: Channel) -> Delivery:
    """A notice about a connection of somebody called Ana, on its way to a channel."""
    delivery_id = deliveries.put(
        session,
        channel.user_id,
        channel.id,
        "connection_needs_reauth",
        {"name": "Ana"},
        dedupe_key=f"delivery-{next(_numbers)}",
        href="/app/accounts",
    )
    return session.exec(select(Delivery).where(Delivery.id == delivery_id)).one()
