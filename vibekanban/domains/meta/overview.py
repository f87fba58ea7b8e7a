"""What an overview of an account shows at once: numbers with the period before, campaigns, and how fresh it is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlmodel import Session, col, select

from vibekanban.core import db
from vibekanban.core.errors import NotFound
from vibekanban.domains.meta import accounts, campaigns, metrics, syncs
from vibekanban.domains.meta.accounts import Connected
from vibekanban.domains.meta.insights import HOUR
from vibekanban.domains.meta.models import Ad, AdSet, Campaign, Change, Level, MetaAccount, Sync

MOST_CAMPAIGNS = 500
MOST_ADS = 500
NOTHING: dict[str, Any] = {
    "spend": "0", "impressions": 0, "clicks": 0, "linkClicks": 0, "conversions": 0.0, "revenue": "0",
    "ctr": None, "cpc": None, "cpm": None, "cpa": None, "roas": None,
}  # fmt: skip


@dataclass(frozen=True)
class CampaignLine:
    """A campaign with its numbers of the range and what it spent on the account's present day."""

    campaign: Campaign
    numbers: dict[str, Any]
    spent_today_micros: int


@dataclass(frozen=True)
class Overview:
    """An account and its numbers; without an account only what there is to choose from."""

    accounts: list[Connected]
    chosen: Connected | None = None
    asked: metrics.Range | None = None
    numbers: dict[str, Any] = field(default_factory=dict)
    campaigns: list[CampaignLine] = field(default_factory=list)
    sync: Sync | None = None
    unfinished: bool = False  # the last day is today in the account's timezone


def overview(
    session: Session,
    user_id: UUID,
    account_id: UUID | None,
    *,
    since: date | None = None,
    until: date | None = None,
    days: int = 30,
) -> Overview:
    """The overview of one account, the first one unless named; `days` counts back from today without dates."""
    known = accounts.connected(session, user_id, limit=1000)
    if not known:
        return Overview(known)
    chosen = next((one for one in known if one.account.id == account_id), None)
    if chosen is None:
        if account_id is not None:
            raise NotFound()
        chosen = known[0]
    account = chosen.account
    today = metrics.local_today(account)
    asked = metrics.chosen(today, since, until, default=days)
    with db.metrics_transaction() as store:
        numbers = json.loads(metrics.summary(store, account, asked))
    by_id = {row["metaCampaignId"]: row for row in numbers.pop("campaigns")}
    listed = campaigns.campaigns(session, user_id, account_ids=[account.id], limit=MOST_CAMPAIGNS).items
    lines = [
        CampaignLine(row.campaign, by_id.get(row.campaign.meta_id, NOTHING), row.spend_micros)
        for row in listed
    ]
    sync = next((one for one in syncs.latest(session, user_id) if one.account_id == account.id), None)
    return Overview(known, chosen, asked, numbers, lines, sync, asked.until >= today)


@dataclass(frozen=True)
class Detail:
    """A campaign with its days, today's hours, what it consists of and what was done to it."""

    campaign: Campaign
    spent_today_micros: int
    connected: Connected
    asked: metrics.Range
    series: dict[str, Any]
    hours: dict[str, Any]
    ad_sets: list[AdSet]
    ads: list[Ad]
    siblings: list[CampaignLine]
    changes: list[Change]
    unfinished: bool


def detail(
    session: Session,
    user_id: UUID,
    campaign_id: UUID,
    *,
    since: date | None = None,
    until: date | None = None,
    days: int = 30,
) -> Detail:
    """Everything the page of a campaign shows."""
    listed = campaigns.campaign(session, user_id, campaign_id)
    campaign = listed.campaign
    whole = overview(session, user_id, campaign.account_id, since=since, until=until, days=days)
    if whole.chosen is None or whole.asked is None:
        raise NotFound()
    account: MetaAccount = whole.chosen.account
    today = metrics.local_today(account)
    with db.metrics_transaction() as store:
        series = json.loads(metrics.series(store, account, Level.CAMPAIGN, campaign.meta_id, whole.asked))
        hours = json.loads(
            metrics.cuts(store, account, Level.CAMPAIGN, campaign.meta_id, metrics.Range(today, today), HOUR)
        )
    ad_sets = session.exec(
        select(AdSet).where(AdSet.campaign_id == campaign.id).order_by(col(AdSet.name)).limit(200)
    ).all()
    ads = session.exec(
        select(Ad).where(Ad.campaign_id == campaign.id).order_by(col(Ad.name)).limit(MOST_ADS)
    ).all()
    changes = session.exec(
        select(Change)
        .where(Change.user_id == user_id, Change.object_id == campaign.id)
        .order_by(col(Change.id).desc())
        .limit(20)
    ).all()
    return Detail(
        campaign,
        listed.spend_micros,
        whole.chosen,
        whole.asked,
        series,
        hours,
        list(ad_sets),
        list(ads),
        whole.campaigns,
        list(changes),
        whole.unfinished,
    )
