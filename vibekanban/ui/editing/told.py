"""Edits in words: what a field was and becomes, and the money at stake."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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
from vibekanban.domains.editing.naming import Names
from vibekanban.domains.editing.stakes import DAYS, Stake
from vibekanban.ui import shown
from vibekanban.ui.editing import audience_words, wording


@dataclass
class Line:
    """A field before and after, or a part of an audience; a creative has its picture too."""

    label: str
    before: str
    after: str
    picture_before: str = ""
    picture_after: str = ""


def lines(
    differences: Iterable[Difference], setting: Setting, locale: str, names: Names | None = None
) -> list[Line]:
    """In the order of the form, not in that in which fields were set."""
    known = names or Names()
    order = [one.shown_name for one in _fields(setting)]
    found = sorted(differences, key=lambda one: order.index(one.field) if one.field in order else len(order))
    return [line for one in found for line in _lines(one, setting, locale, known)]


def _lines(one: Difference, setting: Setting, locale: str, names: Names) -> Iterator[Line]:
    label = say(locale, f"editing.field.{one.field}")
    if one.field == wording.AUDIENCE:
        for part, before, after in audience_words.changed(one.before or {}, one.after or {}, locale, names):
            yield Line(part, before, after)
    elif one.field == wording.CREATIVE:
        sides = [str(side or "") for side in (one.before, one.after)]
        said = [wording.creative(side, locale, names) if side else audience_words.NOTHING for side in sides]
        seen = [names.creatives.get(side) for side in sides]
        yield Line(label, *said, *[shown.picture(each) if each else "" for each in seen])
    else:
        yield Line(
            label,
            _value(one.field, one.before, setting, locale),
            _value(one.field, one.after, setting, locale),
        )


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
            return audience_words.members(value, locale)
        case _:
            return str(value)


def choice(word: str, locale: str) -> str:
    """A word of Meta's as people call it; an unknown one as it is."""
    return catalogue(known(locale)).get(f"editing.choice.{word}", word)


def _kind(name: str, setting: Setting) -> Kind:
    return next((one.kind for one in _fields(setting) if one.shown_name == name), Kind.TEXT)


def _fields(setting: Setting) -> list[fields.Field]:
    return [*fields.EDITABLE[setting.level].values(), *fields.LASTING[setting.level].values()]
