"""The structure of an account: every page kept, what is gone marked, what is newer left alone, memory bounded."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select

from tests.conftest import ROOT, Sandbox
from tests.domains.meta.test_syncing import Database, connected, drain
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.core import columns
from vibekanban.domains.meta import structure, syncs
from vibekanban.domains.meta.models import Ad, AdSet, Campaign, Level, MetaAccount, Sync, SyncKind, SyncStatus


def a_listed(meta_id: str, **values: Any) -> dict[str, Any]:
    """A campaign as Meta's edge lists it."""
    return {
        "id": meta_id,
        "name": f"Campaign {meta_id}",
        "status": "ACTIVE",
        "effective_status": "ACTIVE",
        "objective": "OUTCOME_SALES",
        "daily_budget": "5000",
        "created_time": "2026-01-05T10:00:00+0100",
        **values,
    }


@pytest.fixture
def account(session: Session) -> MetaAccount:
    return an_account(session, a_connection(session, a_user(session)))


def campaigns(session: Session) -> list[Campaign]:
    session.expire_all()
    return list(session.exec(select(Campaign).order_by(col(Campaign.meta_id))))


def test_a_page_becomes_rows_with_typed_values(session: Session, account: MetaAccount) -> None:
    row = a_listed(
        "1", special_ad_categories=["HOUSING"], issues_info=[{"error_code": 1}], lifetime_budget="0"
    )
    assert structure.keep(session, account, Level.CAMPAIGN, [row], read_at=columns.now()) == 1
    kept = campaigns(session)[0]
    assert (kept.daily_budget, kept.lifetime_budget) == (5000, None)
    assert (kept.special_ad_categories, kept.issues) == (["HOUSING"], [{"error_code": 1}])
    assert kept.created_time is not None
    assert kept.created_time.isoformat() == "2026-01-05T09:00:00+00:00"


def test_a_listing_that_repeats_a_row_keeps_it_once(session: Session, account: MetaAccount) -> None:
    structure.keep(session, account, Level.CAMPAIGN, [a_listed("1"), a_listed("1")], read_at=columns.now())
    assert len(campaigns(session)) == 1


def test_an_object_keeps_its_id_when_it_is_listed_again(session: Session, account: MetaAccount) -> None:
    structure.keep(session, account, Level.CAMPAIGN, [a_listed("1")], read_at=columns.now())
    before = campaigns(session)[0].id
    structure.keep(session, account, Level.CAMPAIGN, [a_listed("1", name="New")], read_at=columns.now())
    assert [(one.id, one.name) for one in campaigns(session)] == [(before, "New")]


def test_what_was_changed_after_the_page_was_asked_for_stays(session: Session, account: MetaAccount) -> None:
    asked = columns.now()
    paused = a_campaign(session, account, status="PAUSED", synced_at=asked + timedelta(seconds=1))
    structure.keep(session, account, Level.CAMPAIGN, [a_listed(paused.meta_id)], read_at=asked)
    assert campaigns(session)[0].status == "PAUSED"


def test_what_the_listing_no_longer_shows_is_missing_and_comes_back(
    session: Session, account: MetaAccount
) -> None:
    structure.keep(session, account, Level.CAMPAIGN, [a_listed("1"), a_listed("2")], read_at=columns.now())
    started = columns.now()
    structure.keep(session, account, Level.CAMPAIGN, [a_listed("1")], read_at=columns.now())
    assert structure.mark_missing(session, account.id, Level.CAMPAIGN, since=started) == 1
    assert [one.missing_at is None for one in campaigns(session)] == [True, False]
    structure.keep(session, account, Level.CAMPAIGN, [a_listed("2")], read_at=columns.now())
    assert [one.missing_at is None for one in campaigns(session)] == [True, True]


def test_another_owner_of_the_same_ad_account_has_rows_of_their_own(
    session: Session, account: MetaAccount
) -> None:
    other = an_account(
        session, a_connection(session, a_user(session)), meta_account_id=account.meta_account_id
    )
    for one in (account, other):
        structure.keep(session, one, Level.CAMPAIGN, [a_listed("1")], read_at=columns.now())
    assert {row.user_id for row in campaigns(session)} == {account.user_id, other.user_id}


def test_an_ad_set_of_an_unknown_campaign_waits(session: Session, account: MetaAccount) -> None:
    row = {"id": "9", "name": "x", "status": "ACTIVE", "effective_status": "ACTIVE", "campaign_id": "404"}
    assert structure.keep(session, account, Level.AD_SET, [row], read_at=columns.now()) == 0


@pytest.mark.parametrize("paging", [{"short": True}, {"hole": True}])
def test_short_and_empty_pages_in_the_middle_lose_nothing(
    database: Database, sandbox: Sandbox, paging: dict[str, bool]
) -> None:
    sandbox.admin.post("/_sandbox/paging", json=paging)
    connected(database, sandbox, "lucia")
    drain()
    with database() as session:
        counts = [len(session.exec(select(table)).all()) for table in (Campaign, AdSet, Ad)]
    assert counts == [12, 36, 108]


MEASURE = """
import json, resource, sys
from uuid import UUID
from workers import meta_syncs
from vibekanban.core import db
from vibekanban.domains.meta import syncing
from vibekanban.domains.meta.models import Sync

syncing.SPELL = 0  # a piece a run, to tell them apart
sync_id, wanted = UUID(sys.argv[1]), sys.argv[2]
peaks = {}
while True:
    with db.transaction() as session:
        sync = session.get_one(Sync, sync_id)
    at = str(sync.cursor.get("at", "campaign"))
    if at == wanted or sync.finished_at:
        break
    meta_syncs.run_sync(str(sync_id), sync.hop)
    peaks[at] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(json.dumps(peaks))
"""


def test_ten_thousand_ads_take_no_more_memory_than_a_hundred_campaigns(
    database: Database, sandbox: Sandbox
) -> None:
    _user, account_id = connected(database, sandbox, "grande")
    with database() as session:
        sync = session.exec(select(Sync).where(Sync.account_id == account_id)).one()
        session.delete(sync)
        account = session.get_one(MetaAccount, account_id)
        trailing = syncs.request(session, account.user_id, account_id, SyncKind.TRAILING)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(trailing.id), "details"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    peaks = json.loads(done.stdout.splitlines()[-1])
    with database() as session:
        ads = len(session.exec(select(Ad.id).where(Ad.account_id == account_id)).all())
        assert session.get_one(Sync, trailing.id).status is not SyncStatus.FAILED
    assert ads == 10_000
    assert peaks["ad"] - peaks["campaign"] < 40  # megabytes
