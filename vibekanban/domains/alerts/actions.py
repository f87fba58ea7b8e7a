"""What an alert does when it fires: pausing, pausing until midnight, changing a budget within its guardrails."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel
from sqlalchemy import func, update
from sqlmodel import Session, col, select

from vibekanban.core import columns, db
from vibekanban.core.errors import AppError, Invalid
from vibekanban.core.queue import Lane
from vibekanban.domains.accounts.models import User
from vibekanban.domains.alerts import telling
from vibekanban.domains.alerts.models import ActionOutcome, Alert, AlertEvent, AlertResume
from vibekanban.domains.editing import edits, fields
from vibekanban.domains.editing.edits import Edit
from vibekanban.domains.editing.errors import BudgetChangedTooOften
from vibekanban.domains.guarding import stopping
from vibekanban.domains.meta import changes, connections, money, objects
from vibekanban.domains.meta.changes import Actor
from vibekanban.domains.meta.models import ActorKind, Change, ChangeOutcome, Level, MetaAccount

LEASE = timedelta(minutes=5)  # longer than an edit with its retries
MOST_ATTEMPTS = 5
DONE = (ChangeOutcome.PENDING, ChangeOutcome.APPLIED, ChangeOutcome.UNKNOWN)


class ActionKind(StrEnum):
    PAUSE = "pause"
    PAUSE_TODAY = "pauseToday"
    CHANGE_BUDGET = "changeBudget"


class _Written(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True, extra="forbid")


class Pause(_Written):
    """Until somebody resumes it, or until the account's midnight."""

    kind: Literal[ActionKind.PAUSE, ActionKind.PAUSE_TODAY]


class ChangeBudget(_Written):
    """By percent, never beyond the least and the most, so often an object and day."""

    kind: Literal[ActionKind.CHANGE_BUDGET]
    percent: Annotated[float, Field(ge=-90, le=100, allow_inf_nan=False)]
    at_least: Annotated[float, Field(gt=0, le=1e9)] | None = None
    at_most: Annotated[float, Field(gt=0, le=1e9)]
    per_day: Annotated[int, Field(ge=1, le=4)] = 1  # Meta lets a budget change four times an hour


Action = Pause | ChangeBudget


def read(document: dict[str, Any] | None, level: Level) -> Action | None:
    """The action of a document; Invalid names what is wrong with it."""
    if document is None:
        return None
    kind = ChangeBudget if document.get("kind") == ActionKind.CHANGE_BUDGET else Pause
    try:
        action = kind.model_validate(document)
    except ValidationError as error:
        place = ".".join(["action", *(str(part) for part in error.errors()[0]["loc"])])
        raise Invalid({place: "alerts.field.action"}) from error
    if level is Level.ACCOUNT or (isinstance(action, ChangeBudget) and level is Level.AD):
        raise Invalid({"action": "alerts.field.action_level"})
    if isinstance(action, ChangeBudget) and action.percent == 0:
        raise Invalid({"action.percent": "alerts.field.action"})
    return action


def waiting(session: Session, *, limit: int = 200) -> list[UUID]:
    """Firings whose action is not done and that nobody is at."""
    query = (
        select(AlertEvent.id)
        .where(
            col(AlertEvent.action).is_not(None),
            col(AlertEvent.acted_at).is_(None),
            func.coalesce(AlertEvent.acting_until, AlertEvent.fired_at) < columns.now(),
        )
        .order_by(col(AlertEvent.id))
        .limit(limit)
    )
    return list(session.exec(query))


def act(event_id: UUID) -> ActionOutcome | None:
    """Do what a firing asks for, never twice; None when it is done or another job is at it.

    The change bears the firing's id before Meta is called, so a second try finds the first one's change and lets
    it be. Opens its own transactions.
    """
    with db.transaction() as session:
        event = _claimed(session, event_id)
        if event is None:
            return None
        alert = session.get_one(Alert, event.alert_id)
        account = session.get_one(MetaAccount, event.account_id)
        before = session.exec(select(Change).where(Change.batch_id == event.id)).first()
        stopped = stopping.writes_stopped(session, account.id)
    level = Level(event.level)
    action = read(event.action, level)
    if before is not None:  # its end is settled by looking at the object, as any change's
        return _done(event, account, action, before.id)
    if action is None or not alert.is_active or alert.removed_at is not None:
        return _ended(event, ActionOutcome.SWITCHED_OFF)
    if stopped:  # and it is not made up for later: what fired it may be over by then
        return _ended(event, ActionOutcome.STOPPED)
    try:
        wanted = _fields(action, alert, event, account)
        if isinstance(wanted, ActionOutcome):
            return _ended(event, wanted)
        edit = Edit(level, event.object_id, wanted, account_ids=[account.id])
        done = edits.apply(alert.user_id, edit, actor(alert), batch_id=event.id, lane=Lane.ALERT)
    except BudgetChangedTooOften as error:
        return _ended(event, ActionOutcome.LIMITED, error_code=error.code)
    except AppError as error:
        if error.status < 500 or event.attempts >= MOST_ATTEMPTS:
            return _ended(event, ActionOutcome.REFUSED, error_code=error.code)
        _let_go(event)
        raise
    if not done.changed:
        return _ended(event, ActionOutcome.UNCHANGED)
    return _done(event, account, action, done.change_id)


def _done(
    event: AlertEvent, account: MetaAccount, action: Action | None, change_id: UUID | None
) -> ActionOutcome:
    resume_at = None
    if isinstance(action, Pause) and action.kind is ActionKind.PAUSE_TODAY:
        resume_at = midnight(account, columns.now())
    return _ended(event, ActionOutcome.DONE, change_id, resume_at=resume_at)


def actor(alert: Alert) -> Actor:
    return Actor(ActorKind.RULE, alert.id, alert.name)


def _claimed(session: Session, event_id: UUID) -> AlertEvent | None:
    now = columns.now()
    taken = session.execute(
        update(AlertEvent)
        .where(
            col(AlertEvent.id) == event_id,
            col(AlertEvent.action).is_not(None),
            col(AlertEvent.acted_at).is_(None),
            func.coalesce(AlertEvent.acting_until, AlertEvent.fired_at) < now,
        )
        .values(acting_until=now + LEASE, attempts=AlertEvent.attempts + 1)
        .returning(col(AlertEvent.id))
    ).first()
    return session.get_one(AlertEvent, event_id, populate_existing=True) if taken else None


def _let_go(event: AlertEvent) -> None:
    """Meta was away: another try may begin at once."""
    with db.transaction() as session:
        session.execute(
            update(AlertEvent).where(col(AlertEvent.id) == event.id).values(acting_until=columns.now())
        )


def _ended(
    event: AlertEvent,
    outcome: ActionOutcome,
    change_id: UUID | None = None,
    *,
    error_code: str | None = None,
    resume_at: datetime | None = None,
) -> ActionOutcome:
    """Write down what became of it, with the pause's end, and tell the owner."""
    with db.transaction() as session:
        row = session.get(AlertEvent, event.id, with_for_update=True)
        if row is None:  # its alert was deleted meanwhile
            return outcome
        row.acted_at = columns.now()
        row.outcome, row.change_id, row.error_code = outcome.value, change_id, error_code
        if resume_at is not None:
            session.add(
                AlertResume(
                    event_id=row.id,
                    user_id=row.user_id,
                    level=row.level,
                    object_id=row.object_id,
                    resume_at=resume_at,
                )
            )
        telling.tell_outcome(session, row)
    return outcome


def _fields(
    action: Action, alert: Alert, event: AlertEvent, account: MetaAccount
) -> dict[str, Any] | ActionOutcome:
    """What to set, or why nothing is."""
    if not isinstance(action, ChangeBudget):
        return {"status": "PAUSED"}
    with db.transaction() as session:
        if _changes_today(session, alert, event, account) >= action.per_day:
            return ActionOutcome.LIMITED
        thing = objects.found(session, alert.user_id, Level(event.level), event.object_id)
    with connections.opened(account.id, Lane.ALERT) as meta:
        row = meta.get(thing.meta_id, fields=",".join(("id", *fields.BUDGETS)))
    for name in fields.BUDGETS:
        held = int(row.get(name) or 0)
        if held:
            amount = changed(held, action, account.currency)
            return ActionOutcome.LIMITED if amount is None else {name: amount}
    return ActionOutcome.NO_BUDGET


def changed(held: int, action: ChangeBudget, currency: str) -> Decimal | None:
    """The new budget in major units; None when the guardrails leave nothing of the change."""
    before = money.budget(held, currency) or Decimal()
    after = before * (1 + Decimal(str(action.percent)) / 100)
    if action.percent > 0:
        after = min(after, max(before, Decimal(str(action.at_most))))
    else:
        after = max(after, min(before, Decimal(str(action.at_least or 0))))
    after = after.quantize(Decimal(1).scaleb(-money.decimals(currency)), ROUND_HALF_EVEN)
    return None if after == before or after <= 0 else after


def midnight(account: MetaAccount, now: datetime) -> datetime:
    """When the account's day ends."""
    local = now.astimezone(ZoneInfo(account.timezone))
    following = local.date() + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=local.tzinfo)


def _changes_today(session: Session, alert: Alert, event: AlertEvent, account: MetaAccount) -> int:
    since = midnight(account, columns.now() - timedelta(days=1))
    return session.exec(
        select(func.count()).where(
            Change.actor_id == alert.id,
            Change.object_id == event.object_id,
            Change.created_at >= since,
            col(Change.outcome).in_(DONE),
        )
    ).one()


def due(session: Session, *, limit: int = 200) -> list[UUID]:
    """Pauses that end by now; while a kill switch is on they wait."""
    query = (
        select(AlertResume.event_id)
        .join(AlertEvent, col(AlertEvent.id) == AlertResume.event_id)
        .join(MetaAccount, col(MetaAccount.id) == AlertEvent.account_id)
        .join(User, col(User.id) == MetaAccount.user_id)
        .where(col(AlertResume.done_at).is_(None), AlertResume.resume_at <= columns.now(), stopping.RUNNING)
        .order_by(col(AlertResume.resume_at))
        .limit(limit)
    )
    return list(session.exec(query))


def resume(event_id: UUID) -> bool:
    """End a pause of a day, unless somebody else has changed the object's status since; opens its own transactions."""
    with db.transaction() as session:
        pause = session.get(AlertResume, event_id)
        if pause is None or pause.done_at is not None:
            return False
        event, last = session.get_one(AlertEvent, event_id), _last_switch(session, pause)
        if stopping.writes_stopped(session, event.account_id):
            return False
        alert = session.get_one(Alert, event.alert_id)
    ours = last is not None and last.batch_id == event_id
    try:
        if ours:
            edit = Edit(Level(pause.level), pause.object_id, {"status": "ACTIVE"})
            edits.apply(pause.user_id, edit, actor(alert), lane=Lane.ALERT)
    except AppError as error:
        if error.status >= 500 and columns.now() - pause.resume_at < changes.GIVEN_UP:
            raise
        ours = False
    with db.transaction() as session:
        session.execute(
            update(AlertResume).where(col(AlertResume.event_id) == event_id).values(done_at=columns.now())
        )
    return ours


def _last_switch(session: Session, pause: AlertResume) -> Change | None:
    return session.exec(
        select(Change)
        .where(Change.object_id == pause.object_id, col(Change.after)["status"].astext.is_not(None))
        .order_by(col(Change.id).desc())
        .limit(1)
    ).first()
