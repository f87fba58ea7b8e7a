"""Jobs of the change log: changes whose writer died are settled by looking at the object."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db, queue
from vibekanban.core.errors import AppError
from vibekanban.core.logging import logger
from vibekanban.domains.editing import settling
from vibekanban.domains.meta import changes

log = logger(__name__)


def sweep_changes() -> None:
    """Order one job for each stranded change."""
    with db.transaction() as session:
        for change in changes.stranded(session):
            queue.enqueue(
                session,
                queue.Job.RESOLVE_CHANGE,
                str(change.id),
                lane=queue.Lane.TODAY,
                job_id=f"change-{change.id}",
                retry=(),
            )


def resolve_change(change_id: str) -> None:
    """Settle one; when Meta will not say, the next sweep orders it again."""
    with db.transaction() as session:
        change = changes.unsettled(session, UUID(change_id))
    if change is None:
        return
    try:
        outcome = settling.resolve(change)
    except AppError as error:
        log.warning("change_unresolved", change=change_id, code=error.code)
    else:
        log.info("change_resolved", change=change_id, outcome=outcome.value)
