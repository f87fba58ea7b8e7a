"""A range cut by age, gender, country or placement: asked of Meta when somebody looks, then kept for a while."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text

from vibekanban.clients.meta import paging
from vibekanban.clients.meta.gateway import Gateway
from vibekanban.core import columns, db
from vibekanban.core.errors import Invalid
from vibekanban.core.queue import Lane
from vibekanban.domains.meta import (
    accounts,
    campaigns,
    connections,
    conversions,
    ingest,
    insights,
    metrics,
    metrics_store,
)
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount

KINDS = ("age", "gender", "country", "publisher_platform", "device_platform")
FRESH = timedelta(minutes=15)
LONGEST = 90  # days a synchronous breakdown may span


def cut(
    user_id: UUID, campaign_id: UUID, kind: str, asked: metrics.Range, *, ask: bool = True
) -> dict[str, Any]:
    """A campaign's range by category, largest spend first; opens its own transactions, none during a call.

    Without `ask` it is what was read of Meta before.
    """
    found = bring if ask else _known
    campaign, account = found(user_id, campaign_id, kind, asked)
    with db.metrics_transaction() as store:
        return json.loads(metrics.categories(store, account, Level.CAMPAIGN, campaign.meta_id, asked, kind))


def bring(user_id: UUID, campaign_id: UUID, kind: str, asked: metrics.Range) -> tuple[Campaign, MetaAccount]:
    """See to it that a campaign's categories are there and fresh.

    The whole account is read at once, so the next campaign somebody looks at is there already.
    """
    campaign, account = _known(user_id, campaign_id, kind, asked)
    if not _is_fresh(account.id, kind, asked):
        with connections.opened(account.id, Lane.HUMAN) as meta:
            spool = paging.whole(lambda: ingest.Spool(_facts(meta, account, kind, asked)))
        with db.metrics_transaction() as store:
            ingest.ingest(
                store, account.id, Level.CAMPAIGN, spool, since=asked.since, until=asked.until, breakdown=kind
            )
        metrics_store.refresh_weeks(asked.since, asked.until)
        conversions.catch_up(account)
    return campaign, account


def _known(user_id: UUID, campaign_id: UUID, kind: str, asked: metrics.Range) -> tuple[Campaign, MetaAccount]:
    if kind not in KINDS:
        raise Invalid({"breakdown": "syncs.field.breakdown"})
    if asked.days > LONGEST:
        raise Invalid({"since": "syncs.field.range_long"})
    with db.transaction() as session:
        campaign = campaigns.campaign(session, user_id, campaign_id).campaign
        return campaign, accounts.account(session, user_id, campaign.account_id)


def _facts(meta: Gateway, account: MetaAccount, kind: str, asked: metrics.Range) -> Iterator[insights.Fact]:
    for page in meta.pages(
        f"act_{account.meta_account_id}/insights",
        level=Level.CAMPAIGN.value,
        fields=insights.fields(Level.CAMPAIGN),
        breakdowns=kind,
        time_increment=1,
        time_range={"since": asked.since.isoformat(), "until": asked.until.isoformat()},
    ):
        for row in page:
            yield insights.fact(row, Level.CAMPAIGN, breakdown=kind, event=account.conversion_event)


def _is_fresh(account_id: UUID, kind: str, asked: metrics.Range) -> bool:
    """Whether every day of the range was read lately."""
    with db.metrics_transaction() as store:
        covered, oldest = store.execute(
            text(
                "SELECT count(*), min(fetched_at) FROM metric_coverage WHERE account_id = :account"
                " AND level = 'campaign' AND breakdown = :kind AND day BETWEEN :since AND :until"
            ),
            {"account": account_id, "kind": kind, "since": asked.since, "until": asked.until},
        ).one()
    return covered == asked.days and oldest is not None and columns.now() - oldest < FRESH
