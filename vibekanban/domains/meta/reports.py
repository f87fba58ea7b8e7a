"""Asynchronous insights runs of a sync: asked for, looked at by later pieces, loaded, split when too large."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.domains.meta import ingest, insights
from vibekanban.domains.meta.models import Level, MetaAccount, Report, ReportStatus, Sync

SLICE = 7  # days a run covers
AT_ONCE = 3  # runs of an account that wait at Meta at the same time
PATIENCE = timedelta(hours=1)
READ_AGAIN = 2  # a failed run of a single day is asked for so often before it is given up


def plan(session: Session, sync: Sync, levels: tuple[Level, ...], since: date, until: date) -> None:
    """The runs a sync needs, newest days first; safe to repeat."""
    if session.exec(select(Report.id).where(Report.sync_id == sync.id).limit(1)).first() is not None:
        return
    for start, stop in slices(since, until):
        for level in levels:
            session.add(_report(sync, level, start, stop))


def slices(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Weeks of a range, newest first."""
    stop = until
    while stop >= since:
        start = max(since, stop - timedelta(days=SLICE - 1))
        yield start, stop
        stop = start - timedelta(days=1)


def open_reports(session: Session, sync_id: UUID) -> list[Report]:
    query = (
        select(Report)
        .where(Report.sync_id == sync_id, Report.status == ReportStatus.ASKED)
        .order_by(col(Report.until).desc(), col(Report.id))
    )
    return list(session.exec(query))


def share_done(session: Session, sync_id: UUID) -> float:
    """How much of a sync's runs is over, 0 to 1."""
    found = list(session.exec(select(Report.status).where(Report.sync_id == sync_id)))
    over = sum(status is not ReportStatus.ASKED for status in found)
    return over / len(found) if found else 1.0


def work(meta: Gateway, account: MetaAccount, report: Report) -> ReportStatus:
    """One look at a run: ask for it, see how far it is, or load it. Opens its own transactions."""
    if not report.run_id:
        return _ask(meta, account, report)
    try:
        state = meta.get(
            report.run_id,
            fields="async_status,async_percent_completion,error_code,error_subcode,error_user_title,error_user_msg",
        )
    except meta_errors.Missing:
        return _settle(report, run_id="")  # gone at Meta: ask anew
    status, percent = str(state.get("async_status")), int(state.get("async_percent_completion") or 0)
    if status == "Job Completed" and percent == 100:
        return _load(meta, account, report)
    if status in {"Job Failed", "Job Skipped"} or columns.now() > report.deadline_at:
        return _split(
            report, {"status": status, "code": state.get("error_code"), "text": state.get("error_user_msg")}
        )
    return _settle(report, percent=percent)


def _ask(meta: Gateway, account: MetaAccount, report: Report) -> ReportStatus:
    try:
        answer = meta.post(
            f"act_{account.meta_account_id}/insights",
            level=report.level.value,
            fields=insights.fields(report.level),
            time_range={"since": report.since.isoformat(), "until": report.until.isoformat()},
            time_increment=1,
        )
    except meta_errors.TooMuchData as error:
        return _split(report, {"code": error.meta_code})
    return _settle(report, run_id=str(answer["report_run_id"]))


def _load(meta: Gateway, account: MetaAccount, report: Report) -> ReportStatus:
    facts = (
        insights.fact(row, report.level, event=account.conversion_event)
        for page in meta.pages(f"{report.run_id}/insights", limit=500)
        for row in page
    )
    read = ingest.Spool(facts)
    with db.metrics_transaction() as session:
        ingest.ingest(session, account.id, report.level, read, since=report.since, until=report.until)
    return _settle(report, status=ReportStatus.LOADED, percent=100)


def _split(report: Report, error: dict[str, object]) -> ReportStatus:
    """A run that failed is asked for in halves; a single day is tried again, then given up alone."""
    with db.transaction() as session:
        row = session.get_one(Report, report.id, with_for_update=True)
        row.error = error
        days = (row.until - row.since).days + 1
        if days == 1:
            row.attempts += 1
            row.run_id = ""
            row.deadline_at = columns.now() + PATIENCE
            if row.attempts >= READ_AGAIN:
                row.status = ReportStatus.FAILED
            return row.status
        row.status = ReportStatus.SPLIT
        middle = row.since + timedelta(days=days // 2 - 1)
        sync = session.get_one(Sync, row.sync_id)
        session.add(_report(sync, row.level, row.since, middle))
        session.add(_report(sync, row.level, middle + timedelta(days=1), row.until))
        return row.status


def _settle(
    report: Report,
    *,
    run_id: str | None = None,
    status: ReportStatus | None = None,
    percent: int | None = None,
) -> ReportStatus:
    with db.transaction() as session:
        row = session.get_one(Report, report.id, with_for_update=True)
        row.run_id = row.run_id if run_id is None else run_id
        row.status = status or row.status
        row.percent = row.percent if percent is None else percent
        return row.status


def _report(sync: Sync, level: Level, since: date, until: date) -> Report:
    return Report(
        sync_id=sync.id,
        account_id=sync.account_id,
        level=level,
        since=since,
        until=until,
        deadline_at=columns.now() + PATIENCE,
    )
