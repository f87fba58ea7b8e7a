"""Jobs of programs' calls: run when approved, closed when nobody decided, forgotten when they are old."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db, queue
from vibekanban.domains.access import audit
from vibekanban.domains.guarding import approvals
from vibekanban.domains.tools import calls

MOST_BATCHES = 200  # of one night; the rest has time


def run_approved(approval_id: str) -> None:
    """Carry out one approved call."""
    calls.run_approved(UUID(approval_id))


def sweep_approvals() -> None:
    """Close what is over, and order again what was approved and never ran."""
    with db.transaction() as session:
        approvals.expire(session)
        for one in approvals.unfinished(session):
            queue.enqueue(session, queue.Job.RUN_APPROVED, str(one), job_id=f"approved-{one}")


def forget_old() -> None:
    """Delete calls that are kept no longer, batch by batch, so that nobody waits for it."""
    for _ in range(MOST_BATCHES):
        with db.transaction() as session:
            if audit.forget_old(session) < audit.BATCH:
                return
