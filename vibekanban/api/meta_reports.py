"""Routes of reports: exploring an account's numbers."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Annotated
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
from vibekanban.domains.reporting import cuts, explorer, shapes, sheets
from vibekanban.domains.reporting.cuts import Fetching
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.sharing import sights
from vibekanban.domains.sharing.errors import ExportForbidden

router = APIRouter(prefix="/api/meta/reports", tags=["Reports"])

PATIENCE = 2.5  # seconds a reader waits for the people reached; the other numbers are there at once
_questions: set[asyncio.Task[bool]] = set()


class Asked(Definition):
    """A report and the page of it."""

    limit: int = Field(default=100, ge=1, le=500, description="Rows a page")
    cursor: str | None = Field(default=None, max_length=200, description="`nextCursor` of the page before")


class LineOut(shapes.LineOut):
    """`attributionSettings` and `conversionEvents` say how the row's conversions are counted."""

    attribution_settings: list[str]


class DayOut(Wire):
    date: date
    numbers: shapes.Values


class FetchingOut(Wire):
    """`jobIds` are to be followed under /api/jobs; `error` is a stable code when Meta did not deliver."""

    job_ids: list[UUID]
    progress: int
    error: str | None


class ReportOut(shapes.Report):
    """The rows, `hidden` and `unlisted` add up to `totals` exactly.

    `unlisted` is what the account counts and no row does: archived and deleted objects, and days that were not read
    at this level yet (`missingDays`). People are never added up: reach is what Meta said of exactly these days.
    """

    attribution_settings: list[str]
    items: list[LineOut]
    next_cursor: str | None
    days: list[DayOut]
    fetching: FetchingOut | None = Field(
        description="A breakdown that is being read of Meta: come back for it"
    )
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
        text = sheets.csv_text(answer, locale)
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
    page, following = cursors.stretch(answer.lines, asked.cursor, asked.limit, answer.account.id)
    return ReportOut.model_validate(
        {
            **shapes.told(answer, page),
            "attribution_settings": list(answer.windows),
            "next_cursor": following,
            "days": [
                DayOut(date=day, numbers=shapes.values(sums, answer)) for day, sums in answer.days.items()
            ],
            "fetching": fetching
            and FetchingOut(
                job_ids=[job.id for job in fetching.jobs], progress=fetching.progress, error=fetching.error
            ),
            "reach_at": answer.reach_at,
        }
    )
