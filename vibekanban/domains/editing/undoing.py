"""Undoing a change: what was before comes back to the minor unit, or a reason why not."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from vibekanban.core import db
from vibekanban.core.queue import Lane
from vibekanban.domains.editing import budget_modes, edits, fields
from vibekanban.domains.editing.edits import Edit, Outcome
from vibekanban.domains.editing.errors import ChangedSince, NotRevertible
from vibekanban.domains.meta import changes, objects
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Change, ChangeOutcome

# what Meta lets nobody take back
LASTING = {"delete": "delete", "archive": "archive"}
MADE = frozenset({"create", "copy"})
UNSETTLED: Mapping[ChangeOutcome, str] = {
    ChangeOutcome.PENDING: "pending",
    ChangeOutcome.FAILED: "failed",
    ChangeOutcome.UNKNOWN: "unknown",
}


def obstacle(change: Change, *, reverted: bool) -> str | None:
    """Why a change can not be undone as far as the log tells; None when it can be tried."""
    if change.outcome in UNSETTLED:
        return UNSETTLED[change.outcome]
    if reverted:
        return "reverted"
    if change.action in LASTING:
        return LASTING[change.action]
    if change.level not in objects.TABLES:
        return "creative"
    if change.action == budget_modes.ACTION:
        return None
    if change.action in MADE:
        return "outside" if change.actor_kind is ActorKind.OUTSIDE else None
    return None if fields.unshown(change.level, change.before) else "nothing"


def revert(
    user_id: UUID,
    change_id: UUID,
    actor: Actor,
    *,
    dry_run: bool = False,
    batch_id: UUID | None = None,
    lane: Lane = Lane.HUMAN,
) -> Outcome:
    """Bring back what was before a change; opens its own short transactions, none during a call.

    NotRevertible says why not; ChangedSince that somebody wrote over it, and who. What Meta holds already
    again is left alone, and nothing is logged.
    """
    with db.transaction() as session:
        change = changes.one(session, user_id, change_id)
        check(session, change)
    try:
        if change.action == budget_modes.ACTION:
            return budget_modes.back(user_id, change, actor, dry_run=dry_run, batch_id=batch_id, lane=lane)
        return edits.apply(
            user_id,
            Edit.undoing(change),
            actor,
            dry_run=dry_run,
            batch_id=batch_id,
            reverts_id=change.id,
            lane=lane,
        )
    except ChangedSince as error:
        with db.transaction() as session:
            raise _named(session, change, error) from error
    except IntegrityError as error:  # two at once: the log's index lets one undo a change
        raise NotRevertible("reverted") from error


def check(session: Session, change: Change) -> None:
    """NotRevertible or ChangedSince when the log tells already that it can not be undone."""
    reason = obstacle(change, reverted=bool(changes.reverting(session, [change.id])))
    if reason is not None:
        raise NotRevertible(reason)
    if change.action in MADE:
        later = _later(session, change)
        if later is not None and later.actor_id != change.actor_id:
            raise _by(ChangedSince({}), later)


def _named(session: Session, change: Change, error: ChangedSince) -> ChangedSince:
    """The same with who it was, if the log knows."""
    later = _later(session, change, set(error.held))
    return error if later is None else _by(error, later)


def _by(error: ChangedSince, later: Change) -> ChangedSince:
    return ChangedSince(error.held, later.actor_name or later.actor_kind.value, later.created_at.isoformat())


def _later(session: Session, change: Change, names: set[str] | None = None) -> Change | None:
    """The newest change of the same object after this one, of one of the named fields."""
    query = (
        select(Change)
        .where(
            Change.user_id == change.user_id,
            Change.object_id == change.object_id,
            Change.id > change.id,
            col(Change.outcome).in_([ChangeOutcome.APPLIED, ChangeOutcome.UNKNOWN]),
        )
        .order_by(col(Change.id).desc())
        .limit(50)
    )
    return next((one for one in session.exec(query) if names is None or names & one.after.keys()), None)
