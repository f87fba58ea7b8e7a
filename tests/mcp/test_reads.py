from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from tests.factories.meta import a_campaign, an_ad
from tests.mcp.conftest import Database, Server, Tenant, a_tenant
from vibekanban.core import columns
from vibekanban.domains.meta import changes
from vibekanban.domains.meta.models import ActorKind, AdSet, Campaign, Level, MetaAccount

READS = ["list_accounts", "list_campaigns", "list_ad_sets", "list_ads", "list_changes"]
BATCH = "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d"


@pytest.fixture
def tenant(database: Database) -> Tenant:
    return a_tenant(database)


def more_campaigns(database: Database, tenant: Tenant, **values: Any) -> str:
    with database() as session:
        return str(a_campaign(session, session.get_one(MetaAccount, UUID(tenant.account_id)), **values).id)


@pytest.mark.parametrize("tool", READS)
def test_a_list_is_a_page_that_says_whether_there_is_more(server: Server, tenant: Tenant, tool: str) -> None:
    answer = server.call(tenant.token, tool)
    assert answer.result.keys() == {"items", "hasMore", "nextCursor"}
    assert answer.result["hasMore"] is False


def test_an_account_tells_its_currency_and_the_state_of_its_connection(
    server: Server, tenant: Tenant
) -> None:
    (row,) = server.call(tenant.token, "list_accounts").result["items"]
    assert row["id"] == tenant.account_id
    assert row["connectionStatus"] == "active"
    assert {"currency", "timezone", "conversionEvent", "ageSeconds"} <= row.keys()


def test_a_campaign_shows_budgets_and_todays_spend_as_decimal_text(
    server: Server, database: Database, tenant: Tenant
) -> None:
    with database() as session:
        account = session.get_one(MetaAccount, UUID(tenant.account_id))
        account.currency, account.timezone = "EUR", "UTC"
        row = a_campaign(
            session, account, daily_budget=1999, today=columns.now().date(), today_spend_micros=12_345_678
        )
    found = server.call(tenant.token, "get_campaign", campaignId=str(row.id)).result
    assert (found["dailyBudget"], found["currency"]) == ("19.99", "EUR")
    assert found["today"]["spend"] == "12.345678"
    assert found["ageSeconds"] >= 0


def test_yesterdays_counts_are_not_todays(server: Server, database: Database, tenant: Tenant) -> None:
    with database() as session:
        account = session.get_one(MetaAccount, UUID(tenant.account_id))
        old = columns.now().date().replace(year=2020)
        row = a_campaign(session, account, today=old, today_spend_micros=5_000_000, today_clicks=9)
    found = server.call(tenant.token, "get_campaign", campaignId=str(row.id)).result
    assert found["today"] == {"spend": "0.00", "impressions": 0, "clicks": 0}


def test_metas_own_id_finds_the_object_too(server: Server, tenant: Tenant) -> None:
    found = server.call(tenant.token, "get_campaign", campaignId=tenant.meta_ids["campaignId"])
    assert found.result["id"] == tenant.campaign_id


def test_an_account_may_be_named_as_meta_names_it(server: Server, tenant: Tenant) -> None:
    named = f"act_{tenant.meta_ids['accountId']}"
    assert len(server.call(tenant.token, "list_campaigns", accountId=named).result["items"]) == 1


@pytest.mark.parametrize("sort", ["name", "-name", "spend", "-spend", "created", "-created"])
def test_every_order_pages_through_all_campaigns_once(
    server: Server, database: Database, tenant: Tenant, sort: str
) -> None:
    made = {tenant.campaign_id}
    for number in range(6):
        made.add(
            more_campaigns(
                database,
                tenant,
                name=f"Ñandú {number % 2}",
                today=columns.now().date(),
                today_spend_micros=number % 3,
            )
        )
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = server.call(tenant.token, "list_campaigns", sort=sort, limit=2, **cursor).result
        seen += [row["id"] for row in page["items"]]
        if not page["hasMore"]:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert len(seen) == 7
    assert set(seen) == made


def test_a_part_of_the_name_is_searched_literally(server: Server, database: Database, tenant: Tenant) -> None:
    wanted = more_campaigns(database, tenant, name="50% de descuento")
    more_campaigns(database, tenant, name="50 de descuento")
    found = server.call(tenant.token, "list_campaigns", q="50%").result["items"]
    assert [row["id"] for row in found] == [wanted]


def test_campaigns_are_filtered_by_effective_status(
    server: Server, database: Database, tenant: Tenant
) -> None:
    wanted = more_campaigns(database, tenant, effective_status="WITH_ISSUES")
    found = server.call(tenant.token, "list_campaigns", status=["WITH_ISSUES", "DISAPPROVED"])
    assert [row["id"] for row in found.result["items"]] == [wanted]


def test_a_thousand_ads_are_paged_without_loss(server: Server, database: Database, tenant: Tenant) -> None:
    with database() as session:
        ad_set = session.get_one(AdSet, UUID(tenant.ad_set_id))
        made = {str(an_ad(session, ad_set).id) for _ in range(999)} | {tenant.ad_id}

    async def everything(client: Any) -> list[str]:
        seen: list[str] = []
        arguments: dict[str, Any] = {"adSetId": tenant.ad_set_id, "limit": 100}
        while True:
            page = (await client.call_tool("list_ads", arguments)).structured_content
            seen += [row["id"] for row in page["items"]]
            if not page["hasMore"]:
                return seen
            arguments["cursor"] = page["nextCursor"]

    seen = server.mcp(tenant.token, everything)
    assert len(seen) == 1000
    assert set(seen) == made


def test_a_token_for_one_account_does_not_see_its_owners_other(
    server: Server, database: Database, tenant: Tenant
) -> None:
    from tests.factories.meta import a_connection, an_account
    from vibekanban.domains.accounts.models import User

    with database() as session:
        user = session.get_one(User, UUID(tenant.user_id))
        other = a_campaign(session, an_account(session, a_connection(session, user)))
    assert server.call(tenant.token, "get_campaign", campaignId=str(other.id)).code == "not_found"
    listed = server.call(tenant.token, "list_campaigns").result["items"]
    assert [row["id"] for row in listed] == [tenant.campaign_id]


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({}, ["Otoño 2", "Otoño 1", "Rebajas"]),
        ({"actorKind": "token"}, ["Rebajas"]),
        ({"action": "edit", "q": "otoño"}, ["Otoño 2"]),
        ({"level": "ad"}, []),
        ({"until": "2026-01-02T00:00:00Z"}, ["Rebajas"]),
        ({"since": "2026-01-02T00:00:00+00:00", "action": "pause"}, ["Otoño 1"]),
        ({"batchId": BATCH}, ["Otoño 2"]),
    ],
)
def test_changes_are_found_by_the_filters_of_their_page(
    server: Server, database: Database, tenant: Tenant, filters: dict[str, str], found: list[str]
) -> None:
    with database() as session:
        account = session.get_one(MetaAccount, UUID(tenant.account_id))
        campaign = session.get_one(Campaign, UUID(tenant.campaign_id))
        for name, action, kind, day, batch in (
            ("Rebajas", "pause", ActorKind.TOKEN, 1, None),
            ("Otoño 1", "pause", ActorKind.USER, 2, None),
            ("Otoño 2", "edit", ActorKind.USER, 3, UUID(BATCH)),
        ):
            made = changes.begin(
                session,
                campaign,
                level=Level.CAMPAIGN,
                object_id=campaign.id,
                action=action,
                actor=changes.Actor(kind, account.user_id, "Tania"),
                before={},
                after={},
                batch_id=batch,
            )
            made.object_name, made.created_at = name, datetime(2026, 1, day, 12, tzinfo=UTC)
    answer = server.call(tenant.token, "list_changes", **filters)
    assert [one["objectName"] for one in answer.result["items"]] == found


def test_a_filter_of_changes_that_makes_no_sense_is_named(server: Server, tenant: Tenant) -> None:
    answer = server.call(tenant.token, "list_changes", action="explode", since="yesterday")
    assert answer.error
    assert {one["field"] for one in answer.error["details"]["fields"]} == {"action", "since"}
