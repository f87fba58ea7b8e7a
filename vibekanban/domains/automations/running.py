"""Running an automation at once, by its own path in n8n."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update
from sqlmodel import Session, col, select

from vibekanban.clients.n8n.errors import N8nError
from vibekanban.core import columns, db
from vibekanban.core.logging import logger, scrub
from vibekanban.domains.automations import deploying, polling, rendering, server, telling
from vibekanban.domains.automations.models import Automation

log = logger(__name__)


def asked(session: Session, *, limit: int = 100) -> list[UUID]:
    """Automations that somebody asked to run and no job took up."""
    query = select(Automation.id).where(col(Automation.run_asked_at).is_not(None)).limit(limit)
    return list(session.exec(query))


def run(automation_id: UUID) -> None:
    """Start it, at most once for each time it was asked; opens its own transactions.

    n8n knows no idempotency keys, and a run may change budgets: so the wish is taken before n8n is called, and
    one whose answer is lost is not sent again.
    """
    with db.transaction() as session:
        taken = session.execute(
            update(Automation)
            .where(col(Automation.id) == automation_id, col(Automation.run_asked_at).is_not(None))
            .values(run_asked_at=None)
            .returning(col(Automation.id))
        ).first()
        automation = session.get(Automation, automation_id, populate_existing=True) if taken else None
    if automation is None:
        return
    try:
        with server.opened() as n8n:
            n8n.run(
                automation.run_path,
                {"askedAt": columns.now().isoformat()},
                headers={rendering.HEADER: deploying.run_key(automation)},
            )
    except N8nError as error:
        log.warning("automation_not_run", automation=str(automation_id), error=error.code)
        reason = scrub(str(error.params.get("reason", "")))[:300]
        with db.transaction() as session:
            row = session.get(Automation, automation_id)
            if row is not None:
                row.problem, row.detail = error.code, reason
                telling.show(session, row)
        return
    with db.transaction() as session:
        session.execute(
            update(Automation).where(col(Automation.id) == automation_id).values(problem="", detail="")
        )
        polling.order_soon(session)
