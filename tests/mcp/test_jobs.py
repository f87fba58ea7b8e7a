"""Long work of any kind is followed and called off by its id, also by who speaks plain JSON."""

from __future__ import annotations

import threading
import time
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlmodel import select

from tests.factories import tenants
from tests.factories.access import a_token
from tests.mcp.conftest import Database, Server, Tenant, a_tenant
from vibekanban.api import hanging_up
from vibekanban.core import columns
from vibekanban.domains.access import audit
from vibekanban.domains.access.models import Scope
from vibekanban.domains.alerts import backtest, engine
from vibekanban.domains.editing.models import BulkRow, BulkRun, RowState, RunState
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.models import ActorKind, Level, MetaAccount, Sync, SyncKind, SyncStatus
from vibekanban.domains.tools.following import Watch


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return a_tenant(database)


def a_sync(database: Database, tenant: Tenant, kind: SyncKind = SyncKind.HISTORY) -> str:
    with database() as session:
        return str(syncs.request(session, UUID(tenant.user_id), UUID(tenant.account_id), kind).id)


def a_bulk(database: Database, tenant: Tenant) -> str:
    """Two rows, of which one is done."""
    with database() as session:
        run = BulkRun(
            user_id=UUID(tenant.user_id), action="pause", actor_kind=ActorKind.USER, total=2, done=1
        )
        session.add(run)
        session.flush()
        for position, state in enumerate((RowState.DONE, RowState.WAITING)):
            session.add(
                BulkRow(
                    run_id=run.id,
                    position=position,
                    user_id=run.user_id,
                    account_id=UUID(tenant.account_id),
                    level=Level.CAMPAIGN,
                    object_id=UUID(tenant.campaign_id),
                    object_name="Rebajas",
                    state=state,
                )
            )
        return str(run.id)


def asked(http: httpx.Client, tool: str, job_id: str) -> dict[str, Any]:
    return http.post(f"/api/mcp/tools/{tool}", json={"arguments": {"jobId": job_id}}).json()


def test_a_read_of_meta_is_followed_and_called_off_as_plain_json(
    server: Server, database: Database, tenant: Tenant
) -> None:
    job_id = a_sync(database, tenant)
    with server.http(tenant.token) as http:
        before = asked(http, "get_job", job_id)["result"]
        after = asked(http, "cancel_job", job_id)["result"]
    assert (before["kind"], before["action"], before["status"]) == ("sync", "history", "queued")
    assert (before["cancellable"], before["detailsTool"]) == (True, "get_sync")
    assert (after["status"], after["error"]["code"], after["cancellable"]) == (
        "cancelled",
        "sync_called_off",
        False,
    )
    with database() as session:
        assert syncs.claim(session, UUID(job_id), 0) is None  # its worker finds nothing to do
        entry = audit.entries(session, UUID(tenant.user_id))[0]
    assert (entry.tool, entry.object_id, str(entry.account_id)) == ("cancel_job", job_id, tenant.account_id)


def test_a_bulk_edit_is_followed_and_called_off_by_the_same_tools(
    server: Server, database: Database, tenant: Tenant
) -> None:
    job_id = a_bulk(database, tenant)
    before = server.call(tenant.token, "get_job", jobId=job_id).result
    after = server.call(tenant.token, "cancel_job", jobId=job_id).result
    assert (before["status"], before["progress"], before["cancellable"]) == ("running", 50, True)
    assert (after["status"], after["progress"], after["error"]["code"]) == ("cancelled", 100, "cancelled")
    with database() as session:
        assert session.get_one(BulkRun, UUID(job_id)).status is RunState.DONE


def test_what_is_over_is_answered_as_it_ended(server: Server, database: Database, tenant: Tenant) -> None:
    job_id = a_sync(database, tenant)
    with database() as session:
        syncs.end(session, session.get_one(Sync, UUID(job_id)), SyncStatus.DONE, hop=0)
    answer = server.call(tenant.token, "cancel_job", jobId=job_id).result
    assert (answer["status"], answer["progress"], answer["error"]) == ("done", 100, None)


def test_the_platforms_own_reads_are_not_called_off(
    server: Server, database: Database, tenant: Tenant
) -> None:
    job_id = a_sync(database, tenant, SyncKind.TODAY)
    assert not server.call(tenant.token, "get_job", jobId=job_id).result["cancellable"]
    assert server.call(tenant.token, "cancel_job", jobId=job_id).code == "sync_of_the_platform"
    with database() as session:
        assert session.get_one(Sync, UUID(job_id)).status is SyncStatus.QUEUED


def test_a_token_that_only_reads_calls_off_reads_and_no_writes(
    server: Server, database: Database, tenant: Tenant
) -> None:
    with database() as session:
        reader = a_token(
            session, UUID(tenant.user_id), account_ids=[UUID(tenant.account_id)], scopes=[Scope.READ]
        ).secret
    bulk_id, sync_id = a_bulk(database, tenant), a_sync(database, tenant)
    assert server.call(reader, "cancel_job", jobId=bulk_id).code == "scope_missing"
    assert server.call(reader, "cancel_job", jobId=sync_id).result["status"] == "cancelled"
    with database() as session:
        states = session.exec(select(BulkRow.state).where(BulkRow.run_id == UUID(bulk_id)))
        assert RowState.WAITING in set(states)


def test_an_id_of_nothing_is_not_found(server: Server, database: Database, tenant: Tenant) -> None:
    with database() as session:
        theirs = tenants.a_tenant(session, "Ajena").ids
    for job_id in (theirs["job"], theirs["batch"], tenant.campaign_id):
        assert server.call(tenant.token, "cancel_job", jobId=str(job_id)).code == "not_found"


def test_who_hangs_up_calls_a_backtest_off(
    server: Server, database: Database, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backtest, "PIECE", 1)
    monkeypatch.setattr(backtest, "SHORTEST", 5)
    pieces, adding_up = [], engine.add_up
    ends = time.monotonic() + 20

    def slowly(*args: Any) -> None:
        pieces.append(1)
        while not watches[-1].cancelled() and time.monotonic() < ends:
            threading.Event().wait(0.01)
        adding_up(*args)

    watches: list[Watch] = []

    def watch(**given: Any) -> Watch:
        watches.append(Watch(**given))
        return watches[-1]

    monkeypatch.setattr(hanging_up, "Watch", watch)
    monkeypatch.setattr(engine, "add_up", slowly)
    with database() as session:
        session.get_one(MetaAccount, UUID(tenant.account_id)).today_synced_at = columns.now()
    arguments = {
        "accountId": tenant.account_id,
        "name": "Gasto",
        "condition": {"metric": "spend", "operator": ">", "value": 1},
        "window": "yesterday",
    }
    with server.http(tenant.token) as http, pytest.raises(httpx.ReadTimeout):
        http.post("/api/mcp/tools/backtest_alert", json={"arguments": arguments}, timeout=1)
    entry = None
    while entry is None and time.monotonic() < ends:
        with database() as session:
            entry = next(iter(audit.entries(session, UUID(tenant.user_id))), None)
    assert entry is not None
    assert (entry.tool, entry.error_code) == ("backtest_alert", "cancelled")
    assert len(pieces) == 1
