"""Live changes: what a worker or a door wrote, told to every open page of its owner."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import Session

from vibekanban.core import broker, columns

CHANNEL = "live"
PENDING = "events"


class Topic(StrEnum):
    """What changed; a page listens to the topics it shows."""

    METRICS = "metrics"
    CAMPAIGNS = "campaigns"
    BOARD = "board"
    SYNC = "sync"
    NOTIFICATIONS = "notifications"
    AUDIT = "audit"
    CONNECTIONS = "connections"
    SESSIONS = "sessions"


def publish(
    session: Session,
    user_id: UUID,
    topic: Topic,
    *,
    account_id: UUID | None = None,
    at: datetime | None = None,
    **data: Any,
) -> None:
    """Tell the user's open pages, once this transaction has committed."""
    message = {
        "user": str(user_id),
        "topic": topic.value,
        "account": str(account_id) if account_id else None,
        "at": (at or columns.now()).isoformat(),
        "data": data,
    }
    session.info.setdefault(PENDING, []).append(orjson.dumps(message))


def release(session: Session) -> None:
    """Send what the committed transaction published, in one round trip."""
    messages = session.info.pop(PENDING, [])
    if not messages:
        return
    pipe = broker.connection().pipeline(transaction=False)
    for message in messages:
        pipe.publish(CHANNEL, message)
    pipe.execute()


def discard(session: Session) -> None:
    session.info.pop(PENDING, None)
