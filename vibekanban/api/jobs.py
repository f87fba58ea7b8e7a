"""Routes of long work: asking for a sync, and how far it is."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Day, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.errors import AccountUnreachable, ConnectionNeedsSignIn
from vibekanban.domains.meta.models import SyncKind, SyncStatus

router = APIRouter(tags=["Meta Ads"])


class SyncIn(Wire):
    """Without a body the account is synced afresh; `history` reads a range, as far back as 37 months."""

    kind: SyncKind = SyncKind.ACCOUNT
    since: Day | None = None
    until: Day | None = None

    model_config = example({"kind": "history", "since": "2025-01-01", "until": "2025-12-31"})


class SyncOut(Wire):
    job_id: UUID

    model_config = example({"jobId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"})


class JobOut(Wire):
    """`progress` is in percent; `error` is a stable code when it failed."""

    id: UUID
    kind: SyncKind
    status: SyncStatus
    step: str
    progress: int
    error: str | None
    created_at: Moment
    finished_at: Moment | None


@router.post(
    "/api/meta/accounts/{account_id}/sync",
    status_code=202,
    responses=responses(NotSignedIn, NotFound, Invalid, ConnectionNeedsSignIn, AccountUnreachable),
)
def sync(account_id: UUID, session: SessionDep, user: CurrentUser, body: SyncIn | None = None) -> SyncOut:
    """Ask for a sync; one of the same kind that is under way is answered instead."""
    asked = body or SyncIn()
    if asked.since and asked.until and asked.since > asked.until:
        raise Invalid({"since": "syncs.field.range"})
    found = syncs.request(session, user.id, account_id, asked.kind, since=asked.since, until=asked.until)
    return SyncOut(job_id=found.id)


@router.get("/api/jobs/{job_id}", responses=responses(NotSignedIn, NotFound))
def job(job_id: UUID, session: SessionDep, user: CurrentUser) -> JobOut:
    """How far a sync is."""
    found = syncs.one(session, user.id, job_id)
    return JobOut(
        id=found.id,
        kind=found.kind,
        status=found.status,
        step=found.step,
        progress=found.progress,
        error=found.error_code,
        created_at=found.created_at,
        finished_at=found.finished_at,
    )
