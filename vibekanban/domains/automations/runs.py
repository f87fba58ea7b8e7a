"""Runs of automations: what they report themselves, what n8n tells of them, and what each one did."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from vibekanban.clients.n8n.shapes import Execution
from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.domains.access import audit
from vibekanban.domains.access.hot import Caller
from vibekanban.domains.access.models import AuditEntry
from vibekanban.domains.automations import telling
from vibekanban.domains.automations.models import Automation, AutomationRun, RunStatus

STATUSES = {
    "success": RunStatus.SUCCESS,
    "error": RunStatus.FAILED,
    "crashed": RunStatus.FAILED,
    "canceled": RunStatus.FAILED,
}
LATE = timedelta(seconds=2)  # a call is written down a moment after it was made; and clocks differ
LONGEST = timedelta(minutes=30)  # after which calls are not a run's, even if n8n lost it
MOST_CALLS = 100
LONGEST_ERROR = 500
_QUOTED = re.compile(r'\{\s*"error"\s*:\s*"((?:[^"\\]|\\.)+)"')
_QUOTING = re.compile(r":\s+(?:Streamable HTTP error|Error POSTing)")


@dataclass(frozen=True)
class Report:
    """What a workflow says of its own run."""

    execution_id: str
    status: str
    results: dict[str, Any]
    error: str = ""


def report(session: Session, caller: Caller, automation_id: UUID, said: Report) -> UUID:
    """Keep what a run reports of itself, once; only the automation's own token may."""
    automation = session.get(Automation, automation_id)
    if automation is None or automation.token_id != caller.token_id:
        raise NotFound()
    now = columns.now()
    values = {
        "status": STATUSES[said.status],
        "error": told(said.error),
        "results": audit.redacted(said.results),
        "reported_at": now,
    }
    statement = insert(AutomationRun).values(
        **_identity(automation, said.execution_id), started_at=now, finished_at=now, mode="", **values
    )
    statement = statement.on_conflict_do_update(
        index_elements=["automation_id", "execution_id"],
        set_={
            "status": _worse(statement.excluded.status),
            "error": func.coalesce(func.nullif(col(AutomationRun.error), ""), statement.excluded.error),
            "results": statement.excluded.results,
            "reported_at": now,
            "finished_at": func.coalesce(col(AutomationRun.finished_at), now),
        },
        where=col(AutomationRun.reported_at).is_(None),  # a repeated report says nothing new
    )
    session.execute(statement)
    telling.show(session, automation)
    found = select(AutomationRun.id).where(
        AutomationRun.automation_id == automation_id, AutomationRun.execution_id == said.execution_id
    )
    return session.exec(found).one()


def keep(session: Session, automation: Automation, seen: Execution) -> None:
    """Keep what n8n tells of a run; told again it changes nothing."""
    ended = seen.status in STATUSES
    status = STATUSES.get(seen.status, RunStatus.RUNNING)
    started = seen.started_at or columns.now()
    statement = insert(AutomationRun).values(
        **_identity(automation, seen.id),
        status=status,
        mode=seen.mode[:20],
        seen_ended=ended,
        error=told(seen.error),
        started_at=started,
        finished_at=seen.stopped_at if ended else None,
    )
    statement = statement.on_conflict_do_update(
        index_elements=["automation_id", "execution_id"],
        set_={
            "status": _worse(statement.excluded.status),
            "mode": statement.excluded.mode,
            "seen_ended": statement.excluded.seen_ended,
            "error": func.coalesce(func.nullif(statement.excluded.error, ""), col(AutomationRun.error)),
            "started_at": statement.excluded.started_at,
            "finished_at": func.coalesce(statement.excluded.finished_at, col(AutomationRun.finished_at)),
        },
        where=col(AutomationRun.seen_ended).is_(False),
    )
    changed = session.execute(statement.returning(col(AutomationRun.id))).first()
    if changed is not None:
        telling.show(session, automation)


def _identity(automation: Automation, execution_id: str) -> dict[str, Any]:
    return {
        "id": columns.new_id(),
        "automation_id": automation.id,
        "user_id": automation.user_id,
        "token_id": automation.token_id,
        "execution_id": execution_id,
        "created_at": columns.now(),
    }


def _worse(new: Any) -> Any:
    """Failed, if either says so; a run that ended runs no more."""
    held = col(AutomationRun.status)
    return case(
        (held == RunStatus.FAILED, held),
        (new == RunStatus.FAILED, new),
        (held == RunStatus.SUCCESS, held),
        else_=new,
    )


def told(error: str) -> str:
    """An error as a person reads it: of an answer of ours that n8n quotes, its sentence alone; without secrets."""
    quoted = _QUOTED.search(error)
    if quoted is not None:
        before = _QUOTING.split(error[: quoted.start()])[0].strip(" .:·")
        error = f"{before}. {_spoken(quoted[1])}".removeprefix(". ")
    return audit.text(error)[:LONGEST_ERROR]


def _spoken(quoted: str) -> str:
    """What stands in a string of JSON; as it is, where that is none."""
    try:
        return str(json.loads(f'"{quoted}"', strict=False))
    except ValueError:
        return quoted


# -- reading


@dataclass(frozen=True)
class Done:
    """A run with the calls that were its."""

    run: AutomationRun
    calls: list[AuditEntry]


def runs(
    session: Session, user_id: UUID, automation_id: UUID, *, before: UUID | None = None, limit: int = 25
) -> list[Done]:
    """Runs of one's automation, newest first, with what each did."""
    owned = select(Automation.id).where(Automation.id == automation_id, Automation.user_id == user_id)
    if session.exec(owned).first() is None:
        raise NotFound()
    query = select(AutomationRun).where(AutomationRun.automation_id == automation_id)
    if before is not None:
        query = query.where(AutomationRun.id < before)
    found = session.exec(query.order_by(col(AutomationRun.id).desc()).limit(limit)).all()
    return _with_calls(session, found)


def _with_calls(session: Session, found: Sequence[AutomationRun]) -> list[Done]:
    named = _named(session, found)
    meanwhile = _meanwhile(session, [run for run in found if run.id not in named])
    return [Done(run, named.get(run.id) or meanwhile.get(run.id, [])) for run in found]


def _named(session: Session, found: Sequence[AutomationRun]) -> dict[UUID, list[AuditEntry]]:
    """Calls of their tokens that say which run they are of."""
    return _calls(session, found, col(AuditEntry.run) == AutomationRun.execution_id)


def _meanwhile(session: Session, found: Sequence[AutomationRun]) -> dict[UUID, list[AuditEntry]]:
    """Calls that name no run, as those of a template's first version did, made while it ran."""
    begun = col(AutomationRun.started_at)
    ended = func.least(func.coalesce(col(AutomationRun.finished_at), columns.now()), begun + LONGEST)
    within = col(AuditEntry.created_at).between(begun - LATE, ended + LATE)
    return _calls(session, found, col(AuditEntry.run).is_(None), within)


def _calls(
    session: Session, found: Sequence[AutomationRun], *which: ColumnElement[bool]
) -> dict[UUID, list[AuditEntry]]:
    """The first calls of each run, read at once."""
    if not found:
        return {}
    theirs = aliased(
        AuditEntry,
        select(AuditEntry)
        .where(AuditEntry.token_id == AutomationRun.token_id, *which)
        .order_by(col(AuditEntry.id))
        .limit(MOST_CALLS)
        .correlate(AutomationRun)
        .lateral(),
    )
    query = (
        select(AutomationRun.id, theirs)
        .join(theirs, true())
        .where(col(AutomationRun.id).in_([run.id for run in found]))
        .order_by(col(theirs.id))
    )
    calls: dict[UUID, list[AuditEntry]] = defaultdict(list)
    for run_id, call in session.exec(query):
        calls[run_id].append(call)
    return dict(calls)
