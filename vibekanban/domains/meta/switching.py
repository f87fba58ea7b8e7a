"""Pausing and resuming a campaign, an ad set or an ad at Meta: read, write down, call, settle."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlmodel import Session

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.core.errors import AppError, Conflict, OutsideFailed
from vibekanban.core.queue import Lane
from vibekanban.domains.meta import changes, connections, objects
from vibekanban.domains.meta.models import Change, ChangeOutcome, Level
from vibekanban.domains.meta.objects import LIVE_FIELDS, Live, Thing


class Verb(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"

    @property
    def status(self) -> str:
        return "PAUSED" if self is Verb.PAUSE else "ACTIVE"


class NotSwitchable(Conflict):
    """An archived or deleted object can be neither paused nor resumed."""

    code = "not_switchable"


class Unconfirmed(OutsideFailed):
    """Meta was told, but neither its answer nor a look afterwards came back; a job settles it."""

    code = "change_unconfirmed"


@dataclass(frozen=True)
class Switched:
    """The object afterwards; `changed` is False when it was so already."""

    thing: Thing
    changed: bool
    before: Live
    after: Live
    change_id: UUID | None


def switch(
    user_id: UUID,
    level: Level,
    reference: UUID | str,
    verb: Verb,
    *,
    actor: changes.Actor,
    account_ids: Sequence[UUID] | None = None,
) -> Switched:
    """Pause or resume at Meta and log it; opens its own short transactions, none during a call.

    What Meta says counts, not our copy: an object that is so already at Meta is left alone.
    """
    with db.transaction() as session:
        thing = objects.found(session, user_id, level, reference, account_ids=account_ids)
    with connections.opened(thing.account_id, Lane.HUMAN) as meta:
        before = _look(meta, thing)
        if before.status == verb.status:
            with db.transaction() as session:
                thing = objects.refresh(session, level, thing.id, before)
            return Switched(thing, False, before, before, None)
        if before.status not in {"ACTIVE", "PAUSED"}:
            raise NotSwitchable(status=before.status)
        with db.transaction() as session:
            change = changes.begin(
                session,
                thing,
                level=level,
                object_id=thing.id,
                action=verb.value,
                actor=actor,
                before=before.shown,
                after={"status": verb.status},
            )
        after = _write(meta, thing, verb, change)
    with db.transaction() as session:
        thing = _applied(session, change, after)
    return Switched(thing, True, before, after, change.id)


def resolve(change: Change) -> ChangeOutcome:
    """Settle a stranded change by looking at the object; UNKNOWN when Meta could not be asked for a day."""
    try:
        with db.transaction() as session:
            thing = objects.found(session, change.user_id, change.level, change.object_id)
        with connections.opened(change.account_id, Lane.TODAY) as meta:
            live = _look(meta, thing)
    except AppError as error:
        if columns.now() - change.created_at < changes.GIVEN_UP:
            raise
        with db.transaction() as session:
            changes.settle(session, change.id, ChangeOutcome.UNKNOWN, error_code=error.code)
        return ChangeOutcome.UNKNOWN
    with db.transaction() as session:
        if live.status == change.after["status"]:
            _applied(session, change, live)
            return ChangeOutcome.APPLIED
        objects.refresh(session, change.level, change.object_id, live)
        changes.settle(session, change.id, ChangeOutcome.FAILED, error_code="not_applied")
        return ChangeOutcome.FAILED


def _look(meta: Gateway, thing: Thing) -> Live:
    return Live.of(meta.get(thing.meta_id, fields=LIVE_FIELDS))


def _write(meta: Gateway, thing: Thing, verb: Verb, change: Change) -> Live:
    """Tell Meta once, then look: the answer does not carry the effective status."""
    try:
        meta.post(thing.meta_id, status=verb.status)
    except meta_errors.UnknownOutcome as error:
        after = _look_again(meta, thing)
        if after is None:
            raise Unconfirmed(service="meta") from error
        if after.status != verb.status:
            _failed(change, error)
            raise
        return after
    except meta_errors.MetaError as error:
        _failed(change, error)
        raise
    return _look_again(meta, thing) or Live(verb.status, thing.effective_status, None)


def _look_again(meta: Gateway, thing: Thing) -> Live | None:
    try:
        return _look(meta, thing)
    except meta_errors.MetaError:
        return None


def _failed(change: Change, error: AppError) -> None:
    with db.transaction() as session:
        changes.settle(session, change.id, ChangeOutcome.FAILED, error_code=error.code)


def _applied(session: Session, change: Change, live: Live) -> Thing:
    changes.settle(session, change.id, ChangeOutcome.APPLIED, after=live.shown)
    return objects.refresh(session, change.level, change.object_id, live)
