"""What a share link shows, in words: cards, numbers with their age, charts of lines, rows of a report."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from vibekanban.core import i18n
from vibekanban.domains.board.card import Card
from vibekanban.domains.board.cards import Column
from vibekanban.domains.board.outside import Glance
from vibekanban.domains.meta import money
from vibekanban.domains.reporting import sheets, wording
from vibekanban.domains.reporting.behind_links import Shown
from vibekanban.domains.reporting.explorer import Answer, Pair

NUMBERS = (
    ("spend", "money"), ("revenue", "money"), ("roas", "times"), ("conversions", "count"), ("cpa", "money"),
)  # fmt: skip
WIDE, HIGH = 720, 180  # of the drawing; its lines scale with the page
ROWS = 200


def column(column: Column, locale: str) -> dict[str, Any]:
    name = f"board.stage.{column.stage.value}"
    sums = [i18n.money(money.spend(one.spend_micros), one.currency, locale) for one in column.sums]
    return {
        "name": i18n.say(locale, name),
        "hint": i18n.say(locale, f"{name}.empty"),
        "total": column.total,
        "more": column.total - len(column.cards),
        "sums": " · ".join(sums),
        "cards": [_card(card, locale) for card in column.cards],
    }


def _card(card: Card, locale: str) -> dict[str, Any]:
    currency = card.currency or "EUR"
    known = i18n.catalogue(i18n.known(locale))
    tones = {"ACTIVE": "good", "WITH_ISSUES": "warn", "DELETED": "bad"}
    budget = i18n.money(card.budget, currency, locale) if card.budget is not None else ""
    return {
        "account": card.account_name,
        "title": card.title,
        "spend": _number("money", card.spend, currency, locale),
        "budget": i18n.say(locale, "board.a_day", amount=budget) if budget else "",
        "conversions": _number("count", card.conversions, currency, locale),
        "roas": _number("times", card.roas, currency, locale),
        "status": known.get(f"ui.status.{card.status}", card.status.replace("_", " ").capitalize()),
        "tone": tones.get(card.status, ""),
        **_fresh(card.fresh_at, card.timezone, locale),
    }


def glance(one: Glance, locale: str) -> dict[str, Any]:
    account, numbers = one.account, one.numbers
    before = numbers["previous"] if numbers["previousComplete"] else {}
    read_at = datetime.fromisoformat(numbers["fetchedAt"]) if numbers["fetchedAt"] else None
    days = [
        [
            i18n.day(date.fromisoformat(day["date"]), locale),
            *(_number(kind, day[name], account.currency, locale) for name, kind in NUMBERS),
        ]
        for day in reversed(numbers["days"])
    ]
    return {
        "name": account.name,
        "range": f"{i18n.day(one.asked.since, locale)} – {i18n.day(one.asked.until, locale)}",
        "event": account.conversion_event or "omni_purchase",
        "tiles": [
            {
                "label": i18n.say(locale, f"ui.column.{name}"),
                "value": _number(kind, numbers["totals"][name], account.currency, locale),
                "delta": _change(numbers["totals"][name], before.get(name), locale),
            }
            for name, kind in NUMBERS
        ],
        "heads": [i18n.say(locale, f"ui.column.{name}") for name, _ in NUMBERS],
        "days": days,
        "chart": _chart(numbers["days"], account.currency, locale),
        "campaigns": [
            [
                each.name,
                *(_number(kind, each.numbers[name], account.currency, locale) for name, kind in NUMBERS),
            ]
            for each in one.campaigns
        ],
        **_fresh(read_at, account.timezone, locale),
    }


def _fresh(read_at: datetime | None, timezone: str | None, locale: str) -> dict[str, str]:
    """When the numbers were read, on the account's clock."""
    if read_at is None:
        return {"fresh": "", "fresh_at": ""}
    zone = ZoneInfo(timezone or "UTC")
    return {"fresh": i18n.moment(read_at, locale, zone), "fresh_at": read_at.isoformat()}


def _number(kind: str, value: Any, currency: str, locale: str) -> str:
    if value is None:
        return "—"
    amount = Decimal(str(value))
    if kind == "money":
        return i18n.money(amount, currency, locale)
    return f"{i18n.number(amount, locale, decimals=2)}×" if kind == "times" else i18n.number(amount, locale)


def _change(now: Any, before: Any, locale: str) -> str:
    if now is None or before is None or Decimal(str(before)) == 0:
        return "—"
    ratio = Decimal(str(now)) / Decimal(str(before)) - 1
    sign = "+" if ratio > 0 else "−" if ratio < 0 else ""
    return f"{sign}{i18n.percent(abs(ratio), locale)}"


def _chart(days: list[dict[str, Any]], currency: str, locale: str) -> dict[str, Any]:
    """Spend and revenue by day as the points of two lines, and what the top of the drawing stands for."""
    most = max((float(day[name]) for day in days for name in ("spend", "revenue")), default=0.0)
    if len(days) < 2 or not most:
        return {"lines": []}
    step = WIDE / (len(days) - 1)

    def points(name: str) -> str:
        return " ".join(
            f"{at * step:.1f},{HIGH - float(day[name]) / most * HIGH:.1f}" for at, day in enumerate(days)
        )

    return {
        "lines": [
            {"label": i18n.say(locale, f"ui.column.{name}"), "points": points(name), "kind": name}
            for name in ("spend", "revenue")
        ],
        "top": i18n.money(Decimal(str(round(most))), currency, locale),
        "first": i18n.day(date.fromisoformat(days[0]["date"]), locale),
        "last": i18n.day(date.fromisoformat(days[-1]["date"]), locale),
    }


def report(found: Shown, locale: str) -> dict[str, Any]:
    """A report's table as its page shows it, without what belongs to its owner alone."""
    answer = found.answer
    lines = answer.lines[:ROWS]
    return {
        "name": found.name,
        "account": answer.account.name,
        "spans": wording.spans(answer, locale),
        "counted": ", ".join(answer.events),
        "heads": [i18n.say(locale, f"reports.metric.{one.value}") for one in answer.definition.metrics],
        "rows": [
            {
                "name": sheets.title(line, answer, locale),
                "inside": " › ".join(line.parents),
                "cells": _cells(Pair(line.now, line.before), answer, locale, whole=answer.complete_before),
            }
            for line in lines
        ],
        "below": [
            {"name": name, "cells": _cells(pair, answer, locale, whole=answer.complete_before_whole)}
            for name, pair in sheets.below(answer, locale)
        ],
        "more": len(answer.lines) - len(lines),
        "notes": [i18n.say(locale, "reports.missing", count=answer.missing_days)]
        if answer.missing_days
        else [],
        **_fresh(answer.fetched_at, answer.account.timezone, locale),
    }


def _cells(pair: Pair, answer: Answer, locale: str, *, whole: bool) -> list[dict[str, str]]:
    cells = []
    for metric in answer.definition.metrics:
        value = pair.now.value(metric)
        delta, tone = wording.changed(metric, pair.now, pair.before if whole else None, locale)
        written = wording.written(metric, value, answer.account.currency, locale)
        cells.append({"value": written, "delta": delta, "tone": tone})
    return cells
