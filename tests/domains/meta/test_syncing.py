"""A sync from end to end against the sandbox: what is stored equals the truth, and nothing is lost on the way."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from rq import Queue
from rq.job import Job as Ticket
from sqlalchemy import text
from sqlmodel import Session, select

from tests.conftest import Sandbox
from tests.factories.accounts import a_user
from vibekanban.clients.meta import paging
from vibekanban.core import broker, columns, db
from vibekanban.core.queue import SERIALIZER, Lane
from vibekanban.domains.meta import accounts, oauth, syncing, syncs
from vibekanban.domains.meta.models import (
    Ad,
    AdSet,
    Campaign,
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    Permission,
    Sync,
    SyncKind,
    SyncStatus,
)

Database = Callable[[], AbstractContextManager[Session]]


def drain(most: int = 400) -> int:
    """Run what waits for a worker, here and now, until nothing waits; delays are not waited for."""
    from workers import meta_connections, meta_syncs

    modules = {"workers.meta_syncs": meta_syncs, "workers.meta_connections": meta_connections}
    ran = 0
    while ran < most:
        ticket = next_job()
        if ticket is None:
            return ran
        module, _, name = (ticket.func_name or "").rpartition(".")
        arguments = ticket.args
        ticket.delete()
        if module in modules:
            getattr(modules[module], name)(*arguments)
        ran += 1
    raise AssertionError("the queue does not come to an end")


def next_job() -> Ticket | None:
    for lane in Lane:
        queue = Queue(lane.value, connection=broker.connection(), serializer=SERIALIZER)
        for ids in (queue.get_job_ids(), queue.scheduled_job_registry.get_job_ids()):
            for job_id in ids:
                return Ticket.fetch(job_id, connection=broker.connection(), serializer=SERIALIZER)
    return None


def connected(database: Database, sandbox: Sandbox, person: str) -> tuple[UUID, UUID]:
    """A user with the person's first account, discovered but not yet synced."""
    with database() as session:
        user_id = a_user(session).id
    token = sandbox.admin.post("/_sandbox/tokens", json={"person": person}).json()["token"]
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 0})
    connection_id = oauth.paste(user_id, token, Permission.MANAGE)
    accounts.discover(connection_id)
    with database() as session:
        account = session.exec(select(MetaAccount).order_by(MetaAccount.meta_account_id)).first()
        assert account is not None
        return user_id, account.id


def stored(level: str, since: date, until: date) -> dict[str, int]:
    with db.metrics_transaction() as session:
        row = session.execute(
            text(
                "SELECT coalesce(sum(impressions), 0), coalesce(sum(clicks), 0), coalesce(sum(spend_micros), 0),"
                " coalesce(sum(conversions_micros), 0), coalesce(sum(revenue_micros), 0) FROM metric_facts"
                " WHERE level = :level AND breakdown = '' AND day BETWEEN :since AND :until"
            ),
            {"level": level, "since": since, "until": until},
        ).one()
    names = ("impressions", "clicks", "spend_micros", "conversions", "value_micros")
    found = dict(zip(names, map(int, row), strict=True))
    return found | {"conversions": found["conversions"] // 1_000_000}


def truth(sandbox: Sandbox, account: MetaAccount, level: str, since: date, until: date) -> dict[str, int]:
    answer = sandbox.admin.get(
        "/_sandbox/oracle",
        params={"account": account.meta_account_id, "level": level, "since": str(since), "until": str(until)},
    ).json()["totals"]
    return {
        "impressions": answer["impressions"],
        "clicks": answer["clicks"],
        "spend_micros": answer["spend_micros"],
        "conversions": answer["purchases"],
        "value_micros": answer["value_micros"],
    }


def frozen(sandbox: Sandbox) -> None:
    sandbox.admin.post("/_sandbox/clock", json={"speed": 0})


@pytest.mark.parametrize("level", ["account", "campaign", "adset", "ad"])
def test_every_level_equals_the_oracle_to_the_cent(database: Database, sandbox: Sandbox, level: str) -> None:
    frozen(sandbox)
    _user, account_id = connected(database, sandbox, "lucia")
    drain()
    with database() as session:
        account = session.get_one(MetaAccount, account_id)
    today = datetime.now(ZoneInfo(account.timezone)).date()
    since = today - timedelta(days=27)
    assert stored(level, since, today) == truth(sandbox, account, level, since, today)


def test_the_structure_is_complete(database: Database, sandbox: Sandbox) -> None:
    connected(database, sandbox, "lucia")
    drain()
    with database() as session:
        counts = [len(session.exec(select(table)).all()) for table in (Campaign, AdSet, Ad)]
    assert counts == [12, 36, 108]


def test_a_sync_ends_done_at_a_hundred_percent(database: Database, sandbox: Sandbox) -> None:
    connected(database, sandbox, "lucia")
    drain()
    with database() as session:
        sync = session.exec(select(Sync)).one()
    assert (sync.status, sync.progress, sync.error_code) == (SyncStatus.DONE, 100, None)


def test_asking_again_answers_the_sync_under_way(database: Database, sandbox: Sandbox) -> None:
    user_id, account_id = connected(database, sandbox, "lucia")
    with database() as session:
        first = syncs.request(session, user_id, account_id, SyncKind.ACCOUNT)
        second = syncs.request(session, user_id, account_id, SyncKind.ACCOUNT)
    assert first.id == second.id


def test_a_piece_that_runs_twice_does_nothing_the_second_time(database: Database, sandbox: Sandbox) -> None:
    connected(database, sandbox, "lucia")
    with database() as session:
        sync = session.exec(select(Sync)).one()
    syncing.run(sync.id, sync.hop)
    before = len(sandbox.admin.get("/_sandbox/calls").json())
    syncing.run(sync.id, sync.hop)
    assert len(sandbox.admin.get("/_sandbox/calls").json()) == before


def test_numbers_that_are_restated_are_kept_with_what_they_were(database: Database, sandbox: Sandbox) -> None:
    frozen(sandbox)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    sandbox.admin.post("/_sandbox/clock", json={"by": 3 * 86400})
    with database() as session:
        syncs.request(session, user_id, account_id, SyncKind.TRAILING)
    drain()
    with db.metrics_transaction() as session:
        replaced = session.execute(
            text("SELECT count(*) FROM metric_changes WHERE level = 'campaign'")
        ).scalar_one()
        version = session.execute(text("SELECT max(version) FROM metric_facts")).scalar_one()
    with database() as session:
        account = session.get_one(MetaAccount, account_id)
    today = datetime.now(ZoneInfo(account.timezone)).date()
    days = today - timedelta(days=20), today - timedelta(days=1)
    assert replaced > 0
    assert version > 1
    assert stored("campaign", *days) == truth(sandbox, account, "campaign", *days)


def test_a_dead_token_is_told_once_and_not_tried_again(database: Database, sandbox: Sandbox) -> None:
    connected(database, sandbox, "lucia")
    sandbox.admin.post("/_sandbox/tokens/kill", json={"person": "lucia", "subcode": 463})
    sandbox.admin.delete("/_sandbox/calls")
    drain()
    calls = [call for call in sandbox.admin.get("/_sandbox/calls").json() if call["code"] == 190]
    with database() as session:
        connection = session.exec(select(MetaConnection)).one()
        sync = session.exec(select(Sync)).one()
        told = session.execute(
            text("SELECT count(*) FROM notifications WHERE kind = 'connection_needs_reauth'")
        ).scalar_one()
    assert len(calls) == 1
    assert connection.status is ConnectionStatus.NEEDS_REAUTH
    assert sync.status is SyncStatus.CANCELLED
    assert told == 1


@pytest.mark.parametrize("kind", ["html502", "empty500", "not_json", "code2", "reset"])
def test_a_stumble_of_meta_loses_and_doubles_nothing(
    database: Database, sandbox: Sandbox, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vibekanban.clients.meta.gateway.time.sleep", lambda _seconds: None)
    frozen(sandbox)
    _user, account_id = connected(database, sandbox, "lucia")
    sandbox.admin.post(
        "/_sandbox/faults", json={"kind": kind, "path": "/(ads|insights)$", "method": "GET", "times": 2}
    )
    drain()
    with database() as session:
        account = session.get_one(MetaAccount, account_id)
        ads = len(session.exec(select(Ad)).all())
    today = datetime.now(ZoneInfo(account.timezone)).date()
    since = today - timedelta(days=27)
    assert ads == 108
    assert stored("ad", since, today) == truth(sandbox, account, "ad", since, today)


def resumed_after(place: str) -> None:
    """Have the sync under way go on in the middle of its campaigns from a place Meta gave out."""
    cursor = {"at": "campaign", "since": columns.now().isoformat(), "after": place}
    with db.transaction() as session:
        session.exec(select(Sync)).one().cursor = cursor


def test_a_listing_whose_place_expired_begins_anew(database: Database, sandbox: Sandbox) -> None:
    connected(database, sandbox, "lucia")
    resumed_after("forgotten")
    drain()
    with database() as session:
        assert session.exec(select(Sync)).one().status is SyncStatus.DONE
        assert len(session.exec(select(Ad)).all()) == 108


def test_a_listing_whose_place_expires_every_time_fails(database: Database, sandbox: Sandbox) -> None:
    connected(database, sandbox, "lucia")
    sandbox.admin.post("/_sandbox/faults", json={"kind": "error", "code": 2642, "path": "/ads$", "times": -1})
    drain()
    with database() as session:
        sync = session.exec(select(Sync)).one()
    assert (sync.status, sync.error_code) == (SyncStatus.FAILED, "meta_cursor_expired")
    asked = [call for call in sandbox.admin.get("/_sandbox/calls").json() if call["code"] == 2642]
    assert len(asked) == paging.RESTARTS + 1


@pytest.mark.parametrize("path", ["act_[0-9]+/insights$", "/[0-9]+/insights$"])
def test_numbers_whose_listing_is_lost_are_read_again(
    database: Database, sandbox: Sandbox, path: str
) -> None:
    frozen(sandbox)
    _user, account_id = connected(database, sandbox, "lucia")
    sandbox.admin.post(
        "/_sandbox/faults", json={"kind": "error", "code": 2642, "path": path, "method": "GET", "times": 2}
    )
    drain()
    with database() as session:
        account = session.get_one(MetaAccount, account_id)
    today = datetime.now(ZoneInfo(account.timezone)).date()
    since = today - timedelta(days=27)
    assert stored("campaign", since, today) == truth(sandbox, account, "campaign", since, today)


def test_a_report_that_fails_is_asked_for_in_halves(database: Database, sandbox: Sandbox) -> None:
    frozen(sandbox)
    _user, account_id = connected(database, sandbox, "lucia")
    sandbox.admin.post("/_sandbox/reports", json={"seconds": 0, "fates": ["failed", "", "skipped"]})
    drain()
    with database() as session:
        account = session.get_one(MetaAccount, account_id)
        sync = session.exec(select(Sync)).one()
    today = datetime.now(ZoneInfo(account.timezone)).date()
    since = today - timedelta(days=27)
    assert sync.status is SyncStatus.DONE
    for level in ("account", "campaign", "adset", "ad"):
        assert stored(level, since, today) == truth(sandbox, account, level, since, today)


def test_a_piece_whose_worker_died_is_taken_up(database: Database, sandbox: Sandbox) -> None:
    connected(database, sandbox, "lucia")
    with database() as session:
        sync = session.exec(select(Sync)).one()
        syncs.claim(session, sync.id, sync.hop)  # and now the worker dies
    broker.connection().flushdb()
    with database() as session:
        session.execute(text("UPDATE syncs SET due_at = now() - interval '1 hour'"))
    with database() as session:
        assert syncs.revive(session) == 1
    drain()
    with database() as session:
        assert session.exec(select(Sync)).one().status is SyncStatus.DONE


def test_pieces_that_are_short_run_in_one_job(database: Database, sandbox: Sandbox) -> None:
    frozen(sandbox)
    user_id, account_id = connected(database, sandbox, "lucia")
    drain()
    with database() as session:
        sync = syncs.request(session, user_id, account_id, SyncKind.TODAY)
    ticket = next_job()
    assert ticket is not None
    syncing.run(*(UUID(ticket.args[0]), ticket.args[1]))
    with database() as session:
        done = session.get_one(Sync, sync.id)
        assert (done.status, done.hop) == (SyncStatus.DONE, 1)
