"""Reading executions from n8n, for the runs that could not report themselves: all automations in one listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from vibekanban.clients.n8n.api import N8n
from vibekanban.clients.n8n.errors import Missing, N8nError
from vibekanban.clients.n8n.shapes import Execution
from vibekanban.core import columns, db, queue
from vibekanban.core.logging import logger
from vibekanban.core.queue import Job, Lane
from vibekanban.domains.automations import runs, server, telling
from vibekanban.domains.automations.models import Automation, AutomationPoll, AutomationRun, RunStatus

OVERLAP = timedelta(minutes=2)  # what n8n lists late, and clocks that differ
FIRST = timedelta(days=1)
AT_ONCE = 100
TOGETHER = 4  # questions to n8n at the same time
MOST_OPEN = 200
SOON = (timedelta(seconds=3), timedelta(seconds=20))

log = logger(__name__)


def order_soon(session: Session) -> None:
    """Look a few moments from now, when what was just started may have ended."""
    for delay in SOON:
        queue.enqueue(
            session,
            Job.POLL_AUTOMATIONS,
            lane=Lane.HUMAN,
            delay=delay,
            job_id=f"automations-poll-{columns.now():%H%M%S}-{delay.seconds}",
            retry=(),
        )


def poll() -> None:
    """Keep what n8n tells of runs since the last look, and tell of failures; opens its own transactions."""
    with db.transaction() as session:
        if (
            session.exec(
                select(Automation.id).where(col(Automation.workflow_id).is_not(None)).limit(1)
            ).first()
            is None
        ):
            return
        seen = session.get(AutomationPoll, 1)
        since = (seen.seen_until if seen else columns.now() - FIRST) - OVERLAP
    try:
        with server.opened() as n8n:
            newest = _listed(n8n, since)
            _finish_open(n8n, since)
    except N8nError as error:  # the next look begins where the last one ended
        log.warning("executions_not_read", error=error.code)
        return
    with db.transaction() as session:
        row = insert(AutomationPoll).values(id=1, seen_until=newest)
        furthest = func.greatest(col(AutomationPoll.seen_until), row.excluded.seen_until)
        session.execute(row.on_conflict_do_update(index_elements=["id"], set_={"seen_until": furthest}))
    telling.tell()


def _listed(n8n: N8n, since: datetime) -> datetime:
    """Keep every run that began since then; when the newest began."""
    newest = since
    for page in _batched(n8n.executions(started_after=since), AT_ONCE):
        with db.transaction() as session:
            known = _automations(session, page)
            done = _settled(session, known, page)
        ours = [seen for seen in page if seen.workflow_id in known and seen.id not in done]
        _keep(known, _explained(n8n, ours))
        newest = max(newest, *(seen.started_at or since for seen in page))
    return newest


def _finish_open(n8n: N8n, since: datetime) -> None:
    """Ask for runs that began before the listing and had not ended when they were seen last."""
    with db.transaction() as session:
        query = (
            select(AutomationRun.execution_id, Automation)
            .join(Automation, col(Automation.id) == AutomationRun.automation_id)
            .where(col(AutomationRun.seen_ended).is_(False), AutomationRun.started_at < since)
            .order_by(col(AutomationRun.started_at))
            .limit(MOST_OPEN)
        )
        open_runs = [(execution_id, automation) for execution_id, automation in session.exec(query)]
    with ThreadPoolExecutor(TOGETHER) as threads:
        found = list(threads.map(lambda one: _asked(n8n, one[0]), open_runs))
    for (execution_id, automation), seen in zip(open_runs, found, strict=True):
        with db.transaction() as session:
            if seen is None or seen.workflow_id != automation.workflow_id:
                _forgotten(session, automation, execution_id)
            else:
                runs.keep(session, automation, seen)


def _asked(n8n: N8n, execution_id: str) -> Execution | None:
    try:
        return n8n.execution(execution_id)
    except Missing:
        return None


def _forgotten(session: Session, automation: Automation, execution_id: str) -> None:
    """n8n has it no more: a run that reported its end keeps it, another has failed."""
    run = session.exec(
        select(AutomationRun)
        .where(AutomationRun.automation_id == automation.id, AutomationRun.execution_id == execution_id)
        .with_for_update()
    ).one()
    run.seen_ended = True
    if run.status is RunStatus.RUNNING:
        run.status, run.finished_at = RunStatus.FAILED, columns.now()
    telling.show(session, automation)


def _explained(n8n: N8n, listed: Sequence[Execution]) -> Iterable[Execution]:
    """A listing does not say why a run failed: ask for those."""
    with ThreadPoolExecutor(TOGETHER) as threads:
        return list(threads.map(lambda seen: _with_reason(n8n, seen), listed))


def _with_reason(n8n: N8n, seen: Execution) -> Execution:
    if not seen.failed:
        return seen
    try:
        return n8n.execution(seen.id)
    except N8nError as error:
        log.info("execution_unexplained", execution=seen.id, error=error.code)
        return seen


def _automations(session: Session, page: Sequence[Execution]) -> dict[str, Automation]:
    ids = {seen.workflow_id for seen in page}
    query = select(Automation).where(col(Automation.workflow_id).in_(ids))
    return {str(one.workflow_id): one for one in session.exec(query)}


def _settled(session: Session, known: dict[str, Automation], page: Sequence[Execution]) -> set[str]:
    """Runs of the page whose end n8n told before."""
    query = select(AutomationRun.execution_id).where(
        col(AutomationRun.automation_id).in_([one.id for one in known.values()]),
        col(AutomationRun.execution_id).in_([seen.id for seen in page]),
        col(AutomationRun.seen_ended),
    )
    return set(session.exec(query))


def _keep(known: dict[str, Automation], page: Iterable[Execution]) -> None:
    with db.transaction() as session:
        for seen in page:
            runs.keep(session, known[seen.workflow_id], seen)


def _batched(found: Iterator[Execution], size: int) -> Iterator[list[Execution]]:
    while batch := list(islice(found, size)):
        yield batch
