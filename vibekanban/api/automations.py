"""Routes of one's automations: workflows that n8n runs on one's accounts."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import Field

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, LocaleDep, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.mcp_tokens import POLICY
from vibekanban.api.wire import Cursor, Limit, Page, Wire, example
from vibekanban.core import i18n
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.settings import settings
from vibekanban.core.shapes import Moment
from vibekanban.domains.access.errors import TooManyTokens
from vibekanban.domains.access.models import Outcome, Scope
from vibekanban.domains.automations import automations, runs, templates
from vibekanban.domains.automations.automations import Shown
from vibekanban.domains.automations.errors import (
    AutomationEnded,
    NotRunning,
    TemplateOutgrown,
    TooManyAutomations,
    UnknownTemplate,
)
from vibekanban.domains.automations.models import RunStatus, State, Wanted
from vibekanban.domains.automations.runs import Done
from vibekanban.domains.automations.stopped import StopReason


def _offered() -> None:
    """Nothing of this exists while the flag is off."""
    if not settings().enable_copy_strategy:
        raise NotFound()


router = APIRouter(prefix="/api/automations", tags=["Automations"], dependencies=[Depends(_offered)])

ID = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0020"
ACCOUNT = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001"
PARAMS = {"max_spend": 50, "max_conversions": 0, "days": 3, "hour": 8}
RUN = {
    "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0021",
    "executionId": "1042",
    "status": "success",
    "mode": "trigger",
    "error": "",
    "results": {"checked": 12, "found": [], "outcomes": []},
    "startedAt": "2026-11-24T08:17:00.000Z",
    "finishedAt": "2026-11-24T08:17:02.000Z",
}


class TemplateOut(Wire):
    """A workflow to choose; `params` is a JSON Schema with titles in your language."""

    key: str
    version: int
    title: str
    description: str
    scopes: list[Scope]
    params: dict[str, Any]

    model_config = example(
        {
            "key": "pause_without_results",
            "version": 1,
            "title": "Pausar lo que gasta sin resultados",
            "description": "Cada día pausa las campañas que gastaron más de un límite sin conversiones.",
            "scopes": ["read", "pause"],
            "params": {
                "type": "object",
                "required": ["max_spend"],
                "properties": {"max_spend": {"type": "number", "title": "Gasto", "default": 50}},
            },
        }
    )


class TemplateList(Wire):
    """The list is short and has one page."""

    items: list[TemplateOut]
    next_cursor: None = None


class RunOut(Wire):
    """One execution; `mode` is n8n's (webhook, trigger, retry), `results` what the workflow reported."""

    id: UUID
    execution_id: str
    status: RunStatus
    mode: str
    error: str
    results: dict[str, Any] | None
    started_at: Moment
    finished_at: Moment | None

    model_config = example(RUN)


class CallMade(Wire, extra="ignore"):
    """What a run called with its token."""

    id: UUID
    tool: str
    outcome: Outcome
    error_code: str | None
    object_id: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    created_at: Moment


class ExecutionOut(RunOut):
    """A run, with the calls that were its."""

    calls: list[CallMade]

    model_config = example(RUN, calls=[])


class AutomationOut(Wire):
    """`wanted` is what you asked for, `state` where n8n is; `stops` say why it does not act, `problem` what n8n said.

    `outgrown`: a newer version of its template asks for more; saving its `params` makes it follow.
    """

    id: UUID
    name: str
    template: str
    account_ids: list[UUID]
    params: dict[str, Any]
    policy: dict[str, Any]
    token_id: UUID
    wanted: Wanted
    state: State
    settled: bool
    stops: list[StopReason]
    outgrown: bool
    problem: str
    detail: str
    last_run: RunOut | None
    created_at: Moment
    updated_at: Moment
    ended_at: Moment | None

    model_config = example(
        {
            "id": ID,
            "name": "Sin compras, fuera",
            "template": "pause_without_results",
            "accountIds": [ACCOUNT],
            "params": PARAMS,
            "policy": {"dryRun": True},
            "tokenId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0022",
            "wanted": "RUNNING",
            "state": "RUNNING",
            "settled": True,
            "stops": [],
            "outgrown": False,
            "problem": "",
            "detail": "",
            "lastRun": RUN,
            "createdAt": "2026-11-20T09:00:00.000Z",
            "updatedAt": "2026-11-20T09:00:00.000Z",
            "endedAt": None,
        }
    )


class NewAutomation(Wire):
    """`policy` holds the limits; unless it says `dryRun: false`, nothing is done at Meta."""

    template: str = Field(max_length=60)
    name: str = Field(max_length=400)
    account_ids: list[UUID] = Field(max_length=200)
    params: dict[str, Any] = Field(default_factory=dict, description="As the template's schema says")
    policy: dict[str, Any] = Field(default_factory=dict, description=POLICY)

    model_config = example(
        {
            "template": "pause_without_results",
            "name": "Sin compras, fuera",
            "accountIds": [ACCOUNT],
            "params": PARAMS,
            "policy": {"dryRun": True, "maxWritesPerDay": 10},
        }
    )


class AutomationPatch(Wire):
    """What is left out stays."""

    name: str | None = Field(None, max_length=400)
    params: dict[str, Any] | None = None
    policy: dict[str, Any] | None = Field(None, description=POLICY)

    model_config = example({"params": {"max_spend": 80}, "policy": {"dryRun": False, "maxWritesPerDay": 10}})


@router.get("/templates", responses=responses(NotSignedIn, NotFound))
def template_list(_user: CurrentUser, locale: LocaleDep) -> TemplateList:
    """What automations can be made of."""
    return TemplateList(
        items=[
            TemplateOut(
                key=one.key,
                version=one.version,
                title=i18n.say(locale, f"automations.templates.{one.key}"),
                description=i18n.say(locale, f"automations.templates.{one.key}.text"),
                scopes=list(one.scopes),
                params=one.described(locale),
            )
            for one in templates.catalogue().values()
        ]
    )


@router.get("", responses=responses(NotSignedIn, NotFound, wire.BadCursor))
def automation_list(
    session: SessionDep, user: CurrentUser, limit: Limit = 25, cursor: Cursor = None
) -> Page[AutomationOut]:
    """Your automations, newest first; ended ones too."""
    found = automations.automations(session, user.id, before=wire.after(cursor), limit=limit + 1)
    last = found[limit - 1].automation.id if len(found) > limit else None
    return Page(
        items=[_out(shown) for shown in found[:limit]], next_cursor=wire.cursor_of(last) if last else None
    )


@router.post(
    "",
    status_code=201,
    responses=responses(NotSignedIn, NotFound, UnknownTemplate, Invalid, TooManyAutomations, TooManyTokens),
)
def create(body: NewAutomation, session: SessionDep, user: CurrentUser) -> AutomationOut:
    """Begin one: it gets a token of its own with these limits, and n8n its workflow within moments."""
    made = automations.create(
        session,
        user.id,
        template=body.template,
        name=body.name,
        account_ids=body.account_ids,
        params=body.params,
        policy=body.policy,
    )
    return _out(made)


@router.get("/{automation_id:uuid}", responses=responses(NotSignedIn, NotFound))
def automation(automation_id: UUID, session: SessionDep, user: CurrentUser) -> AutomationOut:
    return _out(automations.automation(session, user.id, automation_id))


@router.patch("/{automation_id:uuid}", responses=responses(NotSignedIn, NotFound, Invalid, AutomationEnded))
def change(
    automation_id: UUID, body: AutomationPatch, session: SessionDep, user: CurrentUser
) -> AutomationOut:
    """Rename it or change its parameters or limits; limits hold from its next call on."""
    changed = automations.change(
        session, user.id, automation_id, name=body.name, params=body.params, policy=body.policy
    )
    return _out(changed)


@router.delete("/{automation_id:uuid}", responses=responses(NotSignedIn, NotFound))
def end(automation_id: UUID, session: SessionDep, user: CurrentUser) -> AutomationOut:
    """End it for good: its token is dead at once; its runs stay readable."""
    return _out(automations.end(session, user.id, automation_id))


@router.post("/{automation_id:uuid}/pause", responses=responses(NotSignedIn, NotFound, AutomationEnded))
def pause(automation_id: UUID, session: SessionDep, user: CurrentUser) -> AutomationOut:
    """Start no more runs until it is resumed."""
    return _out(automations.pause(session, user.id, automation_id))


@router.post(
    "/{automation_id:uuid}/resume",
    responses=responses(NotSignedIn, NotFound, AutomationEnded, TemplateOutgrown),
)
def resume(automation_id: UUID, session: SessionDep, user: CurrentUser) -> AutomationOut:
    """Let it run again, also after it failed to start or its token was revoked."""
    return _out(automations.resume(session, user.id, automation_id))


@router.post(
    "/{automation_id:uuid}/run",
    status_code=202,
    responses=responses(NotSignedIn, NotFound, NotRunning, AutomationEnded),
)
def run(automation_id: UUID, session: SessionDep, user: CurrentUser) -> AutomationOut:
    """Run it now, beside its schedule; the run appears among its executions within moments."""
    return _out(automations.run(session, user.id, automation_id))


@router.get("/{automation_id:uuid}/executions", responses=responses(NotSignedIn, NotFound, wire.BadCursor))
def executions(
    automation_id: UUID, session: SessionDep, user: CurrentUser, limit: Limit = 25, cursor: Cursor = None
) -> Page[ExecutionOut]:
    """Its runs, newest first, with what each did."""
    found = runs.runs(session, user.id, automation_id, before=wire.after(cursor), limit=limit + 1)
    last = found[limit - 1].run.id if len(found) > limit else None
    return Page(
        items=[_execution(done) for done in found[:limit]], next_cursor=wire.cursor_of(last) if last else None
    )


def _out(shown: Shown) -> AutomationOut:
    row = shown.automation
    return AutomationOut(
        id=row.id,
        name=row.name,
        template=row.template,
        account_ids=row.account_ids,
        params=row.params,
        policy=shown.policy,
        token_id=row.token_id,
        wanted=row.wanted,
        state=row.state,
        settled=row.settled,
        stops=shown.stops,
        outgrown=shown.asks is not None,
        problem=row.problem,
        detail=row.detail,
        last_run=RunOut.model_validate(shown.last_run) if shown.last_run else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
    )


def _execution(done: Done) -> ExecutionOut:
    return ExecutionOut(
        **RunOut.model_validate(done.run).model_dump(),
        calls=[CallMade.model_validate(entry) for entry in done.calls],
    )
