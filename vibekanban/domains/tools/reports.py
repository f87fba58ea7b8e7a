"""Tools of reports: a question to an account's numbers, kept reports, and what Meta restated."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import AwareDatetime, Field, ValidationError, create_model

from vibekanban.core import db, i18n
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import cursors, money
from vibekanban.domains.reporting import cuts, explorer, restatements, saved, shapes
from vibekanban.domains.reporting.cuts import Fetching
from vibekanban.domains.reporting.definitions import Definition
from vibekanban.domains.reporting.explorer import Answer
from vibekanban.domains.reporting.figures import Metric
from vibekanban.domains.reporting.restatements import Moved
from vibekanban.domains.reporting.saved import Kept
from vibekanban.domains.tools import reach
from vibekanban.domains.tools.report_shapes import (
    MovedCampaignRow,
    MovedDayRow,
    Movement,
    Movements,
    Reading,
    ReportResult,
    ReportRow,
    RestatementsResult,
)
from vibekanban.domains.tools.shapes import Optional, Paging, Reference, page_of, past
from vibekanban.domains.tools.tool import Context, Done, refused

# of a picture: a program draws its own
DRAWN = {"chart", "shape"}


class _Report(Paging):
    account_id: Reference
    limit: int = Field(25, ge=1, le=100)


_ASKED: dict[str, Any] = {
    name: (field.annotation, field)
    for name, field in Definition.model_fields.items()
    if name not in {"account_id", *DRAWN}
}
RunReport = create_model("RunReport", __base__=_Report, **_ASKED)


class ListReports(Paging):
    account_id: Reference | Optional = None


class RunSavedReport(Paging):
    report_id: UUID


class GetRestatements(Paging):
    account_id: Reference
    since: AwareDatetime | Optional = None


def run(context: Context, asked: _Report) -> Done:
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
    named = asked.model_fields_set - {"account_id", "limit", "cursor"}
    values = {name: getattr(asked, name) for name in named}
    try:
        definition = Definition.model_validate({**values, "account_id": account.id})
    except ValidationError as error:
        raise refused(error) from None
    return _run(context, definition, asked)


def run_saved(context: Context, asked: RunSavedReport) -> Done:
    with db.transaction() as session:
        kept = saved.report(session, context.caller.user_id, asked.report_id)
    if kept.account.id not in context.caller.account_ids:
        raise NotFound()
    return _run(context, kept.definition, asked)


def list_reports(context: Context, asked: ListReports) -> Done:
    caller = context.caller
    with db.transaction() as session:
        within = set(reach.narrowed(session, caller, asked.account_id))
        found = saved.reports(
            session, caller.user_id, account_ids=within, before=past(asked.cursor), limit=asked.limit + 1
        )
    return Done(page_of([_kept(one) for one in found], asked.limit))


def restated(context: Context, asked: GetRestatements) -> Done:
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
        found = restatements.restatements(session, context.caller.user_id, account.id, since=asked.since)
    page, following = cursors.stretch(found.campaigns, asked.cursor, asked.limit, account.id)
    result = RestatementsResult(
        account_id=account.id,
        currency=account.currency,
        since=found.since,
        totals=_movements(found.total, account.currency),
        days=[_day(one, account.currency) for one in found.days],
        items=[
            MovedCampaignRow(
                id=one.id,
                meta_id=one.meta_id,
                name=one.name,
                archived=one.gone,
                moved=_movements(one.moved, account.currency),
            )
            for one in page
        ],
        has_more=following is not None,
        next_cursor=following,
    )
    return Done(result, account_id=account.id)


def _run(context: Context, definition: Definition, asked: Paging) -> Done:
    """Answer from what is stored; a caller that follows waits for the breakdown Meta is asked for."""
    user_id = context.caller.user_id

    def look() -> tuple[Answer, Fetching | None]:
        with db.transaction() as session:
            answer = explorer.explore(session, user_id, definition)
            return answer, cuts.fetch(session, user_id, answer)

    def told(found: tuple[Answer, Fetching | None]) -> tuple[float, float, str]:
        progress = found[1].progress if found[1] and found[1].jobs else 100
        return progress, 100, i18n.say(context.locale, "mcp.progress.report")

    answer, fetching = context.watch.until(look, lambda found: not (found[1] and found[1].under_way), told)
    page, following = cursors.stretch(answer.lines, asked.cursor, asked.limit, answer.account.id)
    result = ReportResult.model_validate(
        {
            **shapes.told(answer, page),
            "reading": _reading(fetching),
            "has_more": following is not None,
            "next_cursor": following,
        }
    )
    return Done(result, account_id=answer.account.id)


def _reading(fetching: Fetching | None) -> Reading | None:
    if fetching is None:
        return None
    return Reading(
        sync_ids=[one.id for one in fetching.jobs],
        under_way=fetching.under_way,
        progress=fetching.progress if fetching.jobs else 0,
        error_code=fetching.error,
    )


def _kept(one: Kept) -> ReportRow:
    report = one.report
    asks = {name: value for name, value in report.definition.items() if name not in DRAWN}
    return ReportRow(
        id=report.id,
        name=report.name,
        account_id=report.account_id,
        definition=asks,
        last_sent_at=one.last_sent_at,
        created_at=report.created_at,
    )


def _day(one: restatements.MovedDay, currency: str) -> MovedDayRow:
    day: date = one.day
    return MovedDayRow(date=day, moved=_movements(one.moved, currency))


def _movements(moved: Moved, currency: str) -> Movements:
    def of(metric: Metric) -> Movement:
        before, now = (side.value(metric) or Decimal(0) for side in (moved.was, moved.now))

        def text(amount: Decimal) -> str:
            return money.text(amount, currency) or "0" if metric is not Metric.CONVERSIONS else f"{amount:f}"

        return Movement(before=text(before), now=text(now), change=text(now - before))

    return Movements(spend=of(Metric.SPEND), conversions=of(Metric.CONVERSIONS), revenue=of(Metric.REVENUE))
