"""Objects that Meta is still working on, an ad in review say: looked at again until their state is final."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session

from vibekanban.core import db, queue
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.meta import connections, objects, structure
from vibekanban.domains.meta.models import Level
from vibekanban.domains.meta.objects import Thing

UNSETTLED = frozenset({"IN_PROCESS", "PENDING_REVIEW"})
# most reviews end within minutes, some take a day; after that the syncs go on looking
PAUSES = (10, 60, 300, 1800, 7200, 21600, 86400)


def order(session: Session, level: Level, thing: Thing, attempt: int = 0) -> None:
    """Have the object looked at after a pause, if Meta is not done with it."""
    if thing.effective_status not in UNSETTLED or attempt >= len(PAUSES):
        return
    queue.enqueue(
        session,
        Job.LOOK_AGAIN,
        level.value,
        str(thing.id),
        attempt,
        lane=Lane.TODAY,
        job_id=f"look-{thing.id}-{attempt}",
        delay=timedelta(seconds=PAUSES[attempt]),
        retry=(),
    )


def look(level: Level, object_id: UUID, attempt: int) -> None:
    """Write what Meta says now, and look again while that is not final."""
    with db.transaction() as session:
        thing = session.get(objects.TABLES[level], object_id)
    if thing is None or thing.effective_status not in UNSETTLED:
        return
    with connections.opened(thing.account_id, Lane.TODAY) as meta:
        row = meta.get(thing.meta_id, fields=structure.FIELDS[level])
    with db.transaction() as session:
        order(session, level, objects.refresh(session, level, object_id, row), attempt + 1)
