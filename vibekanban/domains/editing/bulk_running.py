"""Carrying out a bulk edit: rows are claimed one by one, a crash goes on where it was, no row is done twice."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, update
from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.core import columns, db, events, queue
from vibekanban.core.errors import AppError, OutsideFailed
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.access.errors import TokenStopped
from vibekanban.domains.editing import bulk_actions, edits, fields, halting, settling, undoing
from vibekanban.domains.editing.edits import Edit
from vibekanban.domains.editing.errors import Cancelled, Unconfirmed
from vibekanban.domains.editing.models import BulkRow, BulkRun, RowState, RunState
from vibekanban.domains.editing.trouble import Trouble
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import Change, ChangeOutcome

AT_ONCE = 4  # rows on their way to Meta at the same time
PIECE = 100  # rows a job takes before others have their turn
LONGEST = 120.0  # seconds a piece begins further rows
LEASE = timedelta(minutes=4)  # longer than one row may take
TRIES = 4  # of pieces that lose their worker, before what they were at has failed
SOON = timedelta(seconds=30)
OPEN = (RowState.WAITING, RowState.RUNNING)


class Stuck(OutsideFailed):
    """A row whose worker died again and again."""

    code = "bulk_stuck"


@dataclass
class Piece:
    """What the rows of one piece share: the run, when to stop, and which accounts Meta holds back."""

    run: BulkRun
    lane: Lane
    ends: float
    held: dict[UUID, datetime] = field(default_factory=dict)

    @property
    def actor(self) -> Actor:
        return Actor(self.run.actor_kind, self.run.actor_id or self.run.user_id, self.run.actor_name)


def run(run_id: UUID, hop: int, *, lane: Lane = Lane.ALERT, at_once: int | None = None) -> None:
    """One piece of a bulk edit; opens its own transactions. A twin that comes late finds nothing to do.

    A job keeps out of the last quarter of the quota, which is for people who wait.
    """
    with db.transaction() as session:
        claimed = _claim(session, run_id, hop)
        if claimed is None:
            return
        stranded = _rows(session, run_id, RowState.RUNNING)
    for row in stranded:
        _recover(row)
    with db.transaction() as session:
        waiting = _rows(session, run_id, RowState.WAITING, limit=PIECE)
    piece = Piece(claimed, lane, time.monotonic() + LONGEST)
    _each(lambda row: _carry_out(piece, row), waiting, at_once or AT_ONCE)
    _onward(piece)


def _each(work: Callable[[BulkRow], None], rows: Sequence[BulkRow], at_once: int) -> None:
    if at_once == 1 or len(rows) < 2:
        for row in rows:
            work(row)
        return
    with ThreadPoolExecutor(max_workers=min(at_once, len(rows))) as pool:
        for _ in pool.map(work, rows):
            pass


def _onward(piece: Piece) -> None:
    """Go on with what is left, after the pause Meta wants; or it is over."""
    with db.transaction() as session:
        left = _rows(session, piece.run.id, *OPEN, limit=1)
        if not left:
            _finish(session, piece.run.id)
            return
        run = session.get_one(BulkRun, piece.run.id, populate_existing=True)
        delay = timedelta(0)
        if left[0].state is RowState.RUNNING:
            delay = SOON
        elif piece.held:
            delay = max(timedelta(seconds=1), min(piece.held.values()) - columns.now())
        run.due_at = columns.now() + delay
        session.flush()
        order(session, run, delay=delay or None)


def order(session: Session, run: BulkRun, *, delay: timedelta | None = None) -> None:
    """Queue the next piece; its id names the hop, so that ordering it twice is ordering it once."""
    queue.enqueue(
        session,
        Job.RUN_BULK,
        str(run.id),
        run.hop,
        job_id=f"bulk-{run.id}-{run.hop}",
        delay=delay,
        retry=(),
        timeout=600,
    )


def revive(session: Session) -> int:
    """Order again what lost its worker; a row that lost it again and again has failed, the others go on."""
    query = (
        select(BulkRun)
        .where(BulkRun.status == RunState.RUNNING, BulkRun.due_at < columns.now() - SOON)
        .limit(100)
        .with_for_update(skip_locked=True)
    )
    found = list(session.exec(query))
    for run in found:
        run.tries += 1
        if run.tries >= TRIES:
            run.tries = 0
            for row in _rows(session, run.id, RowState.RUNNING):
                _settle(session, row, RowState.FAILED, Trouble.of(Stuck(service="meta")))
        run.hop += 1
        run.due_at = columns.now() + LEASE
        session.flush()
        order(session, run)
    return len(found)


def give_up(session: Session, run: BulkRun) -> None:
    """Fail the rows that nobody has begun."""
    session.execute(
        update(BulkRow)
        .where(col(BulkRow.run_id) == run.id, col(BulkRow.state) == RowState.WAITING)
        .values(state=RowState.FAILED, error_code=Cancelled.code, error=Trouble.of(Cancelled()).kept)
    )
    count(session, run.id)
    if not _rows(session, run.id, *OPEN, limit=1):
        _finish(session, run.id)


# -- one row


def _carry_out(piece: Piece, row: BulkRow) -> None:
    if row.account_id in piece.held or time.monotonic() > piece.ends:
        return
    with db.transaction() as session:
        if halting.halted(session, piece.run, row):
            _settle(session, row, RowState.FAILED, Trouble.of(TokenStopped()))
            return
        if not _take(session, row):
            return
    try:
        outcome = _apply(piece, row)
    except meta_errors.Throttled as error:
        if row.account_id is not None:
            piece.held[row.account_id] = error.until
        _put_back(row)
    except Unconfirmed:
        return  # the next piece asks what became of it
    except AppError as error:
        with db.transaction() as session:
            _settle(session, row, RowState.FAILED, Trouble.of(error))
    else:
        state = RowState.DONE if outcome.changed else RowState.SAME
        with db.transaction() as session:
            _settle(session, row, state, change_id=outcome.change_id)


def _apply(piece: Piece, row: BulkRow) -> edits.Outcome:
    run = piece.run
    if row.reverts_id is not None:
        return undoing.revert(run.user_id, row.reverts_id, piece.actor, batch_id=run.id, lane=piece.lane)
    relative = run.action in bulk_actions.RELATIVE
    edit = Edit(
        row.level,
        row.object_id,
        fields.unshown(row.level, row.fields),
        expecting=fields.unshown(row.level, row.before) if relative else None,
    )
    return edits.apply(run.user_id, edit, piece.actor, batch_id=run.id, lane=piece.lane)


def _recover(row: BulkRow) -> None:
    """A row whose worker died: the log knows whether Meta was told, and Meta what became of it."""
    with db.transaction() as session:
        query = select(Change).where(Change.batch_id == row.run_id, Change.object_id == row.object_id)
        change = session.exec(query.order_by(col(Change.id).desc()).limit(1)).first()
    if change is None or change.error_code == meta_errors.Throttled.code:
        _put_back(row)
        return
    outcome = change.outcome
    if outcome is ChangeOutcome.PENDING:
        try:
            outcome = settling.resolve(change)
        except AppError:  # Meta does not say yet; the row stays as it is until the next piece
            return
    with db.transaction() as session:
        if outcome is ChangeOutcome.APPLIED:
            _settle(session, row, RowState.DONE, change_id=change.id)
        else:
            _settle(session, row, RowState.FAILED, Trouble.of(Unconfirmed(service="meta")), change.id)


def _take(session: Session, row: BulkRow) -> bool:
    """Claim a row: whoever comes second does not get it."""
    taken = session.execute(
        update(BulkRow)
        .where(_is(row), col(BulkRow.state) == RowState.WAITING)
        .values(state=RowState.RUNNING)
        .returning(col(BulkRow.position))
    )
    return taken.first() is not None


def _put_back(row: BulkRow) -> None:
    with db.transaction() as session:
        session.execute(
            update(BulkRow)
            .where(_is(row), col(BulkRow.state) == RowState.RUNNING)
            .values(state=RowState.WAITING)
        )


def _settle(
    session: Session,
    row: BulkRow,
    state: RowState,
    trouble: Trouble | None = None,
    change_id: UUID | None = None,
) -> None:
    session.execute(
        update(BulkRow)
        .where(_is(row), col(BulkRow.state).in_(OPEN))
        .values(
            state=state,
            change_id=change_id,
            error_code=trouble.code if trouble else None,
            error=trouble.kept if trouble else {},
        )
    )
    count(session, row.run_id)


def _is(row: BulkRow) -> ColumnElement[bool]:
    return and_(col(BulkRow.run_id) == row.run_id, col(BulkRow.position) == row.position)


# -- the run


def _claim(session: Session, run_id: UUID, hop: int) -> BulkRun | None:
    claimed = session.execute(
        update(BulkRun)
        .where(col(BulkRun.id) == run_id, col(BulkRun.hop) == hop, col(BulkRun.status) == RunState.RUNNING)
        .values(hop=hop + 1, due_at=columns.now() + LEASE)
        .returning(col(BulkRun.id))
    ).first()
    return None if claimed is None else session.get_one(BulkRun, run_id, populate_existing=True)


def _rows(session: Session, run_id: UUID, *states: RowState, limit: int | None = None) -> list[BulkRow]:
    query = (
        select(BulkRow)
        .where(BulkRow.run_id == run_id, col(BulkRow.state).in_(states))
        .order_by(col(BulkRow.position))
        .limit(limit)
        .execution_options(populate_existing=True)
    )
    return list(session.exec(query))


def count(session: Session, run_id: UUID) -> None:
    """Say how far it is, on the owner's open pages too; who gets on keeps the run for longer."""
    # rows that end at the same time count one after another, or the last to write would have counted too few
    session.exec(select(BulkRun.id).where(BulkRun.id == run_id).with_for_update()).one()
    counted = session.exec(
        select(
            func.count().filter(col(BulkRow.state).in_([RowState.DONE, RowState.SAME])),
            func.count().filter(col(BulkRow.state) == RowState.FAILED),
        ).where(BulkRow.run_id == run_id)
    ).one()
    session.execute(
        update(BulkRun)
        .where(col(BulkRun.id) == run_id, col(BulkRun.status) == RunState.RUNNING)
        .values(done=counted[0], failed=counted[1], tries=0, due_at=columns.now() + LEASE)
    )
    if counted == (0, 0):
        return
    run = session.get_one(BulkRun, run_id, populate_existing=True)
    _tell(session, run)


def _finish(session: Session, run_id: UUID) -> None:
    session.execute(
        update(BulkRun)
        .where(col(BulkRun.id) == run_id, col(BulkRun.status) == RunState.RUNNING)
        .values(status=RunState.DONE, finished_at=columns.now())
    )
    _tell(session, session.get_one(BulkRun, run_id, populate_existing=True))


def _tell(session: Session, run: BulkRun) -> None:
    events.publish(
        session,
        run.user_id,
        events.Topic.BULK,
        id=str(run.id),
        status=run.status.value,
        done=run.done,
        failed=run.failed,
        total=run.total,
    )
