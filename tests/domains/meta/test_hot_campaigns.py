"""The asynchronous campaign list says what the other one says, for every filter, order and page."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session

from tests.domains.meta.test_syncing import Database
from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.api.campaign_shapes import CampaignOut, row_of
from vibekanban.api.wire import Page
from vibekanban.core import columns, pools
from vibekanban.domains.meta import campaigns, hot_campaigns, metrics
from vibekanban.domains.meta.campaigns import Sort
from vibekanban.domains.meta.cursors import BadCursor
from vibekanban.domains.meta.models import MetaAccount


def a_full_house(session: Session) -> tuple[UUID, list[MetaAccount]]:
    """A person with campaigns of every kind in three currencies, and a stranger with one."""
    user = a_user(session)
    connection = a_connection(session, user)
    accounts = [
        an_account(session, connection, currency=currency, timezone=zone)
        for currency, zone in (("EUR", "Europe/Madrid"), ("JPY", "Asia/Tokyo"), ("USD", "America/New_York"))
    ]
    for account in accounts:
        today = metrics.local_today(account)
        a_campaign(
            session, account, name='Rebajas "100%" \\ ñandú_', today=today, today_spend_micros=12_340_000
        )
        a_campaign(session, account, name="otra", today=today - timedelta(days=1), today_spend_micros=99)
        a_campaign(session, account, name="Otra", daily_budget=None, lifetime_budget=123_456)
        a_campaign(session, account, name="sin nada", daily_budget=None, effective_status="WITH_ISSUES",
                   issues=[{"error_code": 1, "error_summary": "¿Qué?"}])  # fmt: skip
        a_campaign(session, account, name="igual", today=today, today_spend_micros=1_234_567, today_clicks=7)
    a_campaign(session, an_account(session, a_connection(session, a_user(session))))
    return user.id, accounts


def plain(session: Session, user_id: UUID, **asked: Any) -> dict[str, Any]:
    page = campaigns.campaigns(session, user_id, **asked)
    body = Page(items=[CampaignOut(**row_of(row)) for row in page.items], next_cursor=page.next_cursor)
    return json.loads(body.model_dump_json(by_alias=True))


def hot(user_id: UUID, **asked: Any) -> dict[str, Any]:
    async def answered() -> str:
        async with pools.opened():
            return await hot_campaigns.campaigns(user_id, **asked)

    return json.loads(asyncio.run(answered()))


@pytest.mark.parametrize("sort", Sort)
def test_every_page_of_every_order_is_the_same(database: Database, sort: Sort) -> None:
    with database() as session:
        user_id, _accounts = a_full_house(session)
    cursor, seen = None, 0
    while True:
        with database() as session:
            expected = plain(session, user_id, sort=sort, limit=4, cursor=cursor)
        assert hot(user_id, sort=sort, limit=4, cursor=cursor) == expected
        seen += len(expected["items"])
        if (cursor := expected["nextCursor"]) is None:
            break
    assert seen == 15


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "OTRA"}, {"q": "100%"}, {"q": "\\"}, {"q": "_"}, {"q": "ñandú"}, {"q": "nobody"}, {"q": " igual "},
        {"statuses": ["WITH_ISSUES"]}, {"statuses": ["WITH_ISSUES", "ACTIVE"], "q": "s"}, {"account_ids": []},
    ],
)  # fmt: skip
def test_every_filter_finds_the_same(database: Database, asked: dict[str, Any]) -> None:
    with database() as session:
        user_id, _accounts = a_full_house(session)
        expected = plain(session, user_id, limit=100, **asked)
    assert hot(user_id, limit=100, **asked) == expected


def test_one_account_is_listed_alone(database: Database) -> None:
    with database() as session:
        user_id, accounts = a_full_house(session)
        expected = plain(session, user_id, account_ids=[accounts[1].id])
    assert hot(user_id, account_ids=[accounts[1].id]) == expected
    assert len(expected["items"]) == 5


def test_metas_own_id_finds_its_campaign(database: Database) -> None:
    with database() as session:
        account = an_account(session, a_connection(session, a_user(session)))
        campaign = a_campaign(session, account, synced_at=columns.now())
    found = hot(account.user_id, q=campaign.meta_id)
    assert [item["id"] for item in found["items"]] == [str(campaign.id)]


def test_a_cursor_of_another_order_is_refused(database: Database) -> None:
    with database() as session:
        user_id, _accounts = a_full_house(session)
    cursor = hot(user_id, sort=Sort.NAME, limit=1)["nextCursor"]
    with pytest.raises(BadCursor):
        hot(user_id, sort=Sort.SPEND, cursor=cursor)
