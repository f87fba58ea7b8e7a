"""Syncs as rows: one at a time, taken up when a worker dies, let rest when they keep failing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.core import columns
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import syncs
from vibekanban.domains.meta.errors import ConnectionNeedsSignIn
from vibekanban.domains.meta.models import (
    ConnectionStatus,
    MetaAccount,
    MetaConnection,
    Sync,
    SyncKind,
    SyncStatus,
)


@pytest.fixture
def account(session: Session) -> MetaAccount:
    return an_account(
        session, a_connection(session, a_user(session)), structure_synced_at=columns.now() - timedelta(days=1)
    )


def asked(session: Session, account: MetaAccount, kind: SyncKind = SyncKind.TODAY) -> Sync:
    return syncs.request(session, account.user_id, account.id, kind)


def failed(session: Session, account: MetaAccount, *, ago: timedelta) -> None:
    sync = asked(session, account)
    syncs.end(session, sync, SyncStatus.FAILED, hop=sync.hop, error_code="meta_needs_permission")
    sync.finished_at = columns.now() - ago
    session.flush()


def overdue(session: Session, sync: Sync) -> None:
    sync.due_at = columns.now() - timedelta(hours=1)
    session.flush()


def test_one_kind_runs_once_at_a_time_and_kinds_run_side_by_side(
    session: Session, account: MetaAccount
) -> None:
    assert asked(session, account).id == asked(session, account).id
    assert asked(session, account, SyncKind.HISTORY).id != asked(session, account).id


def test_anothers_account_is_not_found(session: Session, account: MetaAccount) -> None:
    with pytest.raises(NotFound):
        syncs.request(session, a_user(session).id, account.id, SyncKind.TODAY)


def test_a_connection_that_needs_its_person_is_not_synced(session: Session, account: MetaAccount) -> None:
    session.get_one(MetaConnection, account.connection_id).status = ConnectionStatus.NEEDS_REAUTH
    with pytest.raises(ConnectionNeedsSignIn):
        asked(session, account)
    assert syncs.due_today(session, older_than=columns.now()) == []


def test_a_hop_is_claimed_once(session: Session, account: MetaAccount) -> None:
    sync = asked(session, account)
    hop = sync.hop
    assert syncs.claim(session, sync.id, hop) is not None
    assert syncs.claim(session, sync.id, hop) is None


def test_a_worker_that_was_given_up_writes_nothing_any_more(session: Session, account: MetaAccount) -> None:
    sync = asked(session, account)
    late = syncs.claim(session, sync.id, sync.hop)
    assert late is not None
    hop = late.hop
    overdue(session, sync)
    syncs.revive(session)
    assert not syncs.advance(session, sync, hop=hop, cursor={"at": "ad"}, step="ad", progress=90)
    assert not syncs.end(session, sync, SyncStatus.DONE, hop=hop)
    assert sync.status is SyncStatus.RUNNING
    assert sync.cursor == {}


def test_what_loses_its_worker_again_and_again_has_failed(session: Session, account: MetaAccount) -> None:
    sync = asked(session, account)
    for _ in range(syncs.TRIES):
        syncs.claim(session, sync.id, sync.hop)
        overdue(session, sync)
        syncs.revive(session)
    assert (sync.status, sync.error_code) == (SyncStatus.FAILED, "sync_stuck")


def test_a_piece_that_gets_on_is_not_counted_as_stuck(session: Session, account: MetaAccount) -> None:
    sync = asked(session, account)
    for page in range(syncs.TRIES * 2):
        syncs.claim(session, sync.id, sync.hop)
        assert syncs.beat(session, sync, {"at": "ad", "after": str(page)})
        session.refresh(sync)
        overdue(session, sync)
        syncs.revive(session)
    assert sync.status is SyncStatus.RUNNING


def test_a_sync_that_is_waiting_for_its_time_is_not_taken_up(session: Session, account: MetaAccount) -> None:
    sync = asked(session, account)
    claimed = syncs.claim(session, sync.id, sync.hop)
    assert claimed is not None
    syncs.advance(
        session, sync, hop=claimed.hop, cursor={}, step="details", progress=5, delay=timedelta(minutes=3)
    )
    assert sync.status is SyncStatus.WAITING
    assert syncs.revive(session) == 0


def test_progress_never_goes_back(session: Session, account: MetaAccount) -> None:
    sync = asked(session, account)
    for progress in (40, 20):
        claimed = syncs.claim(session, sync.id, sync.hop)
        assert claimed is not None
        syncs.advance(session, claimed, hop=claimed.hop, cursor={}, step="ad", progress=progress)
    assert sync.progress == 40


def test_an_account_is_due_when_its_last_look_is_old(session: Session, account: MetaAccount) -> None:
    now = columns.now()
    account.today_synced_at = now - timedelta(minutes=6)
    session.flush()
    assert syncs.due_today(session, older_than=now - timedelta(minutes=5)) == [account]
    assert syncs.due_today(session, older_than=now - timedelta(minutes=7)) == []


def test_an_account_whose_sync_is_under_way_is_not_due(session: Session, account: MetaAccount) -> None:
    asked(session, account)
    assert syncs.due_today(session, older_than=columns.now()) == []
    assert syncs.due_trailing(session, older_than=columns.now(), limit=10) == [account]


def test_an_account_that_failed_is_let_rest_for_an_hour(session: Session, account: MetaAccount) -> None:
    failed(session, account, ago=timedelta(minutes=10))
    assert syncs.due_today(session, older_than=columns.now()) == []


def test_an_account_that_failed_long_ago_is_tried_again(session: Session, account: MetaAccount) -> None:
    failed(session, account, ago=timedelta(hours=2))
    assert syncs.due_today(session, older_than=columns.now()) == [account]


def test_what_ended_weeks_ago_is_forgotten(session: Session, account: MetaAccount) -> None:
    failed(session, account, ago=timedelta(days=15))
    failed(session, account, ago=timedelta(days=1))
    syncs.forget_old(session)
    assert len(session.exec(select(Sync).where(col(Sync.account_id) == account.id)).all()) == 1
