"""Routes of reports: exploring an account's numbers."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from vibekanban.api import csv_answer, wire
from vibekanban.api.deps import LocaleDep, SeenDep
from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.core import db
from vibekanban.core.errors import Invalid, NotFound, NotSignedIn
from vibekanban.core.shapes import Moment
from vibekanban.domains.meta import cursors
from vibekanban.domains.reporting import cuts, explorer, sheets
from vibekanban.domains.reporting.cuts import Fetching
from vibekanban.domains.reporting.definitions import Breakdown, Definition, Measured
from vibekanban.domains.reporting.explorer import Answer, Line, Pair
from vibekanban.domains.reporting.figures import Figures, Metric
from vibekanban.domains.sharing import sights
from vibekanban.domains.sharing.errors import ExportForbidden

router = APIRouter(prefix="/api/meta/reports", tags=["Reports"])

PATIENCE = 2.5  # seconds a reader waits for the people reached; the other numbers are there at once
_questions: set[asyncio.Task[bool]] = set()
Values = dict[Metric, str | float | None]


class Asked(Definition):
    """A report and the page of it."""

    limit: int = Field(default=100, ge=1, le=500, description="Rows a page")
    cursor: str | None = Field(default=None, max_length=200, description="`nextCursor` of the page before")


class PairOut(Wire):
    """The metrics that were asked for; `previous` is null when nothing is compared."""

    numbers: Values
    previous: Values | None


class HiddenOut(PairOut):
    count: int


class LineOut(PairOut):
    """`attributionSettings` and `conversionEvents` say how the row's conversions are counted."""

    id: UUID | None
    meta_id: str
    value: str | None = Field(description="The category, with a breakdown")
    name: str
    parents: list[str] = Field(description="Names of what it is in, from above")
    status: str
    conversion_events: list[str]
    attribution_settings: list[str]


class DayOut(Wire):
    date: date
    numbers: Values


class ComparedOut(Wire):
    since: date
    until: date
    complete: bool = Field(description="Whether we hold all its days")


class FetchingOut(Wire):
    """`jobIds` are to be followed under /api/jobs; `error` is a stable code when Meta did not deliver."""

    job_ids: list[UUID]
    progress: int
    error: str | None


class ReportOut(Wire):
    """The rows, `hidden` and `unlisted` add up to `totals` exactly.

    `unlisted` is what the account counts and no row does: archived and deleted objects, and days that were not read
    at this level yet (`missingDays`). People are never added up: reach is what Meta said of exactly these days.
    """

    account_id: UUID
    currency: str
    timezone: str
    level: Measured
    breakdown: Breakdown
    since: date
    until: date
    compared: ComparedOut | None
    conversion_events: list[str]
    attribution_settings: list[str]
    mixed_attribution: bool = Field(description="Conversions of different settings stand side by side")
    mixed_events: bool
    items: list[LineOut]
    next_cursor: str | None
    count: int = Field(description="Rows of all pages")
    hidden: HiddenOut = Field(description="What the filters hide")
    unlisted: PairOut
    totals: PairOut
    days: list[DayOut]
    missing_days: int
    fetching: FetchingOut | None = Field(
        description="A breakdown that is being read of Meta: come back for it"
    )
    fetched_at: Moment | None = Field(description="When Meta was last read for these days")
    reach_at: Moment | None

    model_config = example(
        {
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "currency": "EUR",
            "timezone": "Europe/Madrid",
            "level": "campaign",
            "breakdown": "",
            "since": "2026-11-01",
            "until": "2026-11-24",
            "compared": {"since": "2026-10-08", "until": "2026-10-31", "complete": True},
            "conversionEvents": ["omni_purchase"],
            "attributionSettings": ["7d_click_1d_view"],
            "mixedAttribution": False,
            "mixedEvents": False,
            "items": [],
            "nextCursor": None,
            "count": 0,
            "hidden": {"count": 0, "numbers": {"spend": "0.00"}, "previous": {"spend": "0.00"}},
            "unlisted": {"numbers": {"spend": "12.30"}, "previous": {"spend": "0.00"}},
            "totals": {"numbers": {"spend": "12.30"}, "previous": {"spend": "0.00"}},
            "days": [],
            "missingDays": 0,
            "fetching": None,
            "fetchedAt": "2026-11-24T09:00:00.000Z",
            "reachAt": None,
        }
    )


@router.get(
    "/explore",
    response_model=ReportOut,
    responses={
        **csv_answer.DOCUMENTED,
        **responses(NotSignedIn, NotFound, ExportForbidden, Invalid, wire.BadCursor),
    },
)
async def explore(
    asked: Annotated[Asked, Query()], seen: SeenDep, locale: LocaleDep, request: Request
) -> ReportOut | Response:
    """An account's numbers by level, against a period before; with `Accept: text/csv` all rows as a file.

    A breakdown that we do not hold is asked of Meta by a job; the answer has what there is, and the job in `fetching`.
    Of an account that is shared with you, what its owner has read.
    """
    sight = await db.run(sights.of_account, seen.user_id, asked.account_id)
    owner = sight.exporting() if csv_answer.wanted(request) else sight.owner_id
    answer = await db.run(explorer.explore, owner, asked)
    # who only looks spends nothing of the owner's quota
    fetching = await db.run(cuts.fetch, owner, answer) if sight.mine else None
    if sight.mine and await _asked(answer):
        answer = await db.run(explorer.explore, owner, asked)
    if csv_answer.wanted(request):
        text = sheets.csv_text(sheets.header(answer, locale), sheets.rows(answer, locale))
        name = f"report-{answer.asked.since}-{answer.asked.until}.csv"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(text, media_type="text/csv; charset=utf-8", headers=disposition)
    return _out(answer, fetching, asked)


async def _asked(answer: Answer) -> bool:
    """Meta's answer about people, if it comes soon; a late one is there for the next reader."""
    question = asyncio.create_task(asyncio.to_thread(explorer.ask_people, answer))
    _questions.add(question)
    question.add_done_callback(_questions.discard)
    done, _late = await asyncio.wait({question}, timeout=PATIENCE)
    return bool(done) and question.result()


def _out(answer: Answer, fetching: Fetching | None, asked: Asked) -> ReportOut:
    account, compared = answer.account, answer.compared
    page, following = cursors.stretch(answer.lines, asked.cursor, asked.limit, account.id)
    return ReportOut(
        account_id=account.id,
        currency=account.currency,
        timezone=account.timezone,
        level=answer.definition.level,
        breakdown=answer.definition.breakdown,
        since=answer.asked.since,
        until=answer.asked.until,
        compared=ComparedOut(since=compared.since, until=compared.until, complete=answer.complete_before)
        if compared
        else None,
        conversion_events=list(answer.events),
        attribution_settings=list(answer.windows),
        mixed_attribution=answer.mixed_windows,
        mixed_events=answer.mixed_events,
        items=[_line(line, answer) for line in page],
        next_cursor=following,
        count=len(answer.lines),
        hidden=HiddenOut(count=answer.hidden_count, **_pair(answer.hidden, answer)),
        unlisted=PairOut(**_pair(answer.rest, answer)),
        totals=PairOut(**_pair(answer.total, answer)),
        days=[DayOut(date=day, numbers=_values(sums, answer)) for day, sums in answer.days.items()],
        missing_days=answer.missing_days,
        fetching=FetchingOut(
            job_ids=[job.id for job in fetching.jobs], progress=fetching.progress, error=fetching.error
        )
        if fetching
        else None,
        fetched_at=answer.fetched_at,
        reach_at=answer.reach_at,
    )


def _line(line: Line, answer: Answer) -> LineOut:
    return LineOut(
        id=line.id,
        meta_id=line.object_id,
        value=line.category if answer.definition.breakdown else None,
        name=line.name,
        parents=list(line.parents),
        status=line.status,
        conversion_events=list(line.events),
        attribution_settings=list(line.windows),
        **_pair(Pair(line.now, line.before), answer),
    )


def _pair(pair: Pair, answer: Answer) -> dict[str, Any]:
    before = None if pair.before is None else _values(pair.before, answer)
    return {"numbers": _values(pair.now, answer), "previous": before}


def _values(figures: Figures, answer: Answer) -> Values:
    return {metric: figures.written(metric, answer.account.currency) for metric in answer.definition.metrics}
