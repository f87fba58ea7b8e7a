"""The change log: written PENDING before Meta is called, settled afterwards, resolved after a crash."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

from sqlmodel import Session, col, func, select

from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta.models import ActorKind, Change, ChangeOutcome, Level

BUDGET_MODE = "budget_mode"  # the action of a campaign whose budgets changed hands, with those of its ad sets
# what the log calls what was done
ACTIONS = ("create", "copy", "edit", "pause", "resume", "archive", "delete", BUDGET_MODE)
STRANDED = timedelta(minutes=2)  # longer than any call to Meta may take
GIVEN_UP = timedelta(hours=24)


@dataclass(frozen=True)
class Actor:
    """Who makes a change: a person, or a token or a rule in the name of its owner."""

    kind: ActorKind
    id: UUID
    name: str


class Subject(Protocol):
    """Whose object is changed, in which account, and what it is called."""

    @property
    def user_id(self) -> UUID: ...
    @property
    def account_id(self) -> UUID: ...
    @property
    def name(self) -> str: ...


def begin(
    session: Session,
    thing: Subject,
    *,
    level: Level,
    object_id: UUID,
    action: str,
    actor: Actor,
    before: dict[str, Any],
    after: dict[str, Any],
    batch_id: UUID | None = None,
    reverts_id: UUID | None = None,
) -> Change:
    """Say what is about to be done; commit this before the call."""
    change = Change(
        user_id=thing.user_id,
        account_id=thing.account_id,
        level=level,
        object_id=object_id,
        object_name=thing.name[:400],
        action=action,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:200],
        batch_id=batch_id,
        reverts_id=reverts_id,
        before=before,
        after=after,
    )
    session.add(change)
    session.flush()
    return change


def settle(
    session: Session,
    change_id: UUID,
    outcome: ChangeOutcome,
    *,
    after: dict[str, Any] | None = None,
    error_code: str | None = None,
    object_id: UUID | None = None,
) -> Change | None:
    """Say how a pending change ended; None when it is settled already, or gone with its account."""
    query = select(Change).where(Change.id == change_id).with_for_update()
    change = session.exec(query).first()
    if change is None or change.outcome is not ChangeOutcome.PENDING:
        return None
    change.outcome = outcome
    change.settled_at = columns.now()
    change.error_code = error_code
    if object_id is not None:  # what was created is known only now
        change.object_id = object_id
    if after is not None:
        change.after = after
    session.flush()
    return change


def note(session: Session, change_id: UUID, after: dict[str, Any]) -> None:
    """Keep what became known while a change is under way."""
    query = select(Change).where(Change.id == change_id, Change.outcome == ChangeOutcome.PENDING)
    change = session.exec(query.with_for_update()).first()
    if change is not None:
        change.after = after
        session.flush()


def unsettled(session: Session, change_id: UUID) -> Change | None:
    """The change while its end is not known."""
    query = select(Change).where(Change.id == change_id, Change.outcome == ChangeOutcome.PENDING)
    return session.exec(query).first()


def one(session: Session, user_id: UUID, change_id: UUID) -> Change:
    """A change of the user's log; NotFound when it is not theirs."""
    change = session.exec(select(Change).where(Change.id == change_id, Change.user_id == user_id)).first()
    if change is None:
        raise NotFound()
    return change


def reverting(session: Session, change_ids: Collection[UUID]) -> dict[UUID, Change]:
    """What undid these changes, or is about to, by the change that was undone."""
    query = select(Change).where(
        col(Change.reverts_id).in_(change_ids), col(Change.outcome) != ChangeOutcome.FAILED
    )
    return {found.reverts_id: found for found in session.exec(query) if found.reverts_id is not None}


def batch_sizes(session: Session, user_id: UUID, batch_ids: Collection[UUID]) -> dict[UUID, int]:
    """How many changes each batch has."""
    query = (
        select(Change.batch_id, func.count())
        .where(Change.user_id == user_id, col(Change.batch_id).in_(batch_ids))
        .group_by(col(Change.batch_id))
    )
    return {batch_id: size for batch_id, size in session.exec(query) if batch_id is not None}


def stranded(session: Session, *, limit: int = 200) -> list[Change]:
    """Changes whose writer died before it could settle them, oldest first."""
    query = (
        select(Change)
        .where(Change.outcome == ChangeOutcome.PENDING, Change.created_at < columns.now() - STRANDED)
        .order_by(col(Change.id))
        .limit(limit)
    )
    return list(session.exec(query))


def changes(
    session: Session,
    user_id: UUID,
    *,
    object_id: UUID | None = None,
    account_ids: Sequence[UUID] | None = None,
    batch_id: UUID | None = None,
    actor_kind: ActorKind | None = None,
    level: Level | None = None,
    action: str = "",
    q: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: UUID | None = None,
    limit: int = 25,
) -> list[Change]:
    """The user's changes, newest first; of one object, some accounts or one batch when asked.

    `q` is a part of the object's name; `since` is the first moment that counts, `until` the first that does not.
    """
    query = select(Change).where(Change.user_id == user_id)
    if object_id is not None:
        query = query.where(Change.object_id == object_id)
    if account_ids is not None:
        query = query.where(col(Change.account_id).in_(account_ids))
    if batch_id is not None:
        query = query.where(Change.batch_id == batch_id)
    if actor_kind is not None:
        query = query.where(Change.actor_kind == actor_kind)
    if level is not None:
        query = query.where(Change.level == level)
    if action:
        query = query.where(Change.action == action)
    if q := q.replace("\x00", "").strip():
        query = query.where(col(Change.object_name).icontains(q, autoescape=True))
    if since is not None:
        query = query.where(Change.created_at >= since)
    if until is not None:
        query = query.where(Change.created_at < until)
    if before is not None:
        query = query.where(Change.id < before)
    return list(session.exec(query.order_by(col(Change.id).desc()).limit(limit)))
