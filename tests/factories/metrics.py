"""Facts as tests need them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from vibekanban.domains.meta import ingest, insights
from vibekanban.domains.meta.models import Level

DAY = date(2026, 3, 11)  # a Wednesday


def a_row(campaign: str = "1201", day: date = DAY, **values: Any) -> dict[str, Any]:
    """A campaign's day as Meta's insights tell it."""
    return {
        "campaign_id": campaign,
        "account_id": "79",
        "date_start": day.isoformat(),
        "date_stop": day.isoformat(),
        "impressions": "1000",
        "clicks": "20",
        "inline_link_clicks": "15",
        "spend": "12.34",
        "actions": [{"action_type": "omni_purchase", "value": "2"}, {"action_type": "lead", "value": "5"}],
        "action_values": [{"action_type": "omni_purchase", "value": "49.90"}],
        "attribution_setting": "7d_click_1d_view",
        **values,
    }


def a_fact(
    campaign: str = "1201", day: date = DAY, *, event: str | None = None, **values: Any
) -> insights.Fact:
    return insights.fact(a_row(campaign, day, **values), Level.CAMPAIGN, event=event)


def write(
    session: Session,
    account_id: UUID,
    facts: Iterable[insights.Fact],
    *,
    since: date = DAY,
    until: date = DAY,
    level: Level = Level.CAMPAIGN,
    breakdown: str = "",
    whole: bool = True,
    read_at: datetime | None = None,
) -> ingest.Written:
    """Ingest facts as what a range of days said when it was read."""
    spool = ingest.Spool(facts, read_at=read_at)
    return ingest.ingest(
        session, account_id, level, spool, since=since, until=until, breakdown=breakdown, whole=whole
    )
