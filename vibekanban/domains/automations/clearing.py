"""Clearing n8n of automations whose row is gone, as with a person who was deleted.

`AutomationPlace` outlives what it is about and names all there is to look for. Everything is done twice: at once, and
again when no job that was at the automation can be under way any more; only then the place is forgotten.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, or_
from sqlmodel import Session, col, select

from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import N8nError
from vibekanban.core import columns, db, queue
from vibekanban.core.logging import logger
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.accounts.models import User
from vibekanban.domains.automations import deploying, rendering, server
from vibekanban.domains.automations.models import Automation, AutomationPlace

LONGEST_PAUSE = timedelta(hours=1)

log = logger(__name__)


def left(session: Session, *, limit: int = 100) -> list[UUID]:
    """Automations that are gone, that n8n may still hold, and that nobody is at."""
    query = (
        select(AutomationPlace.automation_id)
        .where(~_lives(), or_(col(AutomationPlace.again_at).is_(None), _due()))
        .order_by(col(AutomationPlace.again_at).nulls_first())
        .limit(limit)
    )
    return list(session.exec(query))


def order(session: Session, automation_id: UUID) -> None:
    queue.enqueue(
        session,
        Job.CLEAR_AUTOMATION,
        str(automation_id),
        lane=Lane.HISTORY,
        job_id=f"automation-clear-{automation_id}",
        timeout=deploying.TIMEOUT,
        retry=(),
    )


def clear(automation_id: UUID) -> None:
    """Have n8n forget it, its credentials, and with their last one its owner's tenant; opens its own transactions."""
    place = _claimed(automation_id)
    if place is None:
        return
    try:
        with server.opened() as n8n:
            _forget(n8n, place)
            if _cleared(automation_id) and server.keeps_apart():
                tenant = n8n.tenant_id(rendering.tenant_address(place.user_id))
                if tenant is not None:
                    n8n.delete_tenant(tenant)
    except N8nError as error:
        log.warning("automation_not_cleared", automation=str(automation_id), error=error.code)
        _later(automation_id)
        return
    _done(automation_id)


def _lives() -> ColumnElement[bool]:
    return select(Automation.id).where(Automation.id == AutomationPlace.automation_id).exists()


def _due() -> ColumnElement[bool]:
    return col(AutomationPlace.again_at) < columns.now()


def _claimed(automation_id: UUID) -> AutomationPlace | None:
    """The place, for this job alone; None when there is nothing to do."""
    query = (
        select(AutomationPlace)
        .where(
            AutomationPlace.automation_id == automation_id,
            ~_lives(),
            or_(col(AutomationPlace.again_at).is_(None), _due()),
        )
        .with_for_update()
    )
    with db.transaction() as session:
        place = session.exec(query).first()
        if place is not None:
            place.again_at = columns.now() + deploying.LEASE
            place.attempts += 1
        return place


def _forget(n8n: N8n, place: AutomationPlace) -> None:
    name = rendering.workflow_name(place.automation_id)
    for workflow in [one for one in n8n.workflows(name=name) if one.name == name]:
        n8n.delete_workflow(workflow.id)
    n8n.delete_credential(place.credential_id)
    n8n.delete_credential(place.run_credential_id)


def _cleared(automation_id: UUID) -> bool:
    """Write down that n8n holds nothing of it; whether it was the last thing there of somebody who is gone."""
    with db.transaction() as session:
        place = session.get_one(AutomationPlace, automation_id, with_for_update=True)
        place.cleared_at = place.cleared_at or columns.now()
        session.flush()
        others = select(AutomationPlace.automation_id).where(
            AutomationPlace.user_id == place.user_id, col(AutomationPlace.cleared_at).is_(None)
        )
        owner = select(User.id).where(User.id == place.user_id)
        return session.exec(owner).first() is None and session.exec(others).first() is None


def _done(automation_id: UUID) -> None:
    with db.transaction() as session:
        place = session.get(AutomationPlace, automation_id, with_for_update=True)
        if place is not None and place.cleared_at is not None:
            if columns.now() - place.cleared_at > deploying.LEASE:
                session.delete(place)
            else:
                place.attempts, place.again_at = 0, place.cleared_at + deploying.LEASE + timedelta(seconds=1)


def _later(automation_id: UUID) -> None:
    with db.transaction() as session:
        place = session.get(AutomationPlace, automation_id, with_for_update=True)
        if place is not None:
            place.again_at = columns.now() + min(
                timedelta(seconds=2 ** min(place.attempts, 12)), LONGEST_PAUSE
            )
