"""Routes of the inbox."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field

from vibekanban.api.deps import CurrentUser, LocaleDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Page, Wire, after, cursor_of, example
from vibekanban.core.errors import NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.notifications import inbox, queries

router = APIRouter(prefix="/api/notifications", tags=["Notifications"])


class NotificationOut(Wire):
    """A line of the inbox in the caller's language."""

    id: UUID
    kind: str
    title: str
    body: str
    href: str
    read_at: Moment | None
    created_at: Moment


class Inbox(Page[NotificationOut]):
    """A page of the inbox, and how many lines of the whole are unread."""

    unread: int


class Read(Wire):
    ids: list[UUID] | None = Field(None, max_length=500, description="Absent: all of them")

    model_config = example({"ids": ["0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"]})


class Unread(Wire):
    unread: int

    model_config = example({"unread": 0})


@router.get("", responses=responses(NotSignedIn))
def inbox_page(
    session: SessionDep,
    user: CurrentUser,
    locale: LocaleDep,
    unread: Annotated[bool, Query(description="Only what is not read yet")] = False,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Inbox:
    """What there is to know, newest first."""
    found = inbox.lines(session, user.id, locale, unread=unread, below=after(cursor), limit=limit + 1)
    return Inbox(
        items=[NotificationOut.model_validate(line) for line in found[:limit]],
        next_cursor=cursor_of(found[limit - 1].id) if len(found) > limit else None,
        unread=queries.unread(session, user.id),
    )


@router.post("/read", responses=responses(NotSignedIn))
def mark_read(session: SessionDep, user: CurrentUser, body: Read | None = None) -> Unread:
    """Mark lines read; says how many are left."""
    return Unread(unread=inbox.mark_read(session, user.id, body.ids if body else None))
