"""Calls that wait for a person: asked, decided, run, expired."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
from sqlmodel import Session, col, func, select, update

from vibekanban.core import columns, events, queue
from vibekanban.core.errors import NotFound
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import McpToken
from vibekanban.domains.guarding.errors import AlreadyDecided
from vibekanban.domains.guarding.judging import Verdict
from vibekanban.domains.guarding.models import Approval, ApprovalStatus
from vibekanban.domains.notifications import channels

if TYPE_CHECKING:
    from vibekanban.domains.guarding.writes import Preview, Write

PAGE = "/app/approvals"
OPEN = (ApprovalStatus.PENDING, ApprovalStatus.APPROVED)


def ask(
    session: Session,
    caller: Caller,
    write: Write[Any],
    preview: Preview[Any],
    judged: Verdict,
    *,
    lasts: timedelta,
) -> Approval:
    """The row that waits for this call; a model that asks the same again finds the one it made."""
    digest = hashlib.sha256(
        orjson.dumps([str(caller.token_id), write.tool, write.arguments], option=orjson.OPT_SORT_KEYS)
    ).hexdigest()
    waiting = session.exec(
        select(Approval).where(
            Approval.user_id == caller.user_id,
            Approval.digest == digest,
            Approval.status == ApprovalStatus.PENDING,
            col(Approval.expires_at) > columns.now(),
        )
    ).first()
    if waiting is not None:
        return waiting
    made = Approval(
        user_id=caller.user_id,
        token_id=caller.token_id,
        token_name=caller.name,
        account_id=write.account_id,
        tool=write.tool,
        arguments=write.arguments,
        digest=digest,
        object_id=write.object_id,
        object_name=write.object_name,
        preview=preview.shown,
        reasons=[reason.value for reason in judged.held],
        expires_at=columns.now() + lasts,
    )
    session.add(made)
    session.flush()
    channels.deliver(
        session,
        caller.user_id,
        kind="approval_waiting",
        data={
            "token": caller.name,
            "tool": write.tool,
            "name": write.object_name,
            "approval": str(made.id),
            "href": PAGE,
        },
        channels=[],
        dedupe_key=f"approval-{made.id}",
    )
    _show(session, made)
    return made


def approvals(
    session: Session,
    user_id: UUID,
    *,
    status: ApprovalStatus | None = None,
    token_id: UUID | None = None,
    before: UUID | None = None,
    limit: int = 25,
) -> list[Approval]:
    """The user's held calls, newest first."""
    query = select(Approval).where(Approval.user_id == user_id)
    if status is not None:
        query = query.where(Approval.status == status)
    if token_id is not None:
        query = query.where(Approval.token_id == token_id)
    if before is not None:
        query = query.where(Approval.id < before)
    return list(session.exec(query.order_by(col(Approval.id).desc()).limit(limit)))


def approval(session: Session, user_id: UUID, approval_id: UUID, *, token_id: UUID | None = None) -> Approval:
    """One of the user's held calls; of one token when its program asks."""
    query = select(Approval).where(Approval.id == approval_id, Approval.user_id == user_id)
    if token_id is not None:
        query = query.where(Approval.token_id == token_id)
    found = session.exec(query).first()
    if found is None:
        raise NotFound()
    return found


def waiting(session: Session, user_id: UUID) -> int:
    """How many calls wait for this person."""
    query = select(func.count()).where(
        Approval.user_id == user_id,
        Approval.status == ApprovalStatus.PENDING,
        col(Approval.expires_at) > columns.now(),
    )
    return session.exec(query).one()


def approve(session: Session, user_id: UUID, approval_id: UUID, *, note: str = "") -> Approval:
    """Let it run: a job does, as the token that asked; AlreadyDecided when it no longer waits."""
    found = _undecided(session, user_id, approval_id)
    _decide(session, found, ApprovalStatus.APPROVED, note)
    queue.enqueue(session, queue.Job.RUN_APPROVED, str(found.id), job_id=f"approved-{found.id}")
    return found


def reject(session: Session, user_id: UUID, approval_id: UUID, *, note: str = "") -> Approval:
    """Refuse it; the program reads the note."""
    found = _undecided(session, user_id, approval_id)
    _decide(session, found, ApprovalStatus.REJECTED, note)
    return found


def to_run(session: Session, approval_id: UUID) -> tuple[Approval, Caller] | None:
    """An approved call and who asked; None when it ran already.

    The token is looked at anew: revoked, expired or stopped meanwhile, the call fails.
    """
    found = session.get(Approval, approval_id, with_for_update=True)
    if found is None or found.status is not ApprovalStatus.APPROVED:
        return None
    token = session.get_one(McpToken, found.token_id)
    live = token.revoked_at is None and (token.expires_at is None or token.expires_at > columns.now())
    caller = Caller(
        token.id,
        token.user_id,
        token.name,
        token.account_ids,
        token.scopes,
        token.policy,
        stopped=not live or token.stopped_at is not None,
    )
    return found, caller


def settle(
    session: Session,
    approval_id: UUID,
    *,
    result: dict[str, Any] | None = None,
    error_code: str | None = None,
) -> None:
    """Say how an approved call ended; once."""
    found = session.get(Approval, approval_id, with_for_update=True)
    if found is None or found.status is not ApprovalStatus.APPROVED:
        return
    found.status = ApprovalStatus.DONE if error_code is None else ApprovalStatus.FAILED
    found.result, found.error_code = result, error_code
    session.flush()
    _show(session, found)


def unfinished(session: Session, *, limit: int = 200) -> list[UUID]:
    """Approved calls whose job was lost."""
    query = (
        select(Approval.id)
        .where(
            Approval.status == ApprovalStatus.APPROVED,
            col(Approval.decided_at) < columns.now() - timedelta(minutes=2),
        )
        .limit(limit)
    )
    return list(session.exec(query))


def expire(session: Session) -> Sequence[UUID]:
    """Close what nobody decided in time."""
    gone = session.execute(
        update(Approval)
        .where(col(Approval.status) == ApprovalStatus.PENDING, col(Approval.expires_at) <= columns.now())
        .values(status=ApprovalStatus.EXPIRED, decided_at=columns.now())
        .returning(col(Approval.id), col(Approval.user_id), col(Approval.account_id))
    ).all()
    for one, user_id, account_id in gone:
        events.publish(
            session, user_id, events.Topic.APPROVALS, account_id=account_id, id=str(one), status="expired"
        )
    return [one for one, _, _ in gone]


def _undecided(session: Session, user_id: UUID, approval_id: UUID) -> Approval:
    query = select(Approval).where(Approval.id == approval_id, Approval.user_id == user_id)
    found = session.exec(query.with_for_update()).first()
    if found is None:
        raise NotFound()
    if found.status is not ApprovalStatus.PENDING or found.expires_at <= columns.now():
        raise AlreadyDecided()
    return found


def _decide(session: Session, found: Approval, status: ApprovalStatus, note: str) -> None:
    found.status, found.note, found.decided_at = status, note.replace("\x00", "").strip()[:500], columns.now()
    session.flush()
    _show(session, found)


def _show(session: Session, found: Approval) -> None:
    events.publish(
        session,
        found.user_id,
        events.Topic.APPROVALS,
        account_id=found.account_id,
        id=str(found.id),
        status=found.status.value,
    )
