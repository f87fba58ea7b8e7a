"""What an automation's accounts spend: the money that its runs may move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from vibekanban.domains.meta import campaigns, money
from vibekanban.domains.meta.models import Campaign, MetaAccount


@dataclass(frozen=True)
class Stake:
    """Campaigns that deliver and what they spent today, in one currency."""

    currency: str
    campaigns: int
    today: Decimal


def stakes(session: Session, user_id: UUID, account_ids: Sequence[UUID]) -> list[Stake]:
    """One for each currency of the accounts that are the person's."""
    query = (
        select(
            MetaAccount.currency,
            func.count(col(Campaign.id)),
            func.coalesce(func.sum(campaigns.spend_today), 0),
        )
        .join(
            Campaign,
            (col(Campaign.account_id) == MetaAccount.id) & (col(Campaign.effective_status) == "ACTIVE"),
            isouter=True,
        )
        .where(MetaAccount.user_id == user_id, col(MetaAccount.id).in_(account_ids))
        .group_by(MetaAccount.currency)
        .order_by(MetaAccount.currency)
    )
    return [
        Stake(currency, campaigns, money.spend(int(micros)))
        for currency, campaigns, micros in session.exec(query)
    ]
