from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.factories.meta import a_campaign
from tests.mcp.conftest import Database, Server, Tenant, a_tenant
from vibekanban.core import columns, db
from vibekanban.domains.meta.ingest import Spool, ingest
from vibekanban.domains.meta.insights import HOUR, Fact
from vibekanban.domains.meta.models import Level, MetaAccount

TODAY = columns.now().date()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def tenant(database: Database) -> Tenant:
    made = a_tenant(database)
    with database() as session:
        account = session.get_one(MetaAccount, UUID(made.account_id))
        account.timezone, account.currency = "UTC", "EUR"
    return made


def a_fact(object_id: str, day: date, **values: Any) -> Fact:
    fact = Fact(
        object_id=object_id,
        day=day,
        breakdown_value="",
        attribution="",
        impressions=1000,
        clicks=20,
        link_clicks=10,
        spend_micros=10_000_000,
        conversions_micros=2_000_000,
        revenue_micros=30_000_000,
        actions="{}",
        action_values="{}",
        conversion_event="omni_purchase",
    )
    return replace(fact, **values)


def stored(tenant: Tenant, level: Level, facts: Iterable[Fact], breakdown: str = "") -> None:
    kept = list(facts)
    with db.metrics_transaction() as session:
        ingest(
            session,
            UUID(tenant.account_id),
            level,
            Spool(kept),
            since=min(fact.day for fact in kept),
            until=max(fact.day for fact in kept),
            breakdown=breakdown,
        )


@pytest.mark.parametrize(
    ("level", "argument"),
    [
        (Level.ACCOUNT, "accountId"),
        (Level.CAMPAIGN, "campaignId"),
        (Level.AD_SET, "adSetId"),
        (Level.AD, "adId"),
    ],
)
def test_metrics_of_every_level_add_up(server: Server, tenant: Tenant, level: Level, argument: str) -> None:
    meta_id = tenant.meta_ids[argument]
    stored(tenant, level, [a_fact(meta_id, YESTERDAY), a_fact(meta_id, TODAY, clicks=0, revenue_micros=0)])
    found = server.call(tenant.token, "get_metrics", level=level.value, id=meta_id).result
    assert [row["date"] for row in found["items"]] == [YESTERDAY.isoformat(), TODAY.isoformat()]
    assert (found["totals"]["spend"], found["totals"]["clicks"]) == ("20.00", 20)
    assert (found["totals"]["roas"], found["totals"]["conversions"]) == (1.5, 4)
    assert found["items"][1]["cpc"] is None
    assert (found["currency"], found["timezone"]) == ("EUR", "UTC")
    assert found["conversionEvent"] == "omni_purchase"
    assert found["fetchedAt"].endswith("Z")
    assert found["ageSeconds"] >= 0
    assert found["final"] is False


def test_days_are_paged_and_totals_stay_of_the_whole_period(server: Server, tenant: Tenant) -> None:
    meta_id = tenant.meta_ids["campaignId"]
    days = [TODAY - timedelta(days=n) for n in range(7)]
    stored(tenant, Level.CAMPAIGN, [a_fact(meta_id, day) for day in days])
    seen: list[str] = []
    arguments: dict[str, Any] = {"id": meta_id, "limit": 3}
    while True:
        page = server.call(tenant.token, "get_metrics", **arguments).result
        assert page["totals"]["spend"] == "70.00"
        seen += [row["date"] for row in page["items"]]
        if not page["hasMore"]:
            break
        arguments["cursor"] = page["nextCursor"]
    assert seen == [day.isoformat() for day in sorted(days)]


def test_hours_tell_which_hour_they_are(server: Server, tenant: Tenant) -> None:
    meta_id = tenant.meta_ids["campaignId"]
    hours = [a_fact(meta_id, TODAY, breakdown_value=hour) for hour in ("08", "17")]
    stored(tenant, Level.CAMPAIGN, hours, HOUR)
    found = server.call(tenant.token, "get_metrics", id=meta_id, granularity="hour").result
    assert [row["hour"] for row in found["items"]] == [8, 17]


def test_an_object_without_delivery_has_no_rows_and_no_ratios(server: Server, tenant: Tenant) -> None:
    found = server.call(tenant.token, "get_metrics", id=tenant.campaign_id).result
    assert found["items"] == []
    assert (found["totals"]["spend"], found["totals"]["roas"]) == ("0.00", None)
    assert found["fetchedAt"] is None


def test_a_cursor_of_another_object_is_refused(server: Server, database: Database, tenant: Tenant) -> None:
    meta_id = tenant.meta_ids["campaignId"]
    stored(tenant, Level.CAMPAIGN, [a_fact(meta_id, day) for day in (YESTERDAY, TODAY)])
    cursor = server.call(tenant.token, "get_metrics", id=meta_id, limit=1).result["nextCursor"]
    with database() as session:
        other = a_campaign(session, session.get_one(MetaAccount, UUID(tenant.account_id)))
    assert server.call(tenant.token, "get_metrics", id=str(other.id), cursor=cursor).code == "bad_cursor"


def test_a_period_that_ends_before_it_begins_is_refused(server: Server, tenant: Tenant) -> None:
    answer = server.call(
        tenant.token, "get_metrics", id=tenant.campaign_id, since="2026-02-01", until="2026-01-01"
    )
    assert answer.code == "invalid_arguments"


def test_a_summary_names_its_campaigns_and_compares(server: Server, tenant: Tenant) -> None:
    account, campaign = tenant.meta_ids["accountId"], tenant.meta_ids["campaignId"]
    before = YESTERDAY - timedelta(days=2)
    stored(tenant, Level.ACCOUNT, [a_fact(account, day, spend_micros=40_000_000) for day in (before, TODAY)])
    stored(
        tenant,
        Level.CAMPAIGN,
        [a_fact(campaign, TODAY), a_fact("990", TODAY, spend_micros=25_000_000)],
    )
    found = server.call(
        tenant.token,
        "get_summary",
        accountId=tenant.account_id,
        since=YESTERDAY.isoformat(),
        until=TODAY.isoformat(),
    ).result
    assert (found["totals"]["spend"], found["previous"]["spend"]) == ("40.00", "40.00")
    assert [(row["metaCampaignId"], row["id"]) for row in found["items"]] == [
        ("990", None),
        (campaign, tenant.campaign_id),
    ]
    assert found["unlisted"]["spend"] == "5.00"
    assert [day["date"] for day in found["days"]] == [TODAY.isoformat()]


def test_a_summary_pages_through_its_campaigns(server: Server, tenant: Tenant) -> None:
    stored(tenant, Level.CAMPAIGN, [a_fact(str(number), TODAY) for number in range(900, 905)])
    seen: list[str] = []
    cursor: dict[str, str] = {}
    while True:
        page = server.call(tenant.token, "get_summary", accountId=tenant.account_id, limit=2, **cursor).result
        seen += [row["metaCampaignId"] for row in page["items"]]
        if not page["hasMore"]:
            break
        cursor = {"cursor": page["nextCursor"]}
    assert seen == ["900", "901", "902", "903", "904"]


def test_a_summary_of_many_months_is_refused(server: Server, tenant: Tenant) -> None:
    answer = server.call(tenant.token, "get_summary", accountId=tenant.account_id, since="2025-01-01")
    assert answer.code == "invalid_arguments"
