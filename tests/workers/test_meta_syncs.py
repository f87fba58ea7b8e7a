"""The syncs' jobs in real worker processes: killed in the middle, two at once, disconnected meanwhile."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import psutil
from sqlalchemy import text
from sqlmodel import select

from tests.conftest import ROOT, Sandbox
from tests.domains.meta.test_syncing import Database, connected, drain, frozen, stored, truth
from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.core import broker, columns, db, events
from vibekanban.domains.meta import connections, syncs
from vibekanban.domains.meta.models import Ad, MetaAccount, Sync, SyncKind, SyncStatus
from workers import meta_syncs

PATIENCE = 60.0


@contextmanager
def a_worker() -> Iterator[subprocess.Popen[bytes]]:
    """A worker as the product starts it."""
    worker = subprocess.Popen([sys.executable, "-m", "vibekanban", "worker"], cwd=ROOT)
    try:
        yield worker
    finally:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """Without a word, with the children that run its jobs."""
    if worker.poll() is None:
        family = [psutil.Process(worker.pid), *psutil.Process(worker.pid).children(recursive=True)]
        for process in family:
            process.kill()
        worker.wait()


def until(seen: Callable[[], bool]) -> None:
    """Wait for the workers to get somewhere, looking again at every live change."""
    deadline = time.monotonic() + PATIENCE
    with broker.connection().pubsub(ignore_subscribe_messages=True) as changes:
        changes.subscribe(events.CHANNEL)
        while not seen():
            assert time.monotonic() < deadline, "the workers did not get there"
            changes.get_message(timeout=0.5)


def all_over(database: Database) -> bool:
    with database() as session:
        return all(sync.finished_at is not None for sync in session.exec(select(Sync)))


def equals_the_truth(
    database: Database, sandbox: Sandbox, account_id: UUID, since: date, until: date
) -> None:
    with database() as session:
        account = session.get_one(MetaAccount, account_id)
    for level in ("account", "campaign", "adset", "ad"):
        assert stored(level, since, until) == truth(sandbox, account, level, since, until)


def today(database: Database, account_id: UUID) -> date:
    with database() as session:
        return datetime.now(ZoneInfo(session.get_one(MetaAccount, account_id).timezone)).date()


def test_a_sync_goes_on_where_a_killed_worker_left_it(database: Database, sandbox: Sandbox) -> None:
    frozen(sandbox)
    _user, account_id = connected(database, sandbox, "lucia")
    sandbox.admin.post("/_sandbox/faults", json={"kind": "hang", "path": "/ads$", "times": 1, "seconds": 5})
    with a_worker() as worker:
        until(lambda: sandbox.admin.get("/_sandbox/faults").json()[0]["times"] == 0)
        kill(worker)
    with database() as session:
        assert session.exec(select(Sync)).one().cursor["at"] == "ad"
        session.execute(text("UPDATE syncs SET due_at = now() - interval '1 hour'"))
    meta_syncs.sweep_syncs()
    drain()
    with database() as session:
        assert session.exec(select(Sync)).one().status is SyncStatus.DONE
        assert len(session.exec(select(Ad.id)).all()) == 108
    day = today(database, account_id)
    equals_the_truth(database, sandbox, account_id, day - timedelta(days=27), day)


def test_two_workers_bring_every_number_once(database: Database, sandbox: Sandbox) -> None:
    frozen(sandbox)
    user_id, account_id = connected(database, sandbox, "lucia")
    day = today(database, account_id)
    with database() as session:
        session.delete(session.exec(select(Sync)).one())
        for kind in (SyncKind.HISTORY, SyncKind.TODAY):
            syncs.request(session, user_id, account_id, kind, since=day - timedelta(days=6), until=day)
    with a_worker(), a_worker():
        until(lambda: all_over(database))
    with database() as session:
        found = session.exec(select(Sync)).all()
    assert {(sync.status, sync.progress) for sync in found} == {(SyncStatus.DONE, 100)}
    equals_the_truth(database, sandbox, account_id, day - timedelta(days=6), day)


def test_an_account_that_is_disconnected_in_the_middle_leaves_no_numbers(
    database: Database, sandbox: Sandbox
) -> None:
    user_id, account_id = connected(database, sandbox, "lucia")
    with database() as session:
        sync = session.exec(select(Sync)).one()
    meta_syncs.run_sync(str(sync.id), sync.hop)
    with database() as session:
        connections.disconnect(session, user_id, account_id)
    drain()
    with db.metrics_transaction() as session:
        assert session.execute(text("SELECT count(*) FROM metric_facts")).scalar_one() == 0


def test_accounts_are_asked_for_today_when_they_are_due(database: Database) -> None:
    with database() as session:
        account = an_account(
            session,
            a_connection(session, a_user(session)),
            structure_synced_at=columns.now(),
            trailing_synced_at=columns.now(),
        )
    for _ in range(2):
        meta_syncs.sweep_today()
        meta_syncs.sweep_trailing()
    with database() as session:
        found = session.exec(select(Sync)).all()
    assert [(sync.account_id, sync.kind) for sync in found] == [(account.id, SyncKind.TODAY)]
    assert len(list(broker.connection().scan_iter("rq:job:sync-*"))) == 1


def test_the_store_is_kept_ready_for_the_months_to_come(database: Database) -> None:
    meta_syncs.keep_store()
    following = columns.now().date().replace(day=1) + timedelta(days=32)
    with db.metrics_transaction() as session:
        name = session.execute(text("SELECT to_regclass(:name)"), {"name": f"metric_facts_{following:%Y_%m}"})
        assert name.scalar_one() is not None
