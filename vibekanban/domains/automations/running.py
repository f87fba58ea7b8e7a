"""Running an automation at once, by its own path in n8n."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, update
from sqlmodel import Session, col, select

from vibekanban.clients.n8n.errors import Missing, N8nError
from vibekanban.core import columns, db
from vibekanban.core.logging import logger, scrub
from vibekanban.domains.automations import deploying, polling, rendering, server, telling
from vibekanban.domains.automations.models import Automation, Wanted

log = logger(__name__)


def asked(session: Session, *, limit: int = 100) -> list[UUID]:
    """Automations that somebody asked to run and no job took up."""
    query = select(Automation.id).where(*_due()).limit(limit)
    return list(session.exec(query))


def run(automation_id: UUID) -> None:
    """Start it, at most once for each time it was asked; opens its own transactions.

    n8n knows no idempotency keys, and a run may change budgets: so the wish is taken before n8n is called, and
    one whose answer is lost is not sent again. While n8n still follows a change the wish waits for it.
    """
    with db.transaction() as session:
        taken = session.execute(
            update(Automation)
            .where(col(Automation.id) == automation_id, *_due())
            .values(run_asked_at=None)
            .returning(col(Automation.id))
        ).first()
        automation = session.get(Automation, automation_id, populate_existing=True) if taken else None
    if automation is None:
        return
    try:
        with server.opened() as n8n:
            n8n.run(
                rendering.run_path(automation),
                {"askedAt": columns.now().isoformat()},
                headers={rendering.HEADER: deploying.run_key(automation)},
            )
    except N8nError as error:
        log.warning("automation_not_run", automation=str(automation_id), error=error.code)
        _not_run(automation, error)
        return
    with db.transaction() as session:
        session.execute(
            update(Automation).where(col(Automation.id) == automation_id).values(problem="", detail="")
        )
        polling.order_soon(session)


def _due() -> tuple[ColumnElement[bool], ...]:
    return col(Automation.run_asked_at).is_not(None), col(Automation.settled).is_(True)


def _not_run(automation: Automation, error: N8nError) -> None:
    with db.transaction() as session:
        row = session.get(Automation, automation.id, with_for_update=True)
        if row is None:
            return
        moved = isinstance(error, Missing) and row.revision != automation.revision
        if moved and row.wanted is Wanted.RUNNING:
            # its path went with a change meanwhile, so nothing ran: the wish holds for what is there now
            row.run_asked_at = row.run_asked_at or columns.now()
            if row.settled:
                deploying.order_run(session, row.id)
            return
        row.problem, row.detail = error.code, scrub(str(error.params.get("reason", "")))[:300]
        telling.show(session, row)
