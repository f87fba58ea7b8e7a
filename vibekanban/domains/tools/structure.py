"""Tools that read accounts, campaigns, ad sets and ads."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from vibekanban.core import db
from vibekanban.core.queue import Lane
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.meta import campaigns, connections, money, objects, structure
from vibekanban.domains.meta.models import AdSet, Level, MetaAccount
from vibekanban.domains.tools import reach
from vibekanban.domains.tools.shapes import (
    Arguments,
    Delivery,
    Optional,
    Paging,
    Reference,
    age,
    page_of,
    past,
    table,
)
from vibekanban.domains.tools.tool import Context, Done


class AccountRow(Shape):
    id: UUID
    meta_account_id: str
    name: str
    currency: str
    timezone: str
    connection_status: str
    permission: str
    conversion_event: str | None
    unreachable_since: Moment | None
    last_synced_at: Moment | None
    age_seconds: int | None


class ListAccounts(Paging):
    pass


def list_accounts(context: Context, asked: ListAccounts) -> Done:
    with db.transaction() as session:
        rows = reach.accounts(session, context.caller, after=past(asked.cursor), limit=asked.limit + 1)
    shown = [
        AccountRow(
            id=account.id,
            meta_account_id=account.meta_account_id,
            name=account.name,
            currency=account.currency,
            timezone=account.timezone,
            connection_status=connection.status.value,
            permission=connection.permission.value,
            conversion_event=account.conversion_event,
            unreachable_since=account.unreachable_at,
            last_synced_at=account.today_synced_at or account.structure_synced_at,
            age_seconds=age(account.today_synced_at or account.structure_synced_at),
        )
        for account, connection in rows
    ]
    return Done(page_of(shown, asked.limit))


class Object(Shape):
    """What campaigns, ad sets and ads have in common; budgets are decimal strings in major units."""

    id: UUID
    meta_id: str
    account_id: UUID
    name: str
    status: str
    effective_status: str
    issues: list[dict[str, Any]]
    synced_at: Moment
    age_seconds: int | None


class TodayCounts(Shape):
    spend: str
    impressions: int
    clicks: int


class CampaignRow(Object):
    objective: str
    daily_budget: str | None
    lifetime_budget: str | None
    currency: str
    today: TodayCounts


class CampaignDetail(CampaignRow):
    """`live` tells whether the statuses were just read at Meta."""

    buying_type: str
    bid_strategy: str
    special_ad_categories: list[str]
    start_time: Moment | None
    stop_time: Moment | None
    live: bool


class AdSetRow(Object):
    campaign_id: UUID
    optimization_goal: str
    daily_budget: str | None
    lifetime_budget: str | None
    currency: str


class AdRow(Object):
    campaign_id: UUID
    ad_set_id: UUID
    creative_id: str


class ListCampaigns(Paging):
    account_id: Reference | Optional = None
    status: list[Delivery] = Field(default_factory=list, max_length=12)
    q: Annotated[str, Field(max_length=200)] = ""
    sort: Literal["name", "-name", "spend", "-spend", "created", "-created"] = "-created"


def list_campaigns(context: Context, asked: ListCampaigns) -> Done:
    with db.transaction() as session:
        page = campaigns.campaigns(
            session,
            context.caller.user_id,
            account_ids=reach.narrowed(session, context.caller, asked.account_id),
            statuses=asked.status,
            q=asked.q,
            sort=campaigns.Sort(asked.sort),
            cursor=asked.cursor,
            limit=asked.limit,
        )
    return Done(table([CampaignRow(**_campaign(row)) for row in page.items], page.next_cursor))


class GetCampaign(Arguments):
    campaign_id: Reference
    live: bool = False


def get_campaign(context: Context, asked: GetCampaign) -> Done:
    caller = context.caller
    with db.transaction() as session:
        row = campaigns.campaign(session, caller.user_id, asked.campaign_id, account_ids=caller.account_ids)
    if asked.live:
        with connections.opened(row.account.id, Lane.HUMAN) as meta:
            said = meta.get(row.campaign.meta_id, fields=structure.FIELDS[Level.CAMPAIGN])
        with db.transaction() as session:
            objects.refresh(session, Level.CAMPAIGN, row.campaign.id, said)
            row = campaigns.campaign(session, caller.user_id, row.campaign.id)
    found = row.campaign
    detail = CampaignDetail(
        **_campaign(row),
        buying_type=found.buying_type,
        bid_strategy=found.bid_strategy,
        special_ad_categories=found.special_ad_categories,
        start_time=found.start_time,
        stop_time=found.stop_time,
        live=asked.live,
    )
    return Done(detail, account_id=found.account_id, object_id=str(found.id))


class ListAdSets(Paging):
    account_id: Reference | Optional = None
    campaign_id: Reference | Optional = None
    status: list[Delivery] = Field(default_factory=list, max_length=12)


def list_ad_sets(context: Context, asked: ListAdSets) -> Done:
    caller = context.caller
    with db.transaction() as session:
        within = reach.narrowed(session, caller, asked.account_id)
        parent = None
        if asked.campaign_id:
            parent = objects.found(
                session, caller.user_id, Level.CAMPAIGN, asked.campaign_id, account_ids=within
            ).id
        rows = objects.children(
            session,
            caller.user_id,
            Level.AD_SET,
            account_ids=within,
            campaign_id=parent,
            statuses=asked.status,
            after=past(asked.cursor),
            limit=asked.limit + 1,
        )
        currencies = {account.id: account.currency for account in _accounts(session, rows)}
    shown = [AdSetRow(**_ad_set(row, currencies[row.account_id])) for row in rows]
    return Done(page_of(shown, asked.limit))


class ListAds(Paging):
    account_id: Reference | Optional = None
    campaign_id: Reference | Optional = None
    ad_set_id: Reference | Optional = None
    status: list[Delivery] = Field(default_factory=list, max_length=12)


def list_ads(context: Context, asked: ListAds) -> Done:
    caller = context.caller
    with db.transaction() as session:
        within = reach.narrowed(session, caller, asked.account_id)
        parents = {}
        for field, level, reference in (
            ("campaign_id", Level.CAMPAIGN, asked.campaign_id),
            ("ad_set_id", Level.AD_SET, asked.ad_set_id),
        ):
            if reference:
                parents[field] = objects.found(
                    session, caller.user_id, level, reference, account_ids=within
                ).id
        rows = objects.children(
            session,
            caller.user_id,
            Level.AD,
            account_ids=within,
            statuses=asked.status,
            after=past(asked.cursor),
            limit=asked.limit + 1,
            **parents,
        )
    shown = [
        AdRow(
            **_object(row),
            campaign_id=row.campaign_id,
            ad_set_id=row.ad_set_id,
            creative_id=row.creative_id,
        )
        for row in rows
    ]
    return Done(page_of(shown, asked.limit))


def _accounts(session: Any, rows: list[AdSet]) -> list[MetaAccount]:
    return [session.get_one(MetaAccount, account_id) for account_id in {row.account_id for row in rows}]


def _object(row: objects.Thing) -> dict[str, Any]:
    return {
        "id": row.id,
        "meta_id": row.meta_id,
        "account_id": row.account_id,
        "name": row.name,
        "status": row.status,
        "effective_status": row.effective_status,
        "issues": row.issues,
        "synced_at": row.synced_at,
        "age_seconds": age(row.synced_at),
    }


def _campaign(row: campaigns.Listed) -> dict[str, Any]:
    currency = row.account.currency
    spend = money.text(money.spend(row.spend_micros), currency)
    return {
        **_object(row.campaign),
        "objective": row.campaign.objective,
        "daily_budget": money.text(money.budget(row.campaign.daily_budget, currency), currency),
        "lifetime_budget": money.text(money.budget(row.campaign.lifetime_budget, currency), currency),
        "currency": currency,
        "today": {"spend": spend, "impressions": row.impressions, "clicks": row.clicks},
    }


def _ad_set(row: AdSet, currency: str) -> dict[str, Any]:
    return {
        **_object(row),
        "campaign_id": row.campaign_id,
        "optimization_goal": row.optimization_goal,
        "daily_budget": money.text(money.budget(row.daily_budget, currency), currency),
        "lifetime_budget": money.text(money.budget(row.lifetime_budget, currency), currency),
        "currency": currency,
    }
