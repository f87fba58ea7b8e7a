"""Sending a delivery now, by a job or by somebody who waits for it; opens its own short transactions."""

from __future__ import annotations

import time
from uuid import UUID

from sqlmodel import Session

from vibekanban.clients import posting, slack, webhooks
from vibekanban.core import db, logging
from vibekanban.core.columns import new_id
from vibekanban.core.errors import NotFound
from vibekanban.domains.notifications import deliveries, notices, queries
from vibekanban.domains.notifications.models import ChannelKind, Delivery

TEST = "channel_test"

log = logging.logger(__name__)


def send(delivery_id: UUID, *, again: bool = True) -> None:
    """Send one delivery; safe to repeat. A failure is put off in the database, or final when not `again`."""
    with db.transaction() as session:
        claimed = deliveries.claim(session, delivery_id)
    if claimed is None:
        return
    try:
        _post(claimed)
    except posting.Undelivered as error:
        final, gone = not again or isinstance(error, posting.Refused), isinstance(error, posting.Gone)
        log.warning(
            "delivery.not_sent",
            delivery=str(delivery_id),
            kind=claimed.kind,
            reason=str(error),
            final=final,
            gone=gone,
        )
        with db.transaction() as session:
            deliveries.not_sent(session, delivery_id, str(error), final=final, gone=gone)
        return
    with db.transaction() as session:
        deliveries.sent(session, delivery_id)


def test(user_id: UUID, channel_id: UUID) -> Delivery:
    """Send a test, also to a channel that is off, and say what became of it; it is tried once."""
    with db.transaction() as session:
        delivery_id = _test(session, user_id, channel_id)
    send(delivery_id, again=False)
    with db.transaction() as session:
        found = queries.delivery(session, user_id, delivery_id)
    if found is None:
        raise NotFound()  # the channel was removed meanwhile
    return found


def _test(session: Session, user_id: UUID, channel_id: UUID) -> UUID:
    channel = queries.channel(session, user_id, channel_id)
    if channel is None:
        raise NotFound()
    delivery_id = new_id()
    deliveries.write(
        session,
        channel,
        TEST,
        {"label": channel.label},
        delivery_id=delivery_id,
        dedupe_key=f"test:{delivery_id}",
        href="/app/channels",
    )
    return delivery_id


def _post(claimed: deliveries.Claimed) -> None:
    notice = notices.write(claimed.kind, claimed.locale, claimed.params, claimed.href)
    if claimed.channel_kind is ChannelKind.SLACK:
        slack.send(
            claimed.target, title=notice.title, body=notice.body, link=notice.link, action=notice.action
        )
        return
    webhooks.send(
        claimed.target,
        claimed.secrets,
        notices.document(claimed.kind, notice, claimed.params, claimed.created_at),
        message_id=f"msg_{claimed.delivery_id.hex}",
        timestamp=int(time.time()),
    )
