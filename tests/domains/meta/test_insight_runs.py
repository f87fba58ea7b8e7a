"""Asynchronous runs: newest days first, a few at a time, one that fails alone, none that is waited for."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import Session, col, select

from tests.conftest import Sandbox
from tests.domains.meta.test_syncing import Database, connected, drain, frozen, stored, truth
from vibekanban.domains.meta import insight_runs, syncing, syncs
from vibekanban.domains.meta.models import (
    Level,
    MetaAccount,
    Sync,
    SyncKind,
    SyncStatus,
)
from vibekanban.domains.meta.run_models import InsightRun, RunStatus

UNTIL = date(2026, 11, 24)


def test_slices_are_weeks_newest_first_without_gap_or_overlap() -> None:
    since = UNTIL - timedelta(days=16)
    found = list(insight_runs.slices(since, UNTIL))
    assert found[0][1] == UNTIL
    assert found[-1][0] == since
    days = [start + timedelta(days=n) for start, stop in found for n in range((stop - start).days + 1)]
    assert sorted(days) == [since + timedelta(days=n) for n in range(17)]


def ready(database: Database, sandbox: Sandbox) -> tuple[UUID, UUID]:
    """An account whose first sync is over."""
    frozen(sandbox)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    return user_id, account_id


def asked(database: Database, user_id: UUID, account_id: UUID, **span: Any) -> UUID:
    with database() as session:
        return syncs.request(session, user_id, account_id, SyncKind.HISTORY, **span).id


def today(session: Session, account_id: UUID) -> date:
    return datetime.now(ZoneInfo(session.get_one(MetaAccount, account_id).timezone)).date()


def runs(session: Session, sync_id: UUID) -> list[InsightRun]:
    return list(
        session.exec(select(InsightRun).where(InsightRun.sync_id == sync_id).order_by(col(InsightRun.id)))
    )


def test_history_is_read_as_far_back_as_asked(database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = ready(database, sandbox)
    since, until = date(2026, 8, 1), date(2026, 9, 30)
    sync_id = asked(database, user_id, account_id, since=since, until=until)
    drain()
    with database() as session:
        account, sync = session.get_one(MetaAccount, account_id), session.get_one(Sync, sync_id)
    assert (sync.status, sync.error_code) == (SyncStatus.DONE, None)
    assert account.history_since == since
    for level in ("account", "campaign", "adset", "ad"):
        assert stored(level, since, until) == truth(sandbox, account, level, since, until)


def test_a_history_beyond_what_meta_keeps_starts_where_meta_does(
    database: Database, sandbox: Sandbox
) -> None:
    user_id, account_id = ready(database, sandbox)
    sync_id = asked(database, user_id, account_id, since=date(2019, 1, 1))
    with database() as session:
        sync, day = session.get_one(Sync, sync_id), today(session, account_id)
    syncing.run(sync.id, sync.hop)
    with database() as session:
        first = min(run.since for run in runs(session, sync_id))
    assert day - timedelta(days=37 * 31) < first < day - timedelta(days=36 * 30)


def test_few_runs_wait_at_meta_at_the_same_time(database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = ready(database, sandbox)
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 3600})
    sync_id = asked(database, user_id, account_id, since=UNTIL - timedelta(days=60))
    for _ in range(3):
        with database() as session:
            sync = session.get_one(Sync, sync_id)
        syncing.run(sync.id, sync.hop)
    with database() as session:
        assert sum(bool(run.run_id) for run in runs(session, sync_id)) == insight_runs.AT_ONCE
        assert session.get_one(Sync, sync_id).status is SyncStatus.WAITING


def test_slow_runs_make_room_for_others(database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = ready(database, sandbox)
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 36000})
    sync_id = asked(database, user_id, account_id, since=UNTIL - timedelta(days=60))
    for _ in range(2):
        with database() as session:
            sync = session.get_one(Sync, sync_id)
        syncing.run(sync.id, sync.hop)
        with database() as session:
            for run in runs(session, sync_id):
                if run.run_id:
                    run.deadline_at -= insight_runs.SLOW * 2
    with database() as session:
        assert sum(bool(run.run_id) for run in runs(session, sync_id)) == insight_runs.AT_ONCE * 2


def test_a_run_that_meta_can_not_read_stops_no_other(
    database: Database, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vibekanban.clients.meta.gateway.time.sleep", lambda _seconds: None)
    user_id, account_id = ready(database, sandbox)
    sync_id = asked(database, user_id, account_id, since=UNTIL - timedelta(days=20))
    with database() as session:
        sync = session.get_one(Sync, sync_id)
    syncing.run(sync.id, sync.hop)
    with database() as session:
        sick = next(run for run in runs(session, sync_id) if run.run_id)
    sandbox.admin.post("/_sandbox/faults", json={"kind": "code2", "path": sick.run_id, "times": -1})
    drain()
    with database() as session:
        found, sync = runs(session, sync_id), session.get_one(Sync, sync_id)
    assert [run.id for run in found if run.status is RunStatus.FAILED] == [sick.id]
    assert all(run.status is RunStatus.LOADED for run in found if run.id != sick.id)
    assert (sync.status, sync.error_code) == (SyncStatus.DONE, "sync_incomplete")


def test_a_day_that_never_comes_is_given_up_and_told(database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = ready(database, sandbox)
    never = ["failed"] * insight_runs.TRIES * len(Level)
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 0, "fates": never})
    day = UNTIL - timedelta(days=50)
    sync_id = asked(database, user_id, account_id, since=day, until=day)
    drain()
    with database() as session:
        sync = session.get_one(Sync, sync_id)
        states = {run.status for run in runs(session, sync_id)}
    assert states == {RunStatus.FAILED}
    assert (sync.status, sync.error_code) == (SyncStatus.DONE, "sync_incomplete")


def test_a_run_that_is_stuck_is_asked_for_in_halves(database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = ready(database, sandbox)
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 0, "fates": ["stuck"]})
    since = UNTIL - timedelta(days=47)
    sync_id = asked(database, user_id, account_id, since=since, until=since + timedelta(days=6))
    for _ in range(2):
        with database() as session:
            sync = session.get_one(Sync, sync_id)
            for run in runs(session, sync_id):
                run.deadline_at -= insight_runs.PATIENCE * 2
        syncing.run(sync.id, sync.hop)
    drain()
    with database() as session:
        account, sync = session.get_one(MetaAccount, account_id), session.get_one(Sync, sync_id)
        assert any(run.status is RunStatus.SPLIT for run in runs(session, sync_id))
    assert sync.status is SyncStatus.DONE
    assert stored("ad", since, since + timedelta(days=6)) == truth(
        sandbox, account, "ad", since, since + timedelta(days=6)
    )


def test_too_much_data_is_asked_for_in_halves(database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = ready(database, sandbox)
    sandbox.admin.post(
        "/_sandbox/faults", json={"kind": "too_much_data", "path": "/insights$", "method": "POST", "times": 2}
    )
    since, until = UNTIL - timedelta(days=47), UNTIL - timedelta(days=41)
    sync_id = asked(database, user_id, account_id, since=since, until=until)
    drain()
    with database() as session:
        account, sync = session.get_one(MetaAccount, account_id), session.get_one(Sync, sync_id)
        assert sum(run.status is RunStatus.SPLIT for run in runs(session, sync_id)) == 2
    assert sync.status is SyncStatus.DONE
    assert stored("account", since, until) == truth(sandbox, account, "account", since, until)


def test_a_throttled_sync_waits_until_meta_said(database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = ready(database, sandbox)
    sandbox.admin.post("/_sandbox/faults", json={"kind": "throttle", "path": "insights", "times": 1})
    sync_id = asked(database, user_id, account_id, since=UNTIL - timedelta(days=10))
    with database() as session:
        sync = session.get_one(Sync, sync_id)
    syncing.run(sync.id, sync.hop)
    with database() as session:
        after = session.get_one(Sync, sync_id)
    assert (after.status, after.tries, after.error_code) == (SyncStatus.WAITING, 0, None)
    assert after.due_at > sync.due_at
