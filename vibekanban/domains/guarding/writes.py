"""A program's write on its way to Meta: stopped, judged, held, tried dry, or carried out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

from redis.exceptions import LockError
from sqlmodel import Session, col, func, select

from vibekanban.core import broker, columns, db
from vibekanban.core.errors import NotFound
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import Scope
from vibekanban.domains.access.policy import Policy
from vibekanban.domains.editing.models import BulkRow, BulkRun, RowState, RunState
from vibekanban.domains.guarding import approvals, judging
from vibekanban.domains.guarding.errors import AccountStopped, ObjectBusy, PolicyRefused
from vibekanban.domains.guarding.judging import Budget, Move
from vibekanban.domains.guarding.models import Approval
from vibekanban.domains.meta.models import ActorKind, Change, ChangeOutcome, MetaAccount

T = TypeVar("T")
DAY = timedelta(hours=24)
LONGEST_CALL = 150  # seconds: more than reading, trying dry, writing and looking again may take
PATIENCE = 20


@dataclass(frozen=True)
class Preview(Generic[T]):
    """What a write would do: the object's budgets before and after, and what a person is shown.

    `done` is what a caller gets who asked for no more than this.
    """

    done: T
    currency: str
    budgets: Mapping[str, tuple[Decimal | None, Decimal | None]]
    shown: dict[str, Any]


@dataclass(frozen=True)
class Write(Generic[T]):
    """A write that a program asks for; `preview` and `act` open their own transactions and call Meta.

    `also` are the verbs of what follows from it: what is born running is as good as resumed.
    """

    tool: str
    arguments: dict[str, Any]
    verb: Scope
    account_id: UUID
    object_id: UUID | None
    object_name: str
    preview: Callable[[], Preview[T]]
    act: Callable[[], T]
    also: tuple[Scope, ...] = ()


@dataclass(frozen=True)
class Carried(Generic[T]):
    """How it went: done (`dry` when only tried), or held for a person."""

    done: T | None
    dry: bool = False
    approval: Approval | None = None


def carry_out(
    caller: Caller, write: Write[T], *, dry_run: bool = False, approved: bool = False
) -> Carried[T]:
    """Do what the caller's policy allows; PolicyRefused, AccountStopped or ObjectBusy when it may not be.

    `approved`: a person has decided, so that nothing is held, but every limit still holds.
    """
    policy = Policy.read(caller.policy)
    admitted(caller, write.account_id)
    if not caller.policy and not dry_run:
        return Carried(write.act())
    counted = caller.token_id if policy.max_writes_per_day is not None else None
    with alone(counted), alone(write.object_id):
        preview = write.preview()
        with db.transaction() as session:
            move = _move(session, caller, write, preview)
        judged = judging.verdict(policy, move, columns.now())
        if judged.refused:
            raise PolicyRefused(judged.refused)
        if dry_run or policy.dry_run:
            return Carried(preview.done, dry=True)
        if judged.held and not approved:
            hours = policy.approval.expires_hours if policy.approval else 24
            with db.transaction() as session:
                asked = approvals.ask(session, caller, write, preview, judged, lasts=timedelta(hours=hours))
            return Carried(None, approval=asked)
        return Carried(write.act())


def admitted(caller: Caller, account_id: UUID) -> None:
    """AccountStopped while the account's owner lets no program write to it."""
    with db.transaction() as session:
        account = session.get(MetaAccount, account_id)
        if account is None or account.user_id != caller.user_id:
            raise NotFound()
        if account.agents_stopped_at is not None:
            raise AccountStopped()


@contextmanager
def alone(about: UUID | None) -> Iterator[None]:
    """One guarded write of an object, or of a token that may write so often, at a time: two that are judged
    together could together go too far.
    """
    if about is None:
        yield
        return
    lock = broker.connection().lock(
        f"guard:{about}", timeout=LONGEST_CALL, blocking_timeout=PATIENCE, raise_on_release_error=False
    )
    try:
        entered = lock.acquire()
    except LockError:
        entered = False
    if not entered:
        raise ObjectBusy()
    try:
        yield
    finally:
        lock.release()


def _move(session: Session, caller: Caller, write: Write[T], preview: Preview[T]) -> Move:
    earlier = budgets_a_day_ago(session, [write.object_id])[write.object_id] if write.object_id else {}
    budgets = {
        name: Budget(before, after, earlier.get(name, before))
        for name, (before, after) in preview.budgets.items()
    }
    return Move(
        verb=write.verb,
        currency=preview.currency,
        daily=budgets.get("dailyBudget", judging.NO_BUDGET),
        lifetime=budgets.get("lifetimeBudget", judging.NO_BUDGET),
        writes_today=writes_today(session, caller),
        also=write.also,
    )


def budgets_a_day_ago(session: Session, object_ids: Collection[UUID]) -> dict[UUID, dict[str, Decimal]]:
    """What each budget was, in major units, before programs first changed it in the last 24 hours; by object."""
    rows = session.exec(
        select(Change.object_id, Change.before)
        .where(
            col(Change.object_id).in_(object_ids),
            Change.actor_kind == ActorKind.TOKEN,
            col(Change.created_at) > columns.now() - DAY,
            col(Change.outcome) != ChangeOutcome.FAILED,
        )
        .order_by(col(Change.id))
    )
    found: dict[UUID, dict[str, Decimal]] = {one: {} for one in object_ids}
    for object_id, before in rows:
        for name in ("dailyBudget", "lifetimeBudget"):
            if before.get(name) is not None:
                found[object_id].setdefault(name, Decimal(str(before[name])))
    return found


def writes_today(session: Session, caller: Caller) -> int:
    """What the token wrote, and what bulk edits of it have still to write."""
    made = select(func.count()).where(
        Change.user_id == caller.user_id,
        Change.actor_kind == ActorKind.TOKEN,
        Change.actor_id == caller.token_id,
        col(Change.created_at) > columns.now() - DAY,
        col(Change.outcome) != ChangeOutcome.FAILED,
    )
    ordered = (
        select(func.count())
        .select_from(BulkRow)
        .join(BulkRun, col(BulkRun.id) == BulkRow.run_id)
        .where(
            BulkRun.user_id == caller.user_id,
            BulkRun.status == RunState.RUNNING,
            BulkRun.actor_kind == ActorKind.TOKEN,
            BulkRun.actor_id == caller.token_id,
            col(BulkRow.state).in_((RowState.WAITING, RowState.RUNNING)),
        )
    )
    return session.exec(made).one() + session.exec(ordered).one()
