"""Edits in words: what a field was and becomes, and the money at stake."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from vibekanban.core import i18n
from vibekanban.core.i18n import catalogue, known, say
from vibekanban.domains.editing import fields
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.fields import Kind
from vibekanban.domains.editing.forms import Setting
from vibekanban.domains.editing.stakes import DAYS, Stake
from vibekanban.ui import shown
from vibekanban.ui.editing import wording


@dataclass
class Line:
    """A field before and after."""

    label: str
    before: str
    after: str


def lines(differences: Iterable[Difference], setting: Setting, locale: str) -> list[Line]:
    return [
        Line(
            say(locale, f"editing.field.{one.field}"),
            _value(one.field, one.before, setting, locale),
            _value(one.field, one.after, setting, locale),
        )
        for one in differences
    ]


def stake(at_stake: Stake, locale: str) -> str:
    """`+27,30 € al día · gastó 812 € en 30 días`; an object that is new has spent nothing."""
    parts = [
        _signed(delta, at_stake.currency, locale, key)
        for delta, key in (
            (at_stake.daily_budget_delta, "daily"),
            (at_stake.lifetime_budget_delta, "lifetime"),
        )
        if delta
    ]
    if at_stake.spend_30d:
        spent = shown.money(at_stake.spend_30d, at_stake.currency, locale)
        parts.append(say(locale, "ui.editor.spent", amount=spent, days=DAYS))
    return " · ".join(parts) or say(locale, "ui.editor.no_money")


def moved(at_stake: Stake, locale: str) -> str:
    """Only how the budget moves, for a button; empty when it does not."""
    delta, key = (
        (at_stake.daily_budget_delta, "daily")
        if at_stake.daily_budget_delta
        else (at_stake.lifetime_budget_delta, "lifetime")
    )
    return _signed(delta, at_stake.currency, locale, key) if delta else ""


def _signed(delta: Decimal, currency: str, locale: str, key: str) -> str:
    sign = "+" if delta > 0 else "−"
    return f"{sign}{shown.money(abs(delta), currency, locale)} {say(locale, f'ui.campaign.budget.{key}')}"


def _value(name: str, value: Any, setting: Setting, locale: str) -> str:
    if value in (None, "", [], {}):
        return "—"
    if name in {"budgetMode", "adSetBudgets"}:
        return wording.value(name, value, setting.currency, locale)
    match _kind(name, setting):
        case Kind.MONEY:
            return shown.money(value, setting.currency, locale)
        case Kind.MOMENT:
            return i18n.moment(datetime.fromisoformat(str(value)), locale, ZoneInfo(setting.timezone))
        case Kind.CHOICE:
            return choice(str(value), locale)
        case Kind.CHOICES:
            return ", ".join(choice(str(one), locale) for one in value)
        case Kind.FLAG:
            return say(locale, "ui.editor.yes" if value else "ui.editor.no")
        case Kind.DOCUMENT | Kind.DOCUMENTS:
            return _document(value, locale)
        case _:
            return str(value)


def choice(word: str, locale: str) -> str:
    """A word of Meta's as people call it; an unknown one as it is."""
    return catalogue(known(locale)).get(f"editing.choice.{word}", word)


def _kind(name: str, setting: Setting) -> Kind:
    every = [*fields.EDITABLE[setting.level].values(), *fields.LASTING[setting.level].values()]
    return next((one.kind for one in every if one.shown_name == name), Kind.TEXT)


def _document(value: Any, locale: str) -> str:
    """The members a page asks for in words, any other as Meta writes it."""
    if not isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    texts = catalogue(known(locale))
    told: list[str] = []
    for name, one in value.items():
        if name == "geo_locations" and isinstance(one, dict) and "countries" in one:
            told.append(", ".join(i18n.country(code, locale) for code in one["countries"]))
            rest = {key: part for key, part in one.items() if key != "countries"}
            one = rest or None
        if one is not None:
            written = one if isinstance(one, str | int | float) else json.dumps(one, ensure_ascii=False)
            told.append(f"{texts.get(f'editing.part.{name}', name)}: {written}")
    return " · ".join(told)
