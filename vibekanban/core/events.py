"""Live changes: what a worker or a door wrote, told to every open page of its owner."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson
from sqlmodel import Session

from vibekanban.core import broker, columns

CHANNEL = "live"
PENDING = "events"
HERE = "live:here:"  # and a user's id: some page of theirs listens, or did a moment ago
HERE_FOR = 90  # seconds


class Topic(StrEnum):
    """What changed; a page listens to the topics it shows."""

    METRICS = "metrics"
    CAMPAIGNS = "campaigns"
    BOARD = "board"
    SYNC = "sync"
    NOTIFICATIONS = "notifications"
    AUDIT = "audit"
    CONNECTIONS = "connections"
    APPROVALS = "approvals"
    TOKENS = "tokens"
    SESSIONS = "sessions"
    SHARING = "sharing"
    CHANNELS = "channels"
    ALERTS = "alerts"
    BULK = "bulk"
    REPORTS = "reports"
    AUTOMATIONS = "automations"


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
    told = message(user_id, topic, account_id=account_id, at=at, **data)
    session.info.setdefault(PENDING, []).append(told)


def message(
    user_id: UUID,
    topic: Topic,
    *,
    account_id: UUID | None = None,
    at: datetime | None = None,
    **data: Any,
) -> bytes:
    """What the pages are told."""
    return orjson.dumps(
        {
            "user": str(user_id),
            "topic": topic.value,
            "account": str(account_id) if account_id else None,
            "at": (at or columns.now()).isoformat(),
            "data": data,
        }
    )


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


async def tell(messages: Iterable[bytes]) -> None:
    """Send what was written without a session."""
    pipe = broker.async_connection().pipeline(transaction=False)
    for one in messages:
        pipe.publish(CHANNEL, one)
    await pipe.execute()


async def stay(user_ids: Iterable[UUID | str]) -> None:
    """Note that pages of these users listen; to be said again within HERE_FOR."""
    pipe = broker.async_connection().pipeline(transaction=False)
    for user_id in user_ids:
        pipe.set(f"{HERE}{user_id}", b"1", ex=HERE_FOR)
    await pipe.execute()


async def listening(user_ids: Collection[UUID]) -> set[UUID]:
    """Which of these users have a page that listens, in any process."""
    found = await broker.async_connection().mget([f"{HERE}{user_id}" for user_id in user_ids])
    return {user_id for user_id, here in zip(user_ids, found, strict=True) if here is not None}
