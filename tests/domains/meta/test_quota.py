"""The quota meter of an account says what the pacing of calls goes by."""

from __future__ import annotations

import json

import pytest
from redis import Redis
from sqlmodel import Session

from tests.factories.accounts import a_user
from tests.factories.meta import a_connection, an_account
from vibekanban.clients.meta import pacing, tally
from vibekanban.core.errors import NotFound
from vibekanban.core.queue import Lane
from vibekanban.core.settings import settings
from vibekanban.domains.meta import quota
from vibekanban.domains.meta.models import MetaAccount
from vibekanban.domains.meta.quota import Calls, Pace


@pytest.fixture
def account(session: Session) -> MetaAccount:
    return an_account(session, a_connection(session, a_user(session)))


def meter(redis: Redis, account: MetaAccount) -> pacing.Pacing:
    app, key = settings().meta_app_id, str(account.connection_id)
    return pacing.Pacing(redis, app_id=app, account=account.meta_account_id, key=key)


def told(session: Session, account: MetaAccount) -> quota.Quota:
    return quota.quota(session, account.user_id, account.id)


def paces(found: quota.Quota, *, insights: bool) -> dict[Lane, Pace]:
    return {one.lane: one.pace for one in found.lanes if one.insights is insights}


def test_nothing_called_yet_is_free(session: Session, account: MetaAccount) -> None:
    found = told(session, account)
    assert (found.buckets, found.last_hour, found.blocked_until, found.reviewed) == ([], [], None, 0)
    assert set(paces(found, insights=True).values()) == {Pace.FREE}


def test_a_tight_bucket_of_insights_holds_the_background_there_alone(
    session: Session, account: MetaAccount, redis: Redis
) -> None:
    meter(redis, account).learn({"x-fb-ads-insights-throttle": json.dumps({"acc_id_util_pct": 80})})
    meter(redis, account).learn({"x-app-usage": json.dumps({"call_count": 60})})
    found = told(session, account)
    assert [(one.name, one.percent, one.of_app) for one in found.buckets[:2]] == [
        ("insights", 80, False),
        ("app", 60, True),
    ]
    held = {Lane.HUMAN: Pace.FREE, Lane.ALERT: Pace.FREE}
    assert paces(found, insights=True) == held | {Lane.TODAY: Pace.HELD, Lane.HISTORY: Pace.HELD}
    assert paces(found, insights=False) == held | {Lane.TODAY: Pace.SLOWED, Lane.HISTORY: Pace.SLOWED}


def test_a_block_of_metas_holds_everybody_and_says_until_when(
    session: Session, account: MetaAccount, redis: Redis
) -> None:
    meter(redis, account).learn({"x-ad-account-usage": json.dumps({"acc_id_util_pct": 10})})
    until = meter(redis, account).block({}, 17, None)
    found = told(session, account)
    assert found.blocked_until is not None
    assert abs((found.blocked_until - until).total_seconds()) < 1
    assert [(one.name, one.blocked, one.percent) for one in found.buckets] == [("score", True, 100)]
    assert set(paces(found, insights=True).values()) == {Pace.HELD}


def test_calls_are_those_of_the_account_and_what_meta_never_saw_is_no_failure(
    session: Session, account: MetaAccount, redis: Redis
) -> None:
    key, number = str(account.connection_id), account.meta_account_id
    for outcome, calls in (("ok", 5), ("Transient", 1), ("held_back", 2)):
        tally.count(redis, key, number, Lane.TODAY, outcome, calls)
    tally.count(redis, key, "another", Lane.HUMAN, "ok", 4)
    found = told(session, account)
    assert found.last_hour == [
        Calls(Lane.TODAY, "Transient", 1),
        Calls(Lane.TODAY, "held_back", 2),
        Calls(Lane.TODAY, "ok", 5),
    ]
    assert (found.reviewed, found.failed) == (10, 1)


def test_another_persons_quota_is_not_found(session: Session, account: MetaAccount) -> None:
    with pytest.raises(NotFound):
        quota.quota(session, a_user(session).id, account.id)
