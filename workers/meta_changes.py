"""Jobs of what is written at Meta: bulk edits, changes whose writer died, and objects that Meta still works on."""

from __future__ import annotations

from uuid import UUID

from vibekanban.core import db, queue
from vibekanban.core.errors import AppError
from vibekanban.core.logging import logger
from vibekanban.domains.editing import bulk_running, settling, watching
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import Level

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


def run_bulk(run_id: str, hop: int) -> None:
    """One piece of a bulk edit."""
    bulk_running.run(UUID(run_id), hop)


def sweep_bulk() -> None:
    """Take up the bulk edits whose worker died."""
    with db.transaction() as session:
        bulk_running.revive(session)


def look_again(level: str, object_id: str, attempt: int) -> None:
    """See whether Meta is done with an object; when it will not say, the next sync does."""
    try:
        watching.look(Level(level), UUID(object_id), attempt)
    except AppError as error:
        log.warning("object_unsettled", level=level, object=object_id, code=error.code)
