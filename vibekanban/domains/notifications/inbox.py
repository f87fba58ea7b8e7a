"""The inbox: writing a line once, listing lines, marking them read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col

from vibekanban.core import events, i18n
from vibekanban.core.columns import new_id, now
from vibekanban.domains.notifications import queries
from vibekanban.domains.notifications.models import Notification

KEPT = timedelta(days=180)


@dataclass(frozen=True)
class Line:
    """A notification in the reader's language."""

    id: UUID
    kind: str
    title: str
    body: str
    href: str
    read_at: datetime | None
    created_at: datetime


def write(
    session: Session, user_id: UUID, kind: str, params: dict[str, Any], *, dedupe_key: str, href: str = ""
) -> bool:
    """Add one line to somebody's inbox; False when it is there already.

    The texts are `notifications.<kind>.title` and `.body`, formatted with `params` (plain JSON values).
    """
    line = insert(Notification).values(
        id=new_id(),
        user_id=user_id,
        kind=kind,
        params=params,
        href=href,
        dedupe_key=dedupe_key,
        created_at=now(),
    )
    told = session.execute(
        line.on_conflict_do_nothing(index_elements=["user_id", "dedupe_key"]).returning(col(Notification.id))
    ).first()
    if told is None:
        return False
    events.publish(session, user_id, events.Topic.NOTIFICATIONS, unread=queries.unread(session, user_id))
    return True


def forget(session: Session, user_id: UUID, *, about: str) -> None:
    """Delete the lines about a thing; `about` begins their dedupe keys."""
    session.execute(
        delete(Notification).where(
            col(Notification.user_id) == user_id,
            col(Notification.dedupe_key).startswith(about, autoescape=True),
        )
    )
    events.publish(session, user_id, events.Topic.NOTIFICATIONS, unread=queries.unread(session, user_id))


def lines(
    session: Session,
    user_id: UUID,
    locale: str,
    *,
    unread: bool = False,
    below: UUID | None = None,
    limit: int = 25,
) -> Sequence[Line]:
    """Somebody's lines in a language, newest first."""
    found = queries.inbox(session, user_id, unread=unread, below=below, limit=limit)
    return [
        Line(
            id=line.id,
            kind=line.kind,
            title=i18n.say(locale, f"notifications.{line.kind}.title", **line.params),
            body=i18n.say(locale, f"notifications.{line.kind}.body", **line.params),
            href=line.href,
            read_at=line.read_at,
            created_at=line.created_at,
        )
        for line in found
    ]


def mark_read(session: Session, user_id: UUID, ids: Sequence[UUID] | None = None) -> int:
    """Mark somebody's lines read, all without `ids`; says how many are left unread."""
    statement = update(Notification).where(
        col(Notification.user_id) == user_id, col(Notification.read_at).is_(None)
    )
    if ids is not None:
        statement = statement.where(col(Notification.id).in_(ids))
    read = session.execute(statement.values(read_at=now()).returning(col(Notification.id))).all()
    left = queries.unread(session, user_id)
    if read:
        events.publish(session, user_id, events.Topic.NOTIFICATIONS, unread=left)
    return left


def forget_old(session: Session) -> int:
    """Delete what was told half a year ago; says how many lines."""
    gone = session.execute(
        delete(Notification)
        .where(col(Notification.created_at) < now() - KEPT)
        .returning(col(Notification.id))
    ).all()
    return len(gone)
