"""Somebody's own channels: adding, changing, removing one, and the secret a webhook signs with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from sqlmodel import Session

from vibekanban.clients import slack, webhooks
from vibekanban.core import events, vault
from vibekanban.core.columns import new_id, now
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.domains.notifications import deliveries, queries
from vibekanban.domains.notifications.errors import NoSigningSecret, TooManyChannels
from vibekanban.domains.notifications.models import Channel, ChannelKind

MOST = 20  # of one user
OLD_SECRET_FOR = timedelta(days=1)


@dataclass(frozen=True)
class Added:
    """A channel, and the secret it signs with, which is shown nowhere else; None for Slack."""

    channel: Channel
    secret: str | None


def channels(session: Session, user_id: UUID) -> Sequence[Channel]:
    """Somebody's channels, oldest first."""
    return queries.channels(session, user_id)


def add(session: Session, user_id: UUID, *, kind: ChannelKind, label: str, url: str) -> Added:
    """A channel that is on at once; the address is stored sealed."""
    clean, address = _label(label), _address(kind, url)
    if len(queries.channels(session, user_id)) >= MOST:
        raise TooManyChannels(most=MOST)
    channel_id = new_id()
    secret = webhooks.new_secret() if kind is ChannelKind.WEBHOOK else None
    channel = Channel(
        id=channel_id,
        user_id=user_id,
        kind=kind,
        label=clean,
        sealed_target=_sealed(channel_id, address),
        hint=_host(address),
        sealed_secret=_sealed(channel_id, secret) if secret else "",
    )
    session.add(channel)
    session.flush()
    _tell(session, user_id)
    return Added(channel, secret)


def change(
    session: Session,
    user_id: UUID,
    channel_id: UUID,
    *,
    label: str | None = None,
    url: str | None = None,
    is_active: bool | None = None,
) -> Channel:
    """Another name or address, or on or off; switched on again it starts with a clean record."""
    channel = _channel(session, user_id, channel_id)
    if label is not None:
        channel.label = _label(label)
    if url is not None:
        address = _address(channel.kind, url)
        channel.sealed_target, channel.hint = _sealed(channel.id, address), _host(address)
    if is_active is not None:
        channel.is_active = is_active
    if url is not None or is_active:
        channel.failing_since, channel.last_error, channel.last_error_at = None, "", None
    channel.updated_at = now()
    session.flush()
    if not channel.is_active:
        deliveries.drop_waiting(session, channel.id)
    _tell(session, user_id)
    return channel


def remove(session: Session, user_id: UUID, channel_id: UUID) -> None:
    """Gone with its deliveries."""
    session.delete(_channel(session, user_id, channel_id))
    session.flush()
    _tell(session, user_id)


def rotate_secret(session: Session, user_id: UUID, channel_id: UUID) -> Added:
    """A new signing secret; for a day messages bear the signature of the old one too."""
    channel = _channel(session, user_id, channel_id)
    if channel.kind is not ChannelKind.WEBHOOK:
        raise NoSigningSecret()
    secret = webhooks.new_secret()
    channel.sealed_old_secret, channel.old_secret_until = channel.sealed_secret, now() + OLD_SECRET_FOR
    channel.sealed_secret = _sealed(channel.id, secret)
    channel.updated_at = now()
    session.flush()
    return Added(channel, secret)


def reencrypt(session: Session, *, batch: int = 100) -> int:
    """Seal with today's key what an earlier one sealed; says how many channels of this batch it was."""
    rows = queries.channels_sealed_before(session, f"v1.{vault.current_key_id()}.%", limit=batch)
    for row in rows:
        context = deliveries.sealing(row.id)
        for name in ("sealed_target", "sealed_secret", "sealed_old_secret"):
            if sealed := getattr(row, name):
                setattr(row, name, vault.encrypt(vault.decrypt(sealed, context=context), context=context))
    session.flush()
    return len(rows)


def _channel(session: Session, user_id: UUID, channel_id: UUID) -> Channel:
    found = queries.channel_for_update(session, channel_id)
    if found is None or found.user_id != user_id:
        raise NotFound()
    return found


def _label(label: str) -> str:
    clean = " ".join(label.replace("\x00", "").split())
    if not 1 <= len(clean) <= 80:
        raise Invalid({"label": "channels.fields.label_length"})
    return clean


def _address(kind: ChannelKind, url: str) -> str:
    clean = url.strip()
    accepts = slack.accepts if kind is ChannelKind.SLACK else webhooks.accepts
    if not accepts(clean):
        raise Invalid({"url": f"channels.fields.url_{kind.value}"})
    return clean


def _host(address: str) -> str:
    return (urlsplit(address).hostname or "")[:120]


def _sealed(channel_id: UUID, plain: str) -> str:
    return vault.encrypt(plain, context=deliveries.sealing(channel_id))


def _tell(session: Session, user_id: UUID) -> None:
    events.publish(session, user_id, events.Topic.CHANNELS)
