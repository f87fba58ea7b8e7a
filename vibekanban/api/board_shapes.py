"""How the board looks on the wire."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Self
from uuid import UUID

from vibekanban.api.wire import Wire, example
from vibekanban.core.shapes import Moment
from vibekanban.domains.board import sources
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.cards import Column
from vibekanban.domains.board.models import PacingTarget, Stage
from vibekanban.domains.board.pacing import Standing
from vibekanban.domains.board.totals import Head
from vibekanban.domains.meta import money

CARD = {
    "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
    "kind": "campaign",
    "stage": "running",
    "targets": ["paused"],
    "title": "Rebajas de invierno",
    "status": "ACTIVE",
    "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
    "accountName": "Casa Verde",
    "currency": "EUR",
    "today": {
        "spend": "12.34",
        "revenue": "49.90",
        "conversions": 2.0,
        "roas": 4.0438,
        "pace": 0.81,
        "conversionEvent": "omni_purchase",
    },
    "dailyBudget": "50.00",
    "lifetimeBudget": None,
    "freshAt": "2026-11-24T09:00:00.000Z",
    "dueOn": None,
    "labels": ["Black Friday"],
    "assigneeId": None,
    "assigneeName": None,
    "comments": 1,
    "snoozedUntil": None,
    "readOnly": False,
    "detail": {"objective": "OUTCOME_SALES", "metaId": "120210000000000001", "issues": []},
}


class CardTodayOut(Wire):
    """Numbers of the account's today; `pace` is 1 when as much is spent as the hour asks of the daily budget."""

    spend: str
    revenue: str
    conversions: float
    roas: float | None
    pace: float | None
    conversion_event: str


class CardOut(Wire):
    """A card; `targets` are the columns it may be moved to, `today` is null for what spends nothing."""

    id: UUID
    kind: str
    stage: Stage
    targets: list[Stage]
    title: str
    status: str
    account_id: UUID | None
    account_name: str | None
    currency: str | None
    today: CardTodayOut | None
    daily_budget: str | None
    lifetime_budget: str | None
    fresh_at: Moment | None
    due_on: date | None
    labels: list[str]
    assignee_id: UUID | None
    assignee_name: str | None
    comments: int
    snoozed_until: Moment | None
    read_only: bool
    detail: dict[str, Any]

    model_config = example(CARD)

    @classmethod
    def of(cls, card: Card) -> Self:
        currency = card.currency or "EUR"
        allowed = sources.of(card).targets(card) if card.mine else frozenset()
        return cls(
            id=card.id,
            kind=card.kind,
            stage=card.stage,
            targets=[stage for stage in Stage if stage in allowed],
            title=card.title,
            status=card.status,
            account_id=card.account_id,
            account_name=card.account_name,
            currency=card.currency,
            today=_today(card, currency),
            daily_budget=money.text(card.budget, currency),
            lifetime_budget=money.text(money.budget(card.lifetime_budget, currency), currency),
            fresh_at=card.fresh_at,
            due_on=card.due_on,
            labels=card.labels,
            assignee_id=card.assignee_id,
            assignee_name=card.assignee_name,
            comments=card.comments,
            snoozed_until=card.snoozed_until,
            read_only=not card.mine,
            detail=card.detail,
        )


class SumOut(Wire):
    """What the cards of a column spent and earned today in one currency, and what they may spend a day."""

    currency: str
    spend: str
    revenue: str
    daily_budget: str


class ColumnOut(Wire):
    """`total` counts all cards of the column, `cards` are the first of them."""

    stage: Stage
    total: int
    sums: list[SumOut]
    cards: list[CardOut]

    @classmethod
    def of(cls, column: Column) -> Self:
        return cls(
            stage=column.stage,
            total=column.total,
            sums=[
                SumOut(
                    currency=one.currency,
                    spend=_money(money.spend(one.spend_micros), one.currency),
                    revenue=_money(money.spend(one.revenue_micros), one.currency),
                    daily_budget=_money(money.budget(one.daily_budget, one.currency), one.currency),
                )
                for one in column.sums
            ],
            cards=[CardOut.of(card) for card in column.cards],
        )


class TotalsOut(Wire):
    """Today so far in one currency.

    `rates` say how much of each other currency one unit of `currency` was on `ratesOf`; what has no rate is named
    in `leftOut` with its spend, and is in none of the totals.
    """

    currency: str
    spend: str
    revenue: str
    roas: float | None
    daily_budget: str
    rates_of: date | None
    rates: dict[str, str]
    left_out: dict[str, str]

    @classmethod
    def of(cls, head: Head) -> Self:
        currency = head.spend.currency
        places = money.decimals(currency)
        written = [
            _money(round(one.amount, places), currency) for one in (head.spend, head.revenue, head.budget)
        ]
        return cls(
            currency=currency,
            spend=written[0],
            revenue=written[1],
            daily_budget=written[2],
            roas=None if head.roas is None else round(float(head.roas), 4),
            rates_of=head.spend.day,
            rates={name: f"{round(rate, 6).normalize():f}" for name, rate in head.spend.rates.items()},
            left_out={name: _money(amount, name) for name, amount in head.spend.left_out.items()},
        )


class BoardOut(Wire):
    """Every column in the order in which they stand, its totals, and the labels in use."""

    columns: list[ColumnOut]
    totals: TotalsOut
    labels: list[str]

    model_config = example(
        {
            "columns": [
                {
                    "stage": "running",
                    "total": 1,
                    "sums": [
                        {"currency": "EUR", "spend": "12.34", "revenue": "49.90", "dailyBudget": "50.00"}
                    ],
                    "cards": [CARD],
                }
            ],
            "totals": {
                "currency": "EUR",
                "spend": "12.34",
                "revenue": "49.90",
                "roas": 4.0438,
                "dailyBudget": "50.00",
                "ratesOf": None,
                "rates": {},
                "leftOut": {},
            },
            "labels": ["Black Friday"],
        }
    )


class TargetOut(Wire):
    """A month's target; `spent` and `projected` are of the month under way only."""

    id: UUID
    account_id: UUID
    campaign_id: UUID | None
    month: date
    amount: str
    currency: str
    spent: str | None
    projected: str | None
    verdict: str

    model_config = example(
        {
            "id": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a4c5d",
            "accountId": "0193a1f2-7c1e-7a55-9d0c-3f6f1b2a0001",
            "campaignId": None,
            "month": "2026-11-01",
            "amount": "3000.00",
            "currency": "EUR",
            "spent": "2310.55",
            "projected": "3120.10",
            "verdict": "even",
        }
    )

    @classmethod
    def of(cls, target: PacingTarget, standing: Standing | None) -> Self:
        currency = target.currency
        projected = standing.projected if standing else None
        return cls(
            **target.model_dump(include={"id", "account_id", "campaign_id", "month", "currency"}),
            amount=_money(money.spend(target.amount_micros), currency),
            spent=_money(standing.spent, currency) if standing else None,
            projected=None
            if projected is None
            else _money(round(projected, money.decimals(currency)), currency),
            verdict=standing.verdict if standing else "",
        )


def _today(card: Card, currency: str) -> CardTodayOut | None:
    if card.spend is None or card.revenue is None or card.conversions is None:
        return None
    return CardTodayOut(
        spend=_money(card.spend, currency),
        revenue=_money(card.revenue, currency),
        conversions=float(card.conversions),
        roas=None if card.roas is None else round(float(card.roas), 4),
        pace=None if card.pace is None else round(float(card.pace), 4),
        conversion_event=card.conversion_event or "omni_purchase",
    )


def _money(amount: Decimal | None, currency: str) -> str:
    return money.text(amount or Decimal(0), currency) or ""
