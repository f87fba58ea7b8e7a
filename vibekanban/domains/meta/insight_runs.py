"""Asynchronous insights runs of a sync: asked for, looked at by later pieces, loaded, split when too large."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.clients.meta import errors as meta_errors
from vibekanban.clients.meta import paging
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.domains.meta import ingest, insights
from vibekanban.domains.meta.models import Level, MetaAccount, Sync
from vibekanban.domains.meta.run_models import InsightRun, RunStatus

SLICE = 7  # days a run covers
AT_ONCE = 3  # runs of an account that wait at Meta at the same time, slow ones aside
SLOW = timedelta(minutes=5)
PATIENCE = timedelta(hours=1)
TRIES = 4  # of a run that fails alone; then it is given up, and no other with it
ALONE = (
    meta_errors.Refused,
    meta_errors.CursorExpired,
    meta_errors.Transient,
    meta_errors.BadGateway,
    meta_errors.UnknownOutcome,
)


def plan(session: Session, sync: Sync, levels: Sequence[Level], since: date, until: date) -> None:
    """The runs a sync needs, newest days first; safe to repeat."""
    if session.exec(select(InsightRun.id).where(InsightRun.sync_id == sync.id).limit(1)).first() is not None:
        return
    for start, stop in slices(since, until):
        for level in levels:
            session.add(_run(sync, level, start, stop))


def slices(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Weeks of a range, newest first."""
    stop = until
    while stop >= since:
        start = max(since, stop - timedelta(days=SLICE - 1))
        yield start, stop
        stop = start - timedelta(days=1)


def under_way(session: Session, sync_id: UUID) -> list[InsightRun]:
    query = (
        select(InsightRun)
        .where(InsightRun.sync_id == sync_id, InsightRun.status == RunStatus.ASKED)
        .order_by(col(InsightRun.until).desc(), col(InsightRun.id))
    )
    return list(session.exec(query))


def share_done(session: Session, sync_id: UUID) -> float:
    """How much of a sync's runs is over, 0 to 1."""
    found = list(session.exec(select(InsightRun.status).where(InsightRun.sync_id == sync_id)))
    over = sum(status is not RunStatus.ASKED for status in found)
    return over / len(found) if found else 1.0


def given_up(session: Session, sync_id: UUID) -> bool:
    """Whether a run of the sync was given up, so that days are missing or old."""
    query = select(InsightRun.id).where(InsightRun.sync_id == sync_id, InsightRun.status == RunStatus.FAILED)
    return session.exec(query.limit(1)).first() is not None


def look(meta: Gateway, account: MetaAccount, sync: Sync, still: Callable[[], bool]) -> bool:
    """One look at every run under way, and new ones as far as there is room; True when something moved.

    A run that fails alone stops no other. When none answers it is not the runs: that is raised.
    """
    with db.transaction() as session:
        found = under_way(session, sync.id)
    running = [run for run in found if run.run_id]
    quick = [run for run in running if columns.now() < run.deadline_at - PATIENCE + SLOW]
    fresh = [run for run in found if not run.run_id][: max(0, AT_ONCE - len(quick))]
    moved, answered = False, 0
    failed: list[tuple[InsightRun, meta_errors.MetaError]] = []
    for run in (*running, *fresh):
        try:
            moved |= _work(meta, account, run)
            answered += 1
        except ALONE as error:
            failed.append((run, error))
        if not still():
            return moved
    if failed and not answered:
        raise failed[-1][1]
    for run, error in failed:
        _stumbled(run, error)
    return moved


def _work(meta: Gateway, account: MetaAccount, run: InsightRun) -> bool:
    """Ask for a run, see how far it is, or load it; True when it moved. Opens its own transactions."""
    if not run.run_id:
        return _ask(meta, account, run)
    try:
        state = meta.get(
            run.run_id,
            fields="async_status,async_percent_completion,error_code,error_subcode,error_user_title,error_user_msg",
        )
    except meta_errors.Missing:
        return _again(run, {"code": 100, "status": "gone"})
    status, percent = str(state.get("async_status")), int(state.get("async_percent_completion") or 0)
    if status == "Job Completed" and percent == 100:
        return _load(meta, account, run)
    if status in {"Job Failed", "Job Skipped"} or columns.now() > run.deadline_at:
        return _split(
            run, {"status": status, "code": state.get("error_code"), "text": state.get("error_user_msg")}
        )
    _settle(run, percent=percent)
    return percent != run.percent


def _ask(meta: Gateway, account: MetaAccount, run: InsightRun) -> bool:
    try:
        answer = meta.post(
            f"act_{account.meta_account_id}/insights",
            level=run.level.value,
            fields=insights.fields(run.level),
            time_range={"since": run.since.isoformat(), "until": run.until.isoformat()},
            time_increment=1,
            **insights.cut(run.breakdown),
        )
    except meta_errors.TooMuchData as error:
        return _split(run, {"code": error.meta_code})
    _settle(run, run_id=str(answer["report_run_id"]))
    return True


def _load(meta: Gateway, account: MetaAccount, run: InsightRun) -> bool:
    def read() -> ingest.Spool:
        facts = (
            insights.fact(row, run.level, breakdown=run.breakdown, event=account.conversion_event)
            for page in meta.pages(f"{run.run_id}/insights", limit=500)
            for row in page
        )
        # a run says what was true when it was asked for
        return ingest.Spool(facts, read_at=run.deadline_at - PATIENCE)

    facts = paging.whole(read)
    with db.metrics_transaction() as session:
        ingest.ingest(
            session,
            account.id,
            run.level,
            facts,
            since=run.since,
            until=run.until,
            breakdown=run.breakdown,
        )
    _settle(run, status=RunStatus.LOADED, percent=100)
    return True


def _split(run: InsightRun, error: dict[str, object]) -> bool:
    """A run that failed is asked for in halves; a single day is tried again, then given up alone."""
    if run.since == run.until:
        return _again(run, error)
    with db.transaction() as session:
        row = session.get_one(InsightRun, run.id, with_for_update=True)
        row.error = error
        row.status = RunStatus.SPLIT
        middle = row.since + timedelta(days=(row.until - row.since).days // 2)
        sync = session.get_one(Sync, row.sync_id)
        session.add(_run(sync, row.level, row.since, middle))
        session.add(_run(sync, row.level, middle + timedelta(days=1), row.until))
    return True


def _stumbled(run: InsightRun, error: meta_errors.MetaError) -> None:
    last = isinstance(error, meta_errors.Refused)  # asking again the same is refused again
    _again(run, {"code": error.meta_code, "kind": error.code}, anew=False, last=last)


def _again(run: InsightRun, error: dict[str, object], *, anew: bool = True, last: bool = False) -> bool:
    with db.transaction() as session:
        row = session.get_one(InsightRun, run.id, with_for_update=True)
        row.error = error
        row.attempts += 1
        row.run_id = "" if anew else row.run_id
        if last or row.attempts >= TRIES:
            row.status = RunStatus.FAILED
    return True


def _settle(
    run: InsightRun, *, run_id: str = "", status: RunStatus = RunStatus.ASKED, percent: int = 0
) -> None:
    with db.transaction() as session:
        row = session.get_one(InsightRun, run.id, with_for_update=True)
        if run_id:
            row.run_id, row.deadline_at = run_id, columns.now() + PATIENCE
        row.status, row.percent = status, percent


def _run(sync: Sync, level: Level, since: date, until: date) -> InsightRun:
    return InsightRun(
        sync_id=sync.id,
        account_id=sync.account_id,
        level=level,
        breakdown=sync.breakdown,
        since=since,
        until=until,
        deadline_at=columns.now() + PATIENCE,
    )
