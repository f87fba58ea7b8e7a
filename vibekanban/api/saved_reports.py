"""Routes of reports that people keep, and of when they are sent."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import Field

from vibekanban.api import wire
from vibekanban.api.deps import CurrentUser, SessionDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Cursor, Limit, Page, Wire, example
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.reporting import saved, schedules, sending
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.errors import TooManyReports
from vibekanban.domains.reporting.models import Cadence
from vibekanban.domains.reporting.saved import Kept
from vibekanban.domains.reporting.schedules import Schedule

router = APIRouter(prefix="/api/meta/reports", tags=["Reports"])

Token = Annotated[str, Query(max_length=500, description="Of the link in the e-mail")]
ID = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0009"
DEFINITION = {
    "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
    "level": "campaign",
    "preset": "last_7_days",
    "metrics": ["spend", "conversions", "cpa", "roas"],
    "where": ["spend>100"],
    "sort": "-roas",
}
SCHEDULE = {"cadence": "weekly", "hour": 8, "weekday": 1, "monthDay": 1, "isPaused": False}


class ScheduleBody(Wire):
    """Sent to its owner at an hour of their day; `weekday` is of a weekly one, `monthDay` of a monthly one."""

    cadence: Cadence
    hour: int = Field(8, ge=0, le=23)
    weekday: int = Field(1, ge=1, le=7, description="Monday is 1")
    month_day: int = Field(1, ge=1, le=31, description="In a shorter month its last day")
    is_paused: bool = False

    model_config = example(SCHEDULE)


class ReportIn(Wire):
    name: str = Field(min_length=1, max_length=saved.LONGEST_NAME)
    definition: Definition
    schedule: ScheduleBody | None = None

    model_config = example({"name": "ROAS de la semana", "definition": DEFINITION, "schedule": SCHEDULE})


class ReportChange(Wire):
    """What is left out stays; a schedule with `cadence: none` ends the sending."""

    name: str | None = Field(None, min_length=1, max_length=saved.LONGEST_NAME)
    definition: Definition | None = None
    schedule: ScheduleBody | None = None

    model_config = example({"schedule": {**SCHEDULE, "isPaused": True}})


class NameIn(Wire):
    name: str = Field(min_length=1, max_length=saved.LONGEST_NAME)

    model_config = example({"name": "ROAS de la semana (copia)"})


class DeliveryOut(Wire):
    delivery_id: UUID

    model_config = example({"deliveryId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0010"})


class ReportKept(Wire):
    """`nextDueAt` is null when it is not sent or paused; `lastFailed` says that the newest one did not arrive."""

    id: UUID
    name: str
    account_id: UUID
    definition: Definition
    schedule: ScheduleBody
    timezone: str = Field(description="Whose hours the schedule means")
    next_due_at: Moment | None
    last_sent_at: Moment | None
    last_failed: bool
    created_at: Moment
    updated_at: Moment

    model_config = example(
        {
            "id": ID,
            "name": "ROAS de la semana",
            "accountId": DEFINITION["accountId"],
            "definition": DEFINITION,
            "schedule": SCHEDULE,
            "timezone": "Europe/Madrid",
            "nextDueAt": "2026-11-30T07:00:00.000Z",
            "lastSentAt": "2026-11-23T07:00:12.000Z",
            "lastFailed": False,
            "createdAt": "2026-11-01T09:00:00.000Z",
            "updatedAt": "2026-11-01T09:00:00.000Z",
        }
    )


@router.get("", responses=responses(NotSignedIn, wire.BadCursor))
def report_list(
    session: SessionDep,
    user: CurrentUser,
    account_id: Annotated[UUID | None, Query(alias="accountId")] = None,
    limit: Limit = 25,
    cursor: Cursor = None,
) -> Page[ReportKept]:
    """Your saved reports, newest first."""
    found = saved.reports(session, user.id, account_id=account_id, before=wire.after(cursor), limit=limit + 1)
    last = found[limit - 1].report.id if len(found) > limit else None
    return Page(
        items=[_out(kept, user.timezone) for kept in found[:limit]],
        next_cursor=wire.cursor_of(last) if last else None,
    )


@router.post("", status_code=201, responses=responses(NotSignedIn, NotFound, Invalid, TooManyReports))
def create(body: ReportIn, session: SessionDep, user: CurrentUser) -> ReportKept:
    """Keep a report."""
    schedule = _schedule(body.schedule)
    return _out(saved.create(session, user.id, body.name, body.definition, schedule), user.timezone)


@router.get("/{report_id:uuid}", responses=responses(NotSignedIn, NotFound))
def report(report_id: UUID, session: SessionDep, user: CurrentUser) -> ReportKept:
    return _out(saved.report(session, user.id, report_id), user.timezone)


@router.patch("/{report_id:uuid}", responses=responses(NotSignedIn, NotFound, Invalid))
def change(report_id: UUID, body: ReportChange, session: SessionDep, user: CurrentUser) -> ReportKept:
    """Rename, redefine, schedule, pause."""
    kept = saved.change(
        session,
        user.id,
        report_id,
        name=body.name,
        definition=body.definition,
        schedule=_schedule(body.schedule),
    )
    return _out(kept, user.timezone)


@router.post(
    "/{report_id:uuid}/duplicate",
    status_code=201,
    responses=responses(NotSignedIn, NotFound, Invalid, TooManyReports),
)
def duplicate(report_id: UUID, body: NameIn, session: SessionDep, user: CurrentUser) -> ReportKept:
    """The same question under another name; it is not sent."""
    return _out(saved.duplicate(session, user.id, report_id, body.name), user.timezone)


@router.post("/{report_id:uuid}/send", status_code=202, responses=responses(NotSignedIn, NotFound))
def send(report_id: UUID, session: SessionDep, user: CurrentUser) -> DeliveryOut:
    """Send it to yourself now; asked for again within the minute it is the same e-mail."""
    return DeliveryOut(delivery_id=sending.send_now(session, user.id, report_id))


@router.post("/unsubscribe", status_code=204, responses=responses(NotFound))
def unsubscribe(session: SessionDep, token: Token) -> None:
    """Pause the report of an e-mail: what a mail program's own button does (RFC 8058)."""
    sending.unsubscribe(session, token)


@router.get("/unsubscribe", status_code=303, response_class=RedirectResponse)
def unsubscribe_page(token: Token) -> RedirectResponse:
    """The page that asks first: programs that look at links must end nothing."""
    return RedirectResponse(f"/unsubscribe-report?token={quote(token)}", 303)


@router.delete("/{report_id:uuid}", status_code=204, responses=responses(NotSignedIn, NotFound))
def delete(report_id: UUID, session: SessionDep, user: CurrentUser) -> Response:
    saved.delete(session, user.id, report_id)
    return Response(status_code=204)


def _schedule(body: ScheduleBody | None) -> Schedule | None:
    return None if body is None else Schedule(**body.model_dump())


def _out(kept: Kept, timezone: str) -> ReportKept:
    report = kept.report
    return ReportKept(
        id=report.id,
        name=report.name,
        account_id=report.account_id,
        definition=kept.definition,
        schedule=ScheduleBody(**vars(schedules.of(report))),
        timezone=timezone,
        next_due_at=schedules.due_next(report, timezone),
        last_sent_at=kept.last_sent_at,
        last_failed=kept.last_failed,
        created_at=report.created_at,
        updated_at=report.updated_at,
    )
