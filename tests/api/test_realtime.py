"""Today's numbers as a stream, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx

from tests.api.test_stream import server as server
from tests.factories.accounts import a_user, bearer
from tests.factories.meta import a_campaign, a_connection, an_account
from tests.factories.metrics import a_fact, write
from tests.factories.sharing import a_member
from vibekanban.core import db, events
from vibekanban.domains.meta import metrics
from vibekanban.domains.meta.models import MetaAccount


def numbers(lines: Iterator[str]) -> Iterator[dict[str, Any]]:
    """The data of every `today` event."""
    event = ""
    for line in lines:
        name, _, value = line.partition(": ")
        if name == "event":
            event = value
        if name == "data" and event == "today":
            yield json.loads(value)


def spent(account: MetaAccount, campaign: str, spend: str) -> None:
    """What a sync does: new numbers in the store, and a word to the open pages."""
    today = metrics.local_today(account)
    with db.metrics_transaction() as store:
        write(store, account.id, [a_fact(campaign, today, spend=spend)], since=today, until=today)
    with db.transaction() as session:
        events.publish(session, account.user_id, events.Topic.METRICS, account_id=account.id)


def test_new_numbers_come_as_they_are_written(server: str, database: Any) -> None:
    with database() as session:
        user = a_user(session)
        account = an_account(session, a_connection(session, user))
        campaign = a_campaign(session, account)
        headers = {**bearer(session, user), "Accept": "text/event-stream"}
    spent(account, campaign.meta_id, "1.00")
    path = f"{server}/api/meta/metrics/{campaign.id}/realtime"
    with httpx.stream("GET", path, headers=headers, timeout=20) as answer:
        found = numbers(answer.iter_lines())
        first = next(found)
        spent(account, campaign.meta_id, "2.50")
        second = next(found)
    assert [first["totals"]["spend"], second["totals"]["spend"]] == ["1.00", "2.50"]
    assert UUID(second["campaignId"]) == campaign.id
    assert second["ageSeconds"] >= 0


def test_the_stream_of_anothers_campaign_is_not_found(server: str, database: Any) -> None:
    with database() as session:
        campaign = a_campaign(session, an_account(session, a_connection(session, a_user(session))))
        headers = {**bearer(session, a_user(session)), "Accept": "text/event-stream"}
    answer = httpx.get(f"{server}/api/meta/metrics/{campaign.id}/realtime", headers=headers, timeout=20)
    assert answer.status_code == 404


def test_a_guest_hears_of_new_numbers_too(server: str, database: Any) -> None:
    with database() as session:
        account = an_account(session, a_connection(session, a_user(session)))
        campaign = a_campaign(session, account)
        guest = a_member(session, a_user(session), account)
        headers = {**bearer(session, guest), "Accept": "text/event-stream"}
    spent(account, campaign.meta_id, "1.00")
    path = f"{server}/api/meta/metrics/{campaign.id}/realtime"
    with httpx.stream("GET", path, headers=headers, timeout=20) as answer:
        found = numbers(answer.iter_lines())
        next(found)
        spent(account, campaign.meta_id, "2.50")
        assert next(found)["totals"]["spend"] == "2.50"
