"""What an automation's owner is told: what open pages show anew, and notices of what went wrong."""

from __future__ import annotations

from datetime import timedelta
from itertools import groupby
from typing import Any

from sqlmodel import Session, col, select

from vibekanban.core import columns, db, events
from vibekanban.domains.automations.models import Automation, AutomationRun, RunStatus
from vibekanban.domains.notifications import channels

AT_ONCE = 200
LONGEST_REASON = 200
AGAIN_AFTER = timedelta(hours=24)  # one that fails on and on is told of once a day


def show(session: Session, automation: Automation) -> None:
    """Tell the owner's open pages that it changed."""
    events.publish(session, automation.user_id, events.Topic.AUTOMATIONS, id=str(automation.id))


def page(automation: Automation) -> str:
    return f"/app/automation?automation={automation.id}"


def not_deployed(session: Session, automation: Automation) -> None:
    """n8n does not take it: nothing runs until its owner does something."""
    show(session, automation)
    channels.tell(
        session,
        automation.user_id,
        "automation_not_deployed",
        dedupe_key=f"automation:{automation.id}:refused:{automation.revision}",
        href=page(automation),
        automation=automation.name,
        reason=automation.detail[:LONGEST_REASON],
        automationId=str(automation.id),
    )


def tell() -> int:
    """Tell every failed run that was not told; says how many. Opens its own transactions."""
    told = 0
    while True:
        with db.transaction() as session:
            found = _untold(session)
            for automation_id, together in groupby(found, key=lambda run: run.automation_id):
                _tell(session, session.get_one(Automation, automation_id), list(together))
        told += len(found)
        if len(found) < AT_ONCE:
            return told


def _untold(session: Session) -> list[AutomationRun]:
    """Some failures for this job alone."""
    query = (
        select(AutomationRun)
        .where(AutomationRun.status == RunStatus.FAILED, col(AutomationRun.told_at).is_(None))
        .order_by(col(AutomationRun.automation_id), col(AutomationRun.started_at))
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return list(session.exec(query))


def _tell(session: Session, automation: Automation, together: list[AutomationRun]) -> None:
    """The first failure after a success at once, those that follow it once a day, with their number."""
    now = columns.now()
    streak = _streak(session, automation)
    first = all(run.told_at is None for run in streak)
    for run in together:
        run.told_at = now
    if not streak:  # one that was late: it has succeeded since
        return
    if not first and automation.told_at is not None and now - automation.told_at < AGAIN_AFTER:
        return
    last = streak[0]
    data: dict[str, Any] = {
        "automation": automation.name,
        "reason": last.error[:LONGEST_REASON] or "?",
        "count": len(streak),
        "automationId": str(automation.id),
        "runId": str(last.id),
    }
    channels.tell(
        session,
        automation.user_id,
        "automation_failed" if len(streak) == 1 else "automation_failing",
        dedupe_key=f"automation:{automation.id}:run:{last.id}",
        href=page(automation),
        **data,
    )
    automation.told_at = now
    session.flush()


def _streak(session: Session, automation: Automation, *, most: int = 1000) -> list[AutomationRun]:
    """Failures since the last success, the newest first."""
    query = (
        select(AutomationRun)
        .where(AutomationRun.automation_id == automation.id, AutomationRun.status != RunStatus.RUNNING)
        .order_by(col(AutomationRun.started_at).desc(), col(AutomationRun.id).desc())
        .limit(most)
    )
    found = []
    for run in session.exec(query):
        if run.status is not RunStatus.FAILED:
            break
        found.append(run)
    return found
