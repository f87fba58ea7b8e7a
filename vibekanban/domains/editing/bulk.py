"""Bulk edits as people order and read them: a preview, the order, how far it is, and undoing it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core import columns, db, queue
from vibekanban.core.errors import Invalid, NotFound
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.editing import bulk_running, fields, planning, rehearsing, weighing
from vibekanban.domains.editing.bulk_actions import Action, Deed
from vibekanban.domains.editing.errors import NotRevertible
from vibekanban.domains.editing.models import BulkRow, BulkRun, RowState, RunState
from vibekanban.domains.editing.planning import Planned
from vibekanban.domains.editing.weighing import Weighed
from vibekanban.domains.meta.changes import Actor

MOST = 500
AT_ONCE = 20  # rows that a person waits for; more are a job's
REVERT = "revert"


@dataclass(frozen=True)
class Order:
    """What is to be done to which objects; the parameters as the action takes them."""

    action: Action
    ids: Sequence[UUID]
    params: dict[str, object]


@dataclass(frozen=True)
class Preview:
    """What would happen; nothing was written anywhere."""

    action: str
    rows: list[Planned]
    weighed: Weighed


@dataclass(frozen=True)
class Ran:
    """A bulk edit and its rows in their order."""

    run: BulkRun
    rows: list[BulkRow]


def preview(user_id: UUID, order: Order) -> Preview:
    """What would become of every object, what is refused, by Meta itself too, and the money in it."""
    return _weighed(order.action.value, rehearsing.rehearsed(planning.planned(user_id, *_checked(order))))


def preview_undo(user_id: UUID, batch_id: UUID) -> Preview:
    """The same for undoing what was ordered as one."""
    return _weighed(REVERT, rehearsing.rehearsed(planning.undone(user_id, batch_id)))


def start(user_id: UUID, order: Order, actor: Actor) -> Ran:
    """Carry it out; up to twenty rows at once, more by a job that goes on after a crash."""
    ids, deed = _checked(order)
    return begin(user_id, order.action.value, dict(order.params), planning.planned(user_id, ids, deed), actor)


def start_undo(user_id: UUID, batch_id: UUID, actor: Actor) -> Ran:
    """Undo every change of a batch that can be; NotRevertible when none of them can."""
    plans = planning.undone(user_id, batch_id)
    check_undoable(plans)
    return begin(user_id, REVERT, {}, plans, actor, reverts_batch_id=batch_id)


def check_undoable(plans: Sequence[Planned]) -> None:
    """NotRevertible when no row of it can be undone."""
    if all(one.trouble for one in plans):
        reason = "reverted" if any(one.trouble and _reverted(one) for one in plans) else "nothing"
        raise NotRevertible(reason)


def _reverted(one: Planned) -> bool:
    return one.trouble is not None and one.trouble.said == planning.Trouble.of(NotRevertible("reverted")).said


def cancel(session: Session, user_id: UUID, run_id: UUID) -> BulkRun:
    """Leave what has not begun as it is; what is on its way to Meta goes on."""
    found = ran(session, user_id, run_id).run
    bulk_running.give_up(session, found)
    return found


def ran(session: Session, user_id: UUID, run_id: UUID) -> Ran:
    run = session.exec(select(BulkRun).where(BulkRun.id == run_id, BulkRun.user_id == user_id)).first()
    if run is None:
        raise NotFound()
    rows = session.exec(select(BulkRow).where(BulkRow.run_id == run_id).order_by(col(BulkRow.position)))
    return Ran(run, list(rows))


def latest(session: Session, user_id: UUID, *, limit: int = 10) -> list[BulkRun]:
    """The user's last bulk edits, newest first."""
    query = select(BulkRun).where(BulkRun.user_id == user_id).order_by(col(BulkRun.id).desc()).limit(limit)
    return list(session.exec(query))


def _checked(order: Order) -> tuple[Sequence[UUID], Deed]:
    if not order.ids:
        raise Invalid({"ids": "field.missing"})
    if len(order.ids) > MOST:
        raise Invalid({"ids": "bulk.rule.many"}, most=MOST)
    return order.ids, Deed.of(order.action, order.params)


def _weighed(action: str, plans: list[Planned]) -> Preview:
    with db.transaction() as session:
        return Preview(action, plans, weighing.weighed(session, plans))


def begin(
    user_id: UUID,
    action: str,
    params: dict[str, object],
    plans: Sequence[Planned],
    actor: Actor,
    *,
    reverts_batch_id: UUID | None = None,
) -> Ran:
    """Write down what is to be, then do it: whoever dies in between leaves rows to go on with.

    `plans` are what a preview gave; rows with a trouble are written down as failed and left alone.
    """
    open_rows = sum(one.acts for one in plans)
    as_job = open_rows > AT_ONCE
    with db.transaction() as session:
        run = BulkRun(
            user_id=user_id,
            action=action,
            params=params,
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:200],
            reverts_batch_id=reverts_batch_id,
            total=len(plans),
            status=RunState.RUNNING if open_rows else RunState.DONE,
            finished_at=None if open_rows else columns.now(),
            due_at=columns.now() + bulk_running.LEASE,
        )
        session.add(run)
        session.flush()
        session.add_all(_row(run, position, one) for position, one in enumerate(plans))
        session.flush()
        bulk_running.count(session, run.id)
        if as_job:
            queue.enqueue(
                session, Job.RUN_BULK, str(run.id), 0, job_id=f"bulk-{run.id}-0", retry=(), timeout=600
            )
    if open_rows and not as_job:
        bulk_running.run(run.id, 0, lane=Lane.HUMAN)
    with db.transaction() as session:
        session.expire_all()
        return ran(session, user_id, run.id)


def _row(run: BulkRun, position: int, one: Planned) -> BulkRow:
    shown = {
        fields.EDITABLE[one.level][name].shown_name: fields.shown(
            fields.EDITABLE[one.level][name], value, one.account.currency if one.account else ""
        )
        for name, value in one.values.items()
    }
    return BulkRow(
        run_id=run.id,
        position=position,
        user_id=run.user_id,
        account_id=one.account.id if one.account else None,
        level=one.level,
        object_id=one.object_id,
        object_name=one.name[:400],
        fields=shown if one.handing is None else one.handing.after,
        before=dict(one.before),
        reverts_id=one.reverts_id,
        state=RowState.FAILED if one.trouble else RowState.SAME if one.same else RowState.WAITING,
        error_code=one.trouble.code if one.trouble else None,
        error=one.trouble.kept if one.trouble else {},
    )
