"""Tools that read numbers: metrics of an object, and the summary of an account."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

import orjson
from pydantic import Field
from sqlmodel import Session, col, select

from vibekanban.core import db
from vibekanban.core.shapes import Moment, Shape
from vibekanban.domains.meta import cursors, insights, metrics, objects
from vibekanban.domains.meta.models import Campaign, Level, MetaAccount
from vibekanban.domains.meta.number_shapes import Numbers
from vibekanban.domains.tools import reach
from vibekanban.domains.tools.shapes import Optional, Paging, Reference, age
from vibekanban.domains.tools.tool import Context, Done, InvalidArguments

LONGEST_SUMMARY = 92  # days: its days come in one piece


class MetricRow(Numbers):
    """`hour` is there when hours were asked for; a `final` day changes no more."""

    date: date
    hour: int | None = None
    final: bool


class Measured(Shape):
    """What every number is of."""

    account_id: UUID
    currency: str
    timezone: str
    conversion_event: str
    since: date
    until: date
    totals: Numbers
    fetched_at: Moment | None
    age_seconds: int | None
    has_more: bool
    next_cursor: str | None


class Metrics(Measured):
    """`totals` are of the whole period, `items` a page of it; days without delivery have no row."""

    level: str
    id: UUID
    meta_id: str
    name: str
    granularity: str
    final: bool
    items: list[MetricRow]


class GetMetrics(Paging):
    level: Literal["account", "campaign", "adset", "ad"] = "campaign"
    id: Reference
    since: date | Optional = None
    until: date | Optional = None
    granularity: Literal["day", "hour"] = "day"
    limit: int = Field(31, ge=1, le=100)


def get_metrics(context: Context, asked: GetMetrics) -> Done:
    level = Level(asked.level)
    with db.transaction() as session:
        account, thing = _target(session, context, level, asked.id)
    meta_id = account.meta_account_id if isinstance(thing, MetaAccount) else thing.meta_id
    period = _period(account, asked.since, asked.until)
    with db.metrics_transaction() as session:
        if asked.granularity == "hour":
            read = orjson.loads(
                metrics.cuts(session, account, level, meta_id, period, breakdown=insights.HOUR)
            )
        else:
            read = orjson.loads(metrics.series(session, account, level, meta_id, period))
    rows, following = cursors.stretch(read["rows"], asked.cursor, asked.limit, thing.id)
    mature = metrics.local_today(account) - timedelta(days=metrics.MATURE)
    result = Metrics(
        **_measured(account, period, read),
        level=asked.level,
        id=thing.id,
        meta_id=meta_id,
        name=thing.name,
        granularity=asked.granularity,
        final=period.until < mature and all(row["final"] for row in read["rows"]),
        items=[
            MetricRow.model_validate({**row, "hour": int(row["value"]) if "value" in row else None})
            for row in rows
        ],
        has_more=following is not None,
        next_cursor=following,
    )
    return Done(result, account_id=account.id, object_id=str(thing.id))


class SummaryDay(Numbers):
    date: date


class SummaryCampaign(Numbers):
    """`id` and `name` are null for a campaign that is no longer listed."""

    id: UUID | None
    meta_campaign_id: str
    name: str | None


class Summary(Measured):
    """`previous` is the period before of the same length; `unlisted` is what no campaign explains."""

    previous: Numbers
    unlisted: Numbers
    days: list[SummaryDay]
    items: list[SummaryCampaign]


class GetSummary(Paging):
    account_id: Reference
    since: date | Optional = None
    until: date | Optional = None


def get_summary(context: Context, asked: GetSummary) -> Done:
    with db.transaction() as session:
        account = reach.account(session, context.caller, asked.account_id)
    period = _period(account, asked.since, asked.until)
    if period.days > LONGEST_SUMMARY:
        raise InvalidArguments({"since": "mcp.fields.summary_long"})
    with db.metrics_transaction() as session:
        read = orjson.loads(metrics.summary(session, account, period))
    # the same order on every page, also among campaigns that spent alike
    ranked = sorted(read["campaigns"], key=lambda row: (-Decimal(row["spend"]), row["metaCampaignId"]))
    rows, following = cursors.stretch(ranked, asked.cursor, asked.limit, account.id)
    with db.transaction() as session:
        known = _campaigns(session, account.id, [row["metaCampaignId"] for row in rows])
    result = Summary(
        **_measured(account, period, read),
        previous=Numbers.model_validate(read["previous"]),
        unlisted=Numbers.model_validate(read["unlisted"]),
        days=[SummaryDay.model_validate(day) for day in read["days"]],
        items=[_named(row, known.get(row["metaCampaignId"])) for row in rows],
        has_more=following is not None,
        next_cursor=following,
    )
    return Done(result, account_id=account.id, object_id=str(account.id))


def _target(
    session: Session, context: Context, level: Level, reference: str
) -> tuple[MetaAccount, MetaAccount | objects.Thing]:
    caller = context.caller
    if level is Level.ACCOUNT:
        account = reach.account(session, caller, reference)
        return account, account
    thing = objects.found(session, caller.user_id, level, reference, account_ids=caller.account_ids)
    return session.get_one(MetaAccount, thing.account_id), thing


def _period(account: MetaAccount, since: date | None, until: date | None) -> metrics.Range:
    if since and until and since > until:
        raise InvalidArguments({"until": "mcp.fields.period"})
    return metrics.chosen(metrics.local_today(account), since, until)


def _measured(account: MetaAccount, period: metrics.Range, read: dict[str, Any]) -> dict[str, Any]:
    fetched = datetime.fromisoformat(read["fetchedAt"]) if read["fetchedAt"] else None
    return {
        "account_id": account.id,
        "currency": account.currency,
        "timezone": account.timezone,
        "conversion_event": insights.chosen_event({}, account.conversion_event),
        "since": period.since,
        "until": period.until,
        "totals": Numbers.model_validate(read["totals"]),
        "fetched_at": fetched,
        "age_seconds": age(fetched),
    }


def _campaigns(session: Session, account_id: UUID, meta_ids: list[str]) -> dict[str, Campaign]:
    query = select(Campaign).where(Campaign.account_id == account_id, col(Campaign.meta_id).in_(meta_ids))
    return {campaign.meta_id: campaign for campaign in session.exec(query)}


def _named(row: dict[str, Any], campaign: Campaign | None) -> SummaryCampaign:
    known = {"id": campaign.id, "name": campaign.name} if campaign else {"id": None, "name": None}
    return SummaryCampaign.model_validate({**row, **known})
