"""Jobs of alerts: judging after an account was read, telling what fired, and what either missed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from vibekanban.core import db, queue
from vibekanban.core.logging import logger
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.alerts import actions, alerts, engine, people, telling

log = logger(__name__)


def judge(account_id: str, again: bool = False, at: str | None = None) -> None:
    """Judge one account's alerts; `again` although its numbers are the same, `at` a later moment than theirs."""
    moment = datetime.fromisoformat(at) if at else None
    people.bring(UUID(account_id))
    _judged(engine.judge([UUID(account_id)], again=again, at=moment))


def tell() -> None:
    """Tell the owners what fired."""
    telling.tell()


def act(event_id: str) -> None:
    """Do what one firing asks for."""
    outcome = actions.act(UUID(event_id))
    if outcome is not None:
        log.info("alert_acted", firing=event_id, outcome=outcome.value)


def resume(event_id: str) -> None:
    """End a pause of a day."""
    actions.resume(UUID(event_id))


def sweep() -> None:
    """Judge every account that was read and not judged since; tell, do and end what was missed."""
    _judged(engine.judge())
    telling.tell()
    with db.transaction() as session:
        for event_id in actions.waiting(session):
            queue.enqueue(session, Job.ACT_ON_ALERT, str(event_id), lane=Lane.ALERT, job_id=f"act-{event_id}")
        for event_id in actions.due(session):
            queue.enqueue(
                session, Job.RESUME_AFTER_ALERT, str(event_id), lane=Lane.ALERT, job_id=f"resume-{event_id}"
            )


def forget_removed() -> None:
    """Delete for good what was removed a day ago."""
    with db.transaction() as session:
        alerts.forget_removed(session)


def _judged(fired: int) -> None:
    if fired:
        log.info("alerts_fired", firings=fired)
