"""Jobs of calls that waited for a person: run when approved, closed when nobody decided."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db, queue
from vibekanban.domains.guarding import approvals
from vibekanban.domains.tools import calls


def run_approved(approval_id: str) -> None:
    """Carry out one approved call."""
    calls.run_approved(UUID(approval_id))


def sweep_approvals() -> None:
    """Close what is over, and order again what was approved and never ran."""
    with db.transaction() as session:
        approvals.expire(session)
        for one in approvals.unfinished(session):
            queue.enqueue(session, queue.Job.RUN_APPROVED, str(one), job_id=f"approved-{one}")
