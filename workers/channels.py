"""Jobs that send notifications to people's own channels."""

from __future__ import annotations

import time
from uuid import UUID

from vibekanban.clients import posting, slack, webhooks
from vibekanban.core import db, logging
from vibekanban.domains.notifications import deliveries, notices
from vibekanban.domains.notifications.models import ChannelKind

log = logging.logger(__name__)


def send_delivery(delivery_id: str) -> None:
    """Send one delivery; safe to repeat. A failure is put off in the database, not raised."""
    with db.transaction() as session:
        claimed = deliveries.claim(session, UUID(delivery_id))
    if claimed is None:
        return
    try:
        _send(claimed)
    except posting.Undelivered as error:
        final, gone = isinstance(error, posting.Refused), isinstance(error, posting.Gone)
        log.warning(
            "delivery.not_sent",
            delivery=delivery_id,
            kind=claimed.kind,
            reason=str(error),
            final=final,
            gone=gone,
        )
        with db.transaction() as session:
            deliveries.not_sent(session, claimed.delivery_id, str(error), final=final, gone=gone)
        return
    with db.transaction() as session:
        deliveries.sent(session, claimed.delivery_id)


def sweep_deliveries() -> None:
    """Order the deliveries that are due: further tries, what was held back, what was lost."""
    with db.transaction() as session:
        deliveries.sweep(session)


def _send(claimed: deliveries.Claimed) -> None:
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
