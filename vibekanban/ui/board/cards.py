"""Cards and columns as the board's pages write them: in the reader's language, with each account's money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from uuid import UUID

from vibekanban.core import columns, i18n
from vibekanban.core.i18n import say
from vibekanban.domains.alerts import wording
from vibekanban.domains.board import approval_cards, firing_cards, sources, totals
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.cards import Column
from vibekanban.domains.board.models import Stage
from vibekanban.domains.board.pacing import Standing
from vibekanban.domains.board.whole import Whole
from vibekanban.domains.meta import money
from vibekanban.ui import shown
from vibekanban.ui.board.head import month_of
from vibekanban.ui.editing import wording as changed

FAST, SLOW = Decimal("1.3"), Decimal("0.6")  # a pace outside of these is worth a look


@dataclass
class Face:
    """What a card shows; `targets` are the columns it may be carried to, separated by spaces."""

    id: str = ""
    kind: str = ""
    kind_name: str = ""
    stage: str = ""
    title: str = ""
    account: str = ""
    status: str = ""
    tone: str = ""
    spend: str = ""
    budget: str = ""
    conversions: str = ""
    roas: str = ""
    pace: str = ""
    pace_tone: str = ""
    pace_part: int = 0
    month: str = ""
    month_tone: str = ""
    fresh_at: str = ""
    note: str = ""
    due: str = ""
    due_tone: str = ""
    labels: list[str] = field(default_factory=list)
    initial: str = ""
    assignee: str = ""
    comments: int = 0
    snoozed: str = ""
    mine: str = "true"
    targets: str = ""


@dataclass
class Lane:
    """A column as the page shows it."""

    stage: str
    name: str
    hint: str
    total: int
    sums: str
    more: int
    cards: list[Face]


def lane(column: Column, months: Mapping[UUID | None, Standing], around: Whole, locale: str) -> Lane:
    return Lane(
        stage=column.stage.value,
        name=say(locale, f"board.stage.{column.stage.value}"),
        hint=say(locale, f"board.stage.{column.stage.value}.empty"),
        total=column.total,
        sums=_sums(column, around, locale),
        more=column.total - len(column.cards),
        cards=[face(card, locale, months.get(card.id)) for card in column.cards],
    )


def _sums(column: Column, around: Whole, locale: str) -> str:
    """What the column spent today: as it is in one currency, else turned into one; the head says by which rates."""
    spent = [one for one in column.sums if one.spend_micros]
    if not spent:
        return ""
    if len(spent) == 1:
        return shown.money(money.spend(spent[0].spend_micros), spent[0].currency, locale)
    total = totals.summed(spent, around.currency, around.rates).spend
    more = " +" if total.left_out else ""
    return f"≈ {shown.money(total.amount, total.currency, locale)}{more}"


def face(card: Card, locale: str, standing: Standing | None = None) -> Face:
    currency = card.currency or "EUR"
    status, tone = shown.status(card.status, locale) if card.status else ("", "")
    due, due_tone = _due(card, locale)
    pace, pace_tone = _pace(card, locale)
    month, month_tone = month_of(standing, locale)
    spends = card.spend is not None
    return Face(
        id=str(card.id),
        kind=card.kind,
        kind_name=say(locale, f"board.kind.{card.kind}"),
        stage=card.stage.value,
        title=card.title,
        account=card.account_name or say(locale, "board.no_account"),
        status=status,
        tone=tone,
        spend=shown.money(card.spend, currency, locale) if spends else "",
        budget=budget(card, locale),
        conversions=shown.count(card.conversions, locale) if spends else "",
        roas=shown.times(card.roas, locale) if spends else "",
        pace=pace,
        pace_tone=pace_tone,
        pace_part=_part(card),
        month=month,
        month_tone=month_tone,
        fresh_at=card.fresh_at.isoformat() if card.fresh_at and spends else "",
        note=_note(card, locale),
        due=due,
        due_tone=due_tone,
        labels=card.labels,
        initial=(card.assignee_name or "")[:1].upper(),
        assignee=card.assignee_name or "",
        comments=card.comments,
        snoozed=i18n.day(card.snoozed_until.date(), locale) if card.snoozed_until else "",
        mine="true" if card.mine else "false",
        targets=" ".join(stage.value for stage in targets(card)),
    )


def targets(card: Card) -> list[Stage]:
    """The columns that a person may move the card to, as they stand."""
    allowed = sources.of(card).targets(card) if card.mine else frozenset()
    return [stage for stage in Stage if stage in allowed]


def budget(card: Card, locale: str) -> str:
    """`50,00 €/día`, or the whole of a lifetime budget."""
    currency = card.currency or "EUR"
    if card.budget is not None:
        return say(locale, "board.a_day", amount=shown.money(card.budget, currency, locale))
    whole = money.budget(card.lifetime_budget, currency)
    return "" if whole is None else say(locale, "board.in_all", amount=shown.money(whole, currency, locale))


def _pace(card: Card, locale: str) -> tuple[str, str]:
    if card.pace is None or card.stage not in {Stage.RUNNING, Stage.ATTENTION}:
        return "", ""
    tone = "warn" if card.pace > FAST else "info" if card.pace < SLOW else "good"
    return say(locale, "board.pace", percent=i18n.percent(card.pace, locale, decimals=0)), tone


def _part(card: Card) -> int:
    """The part of the day's budget that is spent, in percent, as a bar shows it."""
    if not card.budget or card.spend is None:
        return 0
    return int(min(Decimal(100), card.spend / card.budget * 100))


def _note(card: Card, locale: str) -> str:
    """Why it asks for attention: the numbers that fired, or what Meta says is wrong."""
    if card.kind == firing_cards.SOURCE.kind:
        return wording.figures(card.detail["numbers"], card.currency or "EUR", locale)
    if card.kind == approval_cards.SOURCE.kind:
        return asked_for(card, locale)
    issues = card.detail.get("issues") or []
    first = issues[0] if issues else {}
    return str(first.get("error_summary") or first.get("error_message") or "")[:140]


def asked_for(card: Card, locale: str) -> str:
    """What a waiting call would change, with the values before and after."""
    found = (card.detail.get("preview") or {}).get("changes", [])
    return ", ".join(changed.told(found, card.currency or "", locale))


def _due(card: Card, locale: str) -> tuple[str, str]:
    if card.due_on is None:
        return "", ""
    today = columns.now().date()
    tone = "" if card.stage is Stage.DONE else _late(card.due_on, today)
    return i18n.day(card.due_on, locale, style="medium"), tone


def _late(due: date, today: date) -> str:
    return "bad" if due < today else "warn" if (due - today).days <= 1 else ""
