"""Tools of long work, whatever it is: how far it is, and calling it off; for who can not follow a call."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from sqlmodel import Session

from vibekanban.core import db, i18n
from vibekanban.core.errors import NotFound
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.editing.bulk import Ran
from vibekanban.domains.editing.errors import Cancelled
from vibekanban.domains.editing.models import RowState, RunState
from vibekanban.domains.meta import calling_off, syncs
from vibekanban.domains.meta.models import Sync
from vibekanban.domains.tools import bulk
from vibekanban.domains.tools.shapes import Arguments
from vibekanban.domains.tools.tool import Context, Done


class JobError(Shape):
    """Why it failed, or what called it off."""

    code: str
    message: str


class JobRow(Shape):
    """`progress` is in percent; `cancellable` says whether cancel_job can still stop anything."""

    id: UUID
    kind: Literal["sync", "bulk"]
    action: str
    account_ids: list[UUID]
    status: Literal["queued", "running", "waiting", "done", "failed", "cancelled"]
    progress: int
    message: str
    error: JobError | None
    cancellable: bool
    details_tool: Literal["get_sync", "get_bulk"]
    created_at: Moment
    finished_at: Moment | None


class OfJob(Arguments):
    job_id: UUID


def get(context: Context, asked: OfJob) -> Done:
    with db.transaction() as session:
        return _done(_found(session, context, asked.job_id), context.locale)


def cancel(context: Context, asked: OfJob) -> Done:
    """Who may begin it may call it off; of what is over nothing changes."""
    user_id = context.caller.user_id
    with db.transaction() as session:
        found = _found(session, context, asked.job_id)
        if isinstance(found, Sync):
            return _done(calling_off.call_off(session, user_id, found.id), context.locale)
        return _done(bulk.called_off(session, context, found), context.locale)


def _found(session: Session, context: Context, job_id: UUID) -> Sync | Ran:
    """A sync of an account that the token reaches, or a bulk edit of nothing else."""
    try:
        sync = syncs.one(session, context.caller.user_id, job_id)
    except NotFound:
        return bulk.reached(session, context, job_id)
    if sync.account_id not in context.caller.account_ids:
        raise NotFound()
    return sync


def _done(found: Sync | Ran, locale: i18n.Locale) -> Done:
    row = _of_sync(found, locale) if isinstance(found, Sync) else _of_bulk(found, locale)
    account_id = row.account_ids[0] if len(row.account_ids) == 1 else None
    return Done(row, account_id=account_id, object_id=str(row.id))


def _of_sync(sync: Sync, locale: i18n.Locale) -> JobRow:
    code = sync.error_code
    return JobRow(
        id=sync.id,
        kind="sync",
        action=sync.kind.value,
        account_ids=[sync.account_id],
        status=sync.status.value,
        progress=sync.progress,
        message=syncs.said(sync, locale),
        error=JobError(code=code, message=i18n.say(locale, f"errors.{code}")) if code else None,
        cancellable=calling_off.may_be_called_off(sync),
        details_tool="get_sync",
        created_at=sync.created_at,
        finished_at=sync.finished_at,
    )


def _of_bulk(found: Ran, locale: i18n.Locale) -> JobRow:
    run, settled = found.run, found.run.done + found.run.failed
    called_off = any(row.error_code == Cancelled.code for row in found.rows)
    over = run.status is RunState.DONE
    words = "mcp.done.bulk_done" if over else "mcp.done.bulk_running"
    error = JobError(code=Cancelled.code, message=Cancelled().sentence(locale)) if called_off else None
    return JobRow(
        id=run.id,
        kind="bulk",
        action=run.action,
        account_ids=sorted({row.account_id for row in found.rows if row.account_id}),
        status=("cancelled" if called_off else "done") if over else "running",
        progress=100 if over else settled * 100 // max(1, run.total),
        message=i18n.say(locale, words, total=run.total, done=run.done, failed=run.failed),
        error=error,
        cancellable=not over and any(row.state is RowState.WAITING for row in found.rows),
        details_tool="get_bulk",
        created_at=run.created_at,
        finished_at=run.finished_at,
    )
