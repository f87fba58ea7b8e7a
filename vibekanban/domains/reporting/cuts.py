"""Breakdowns of a report: which days Meta still has to be asked for, and how far that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core import columns
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.errors import AccountUnreachable, ConnectionNeedsSignIn
from vibekanban.domains.meta.metrics import Range
from vibekanban.domains.meta.models import Sync, SyncKind, SyncStatus
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.reading import ReadDay

FRESH = timedelta(minutes=15)


@dataclass(frozen=True)
class Fetching:
    """Reading a breakdown: under way with `progress` in percent, or failed with a code."""

    jobs: list[Sync]
    refused: str | None = None

    @property
    def under_way(self) -> bool:
        return any(job.status in syncs.OPEN for job in self.jobs)

    @property
    def progress(self) -> int:
        return sum(100 if job.status is SyncStatus.DONE else job.progress for job in self.jobs) // len(
            self.jobs
        )

    @property
    def error(self) -> str | None:
        ended = [job.error_code for job in self.jobs if job.status not in syncs.OPEN]
        return self.refused or next((code for code in ended if code), None)


def fetch(session: Session, user_id: UUID, answer: Answer, *, again: bool = False) -> Fetching | None:
    """Order what a report's breakdown lacks; None when nothing does.

    What failed within the hour is not ordered again by itself, only with `again`.
    """
    definition = answer.definition
    if not definition.breakdown:
        return None
    spans = [
        span
        for days in (answer.asked, answer.compared)
        if days
        for span in [_lacking(answer.read, days)]
        if span
    ]
    try:
        jobs = [_ordered(session, user_id, answer, span, again=again) for span in spans]
    except (ConnectionNeedsSignIn, AccountUnreachable) as refused:  # what we hold is shown all the same
        return Fetching([], refused.code)
    return Fetching(jobs) if jobs else None


def _ordered(session: Session, user_id: UUID, answer: Answer, span: Range, *, again: bool) -> Sync:
    job = None if again else _recent(session, answer, span)
    return job or syncs.request(
        session,
        user_id,
        answer.account.id,
        SyncKind.BREAKDOWN,
        since=span.since,
        until=span.until,
        level=answer.definition.level,
        breakdown=answer.definition.breakdown.value,
    )


def _lacking(read: list[ReadDay], days: Range) -> Range | None:
    """From the first to the last day that was never read, or moved on since it was."""
    moment = columns.now()
    lacking: list[date] = [
        one.day
        for one in read
        if days.since <= one.day <= days.until
        and (one.read_at is None or (one.late and moment - one.read_at > FRESH))
    ]
    return Range(min(lacking), max(lacking)) if lacking else None


def _recent(session: Session, answer: Answer, span: Range) -> Sync | None:
    """The same, under way or failed a while ago."""
    definition = answer.definition
    found = session.exec(
        select(Sync)
        .where(
            Sync.account_id == answer.account.id,
            Sync.kind == SyncKind.BREAKDOWN,
            Sync.level == definition.level,
            Sync.breakdown == definition.breakdown.value,
            Sync.since <= span.since,  # pyright: ignore[reportOptionalOperand]
            Sync.until >= span.until,  # pyright: ignore[reportOptionalOperand]
        )
        .order_by(col(Sync.id).desc())
        .limit(1)
    ).first()
    if found is None or found.status in syncs.OPEN:
        return found
    failed = found.status is not SyncStatus.DONE or found.error_code is not None
    lately = found.finished_at is not None and columns.now() - found.finished_at < syncs.PAUSE
    return found if failed and lately else None
