"""Changes in words: fields by their names, money in the account's own, before and after."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.editing.comparing import Difference
from vibekanban.domains.editing.naming import Names
from vibekanban.domains.editing.stakes import Stake
from vibekanban.domains.editing.weighing import Weight
from vibekanban.ui import shown
from vibekanban.ui.editing import audience_words

AUDIENCE, CREATIVE = "targeting", "creativeId"
MONEY = frozenset({"dailyBudget", "lifetimeBudget", "bidAmount", "spendCap"})
HIDDEN = frozenset({"effectiveStatus"})  # what came of the status says nothing of its own


def lines(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    currency: str,
    locale: str,
    names: Names | None = None,
) -> list[str]:
    """`Presupuesto diario: 50,00 € → 60,00 €`, a line a field, and one a part of an audience."""
    fields = [name for name in {**after, **before} if name not in HIDDEN]
    known = names or Names()
    return [
        line
        for name in fields
        for line in _lines(name, before.get(name), after.get(name), currency, locale, known)
    ]


def differences(
    found: Iterable[Difference], currency: str, locale: str, names: Names | None = None
) -> list[str]:
    known = names or Names()
    return [
        line for one in found for line in _lines(one.field, one.before, one.after, currency, locale, known)
    ]


def told(found: Iterable[Mapping[str, Any]], currency: str, locale: str) -> list[str]:
    """The same, of a preview that was kept as a document."""
    kept = (
        Difference(one["field"], one["before"], one["after"]) for one in found if one["field"] not in HIDDEN
    )
    return differences(kept, currency, locale)


def _lines(name: str, before: Any, after: Any, currency: str, locale: str, names: Names) -> Iterator[str]:
    if name == AUDIENCE:
        for label, was, becomes in audience_words.changed(before or {}, after or {}, locale, names):
            yield f"{field(name, locale)} · {label}: {was} → {becomes}"
        return
    sides = [
        creative(str(one), locale, names) if one and name == CREATIVE else value(name, one, currency, locale)
        for one in (before, after)
    ]
    yield f"{field(name, locale)}: {sides[0]} → {sides[1]}"


def creative(meta_id: str, locale: str, names: Names) -> str:
    """The name of a creative; one that was never seen has only its number."""
    known = names.creatives.get(meta_id)
    return known.name if known and known.name else say(locale, "ui.editor.creative", id=meta_id)


def field(name: str, locale: str) -> str:
    known = i18n.catalogue(i18n.known(locale))
    return known.get(f"editing.field.{name}", name.replace("_", " ").capitalize())


def value(name: str, told: Any, currency: str, locale: str) -> str:
    if told in (None, "", [], {}):
        return "—"
    if name == "status":
        return shown.status(str(told), locale)[0]
    if name in MONEY and currency:
        return shown.money(told, currency, locale)
    if name == "budgetMode":
        return say(locale, f"editing.mode.{told}")
    if name == "adSetBudgets" and isinstance(told, Mapping):
        return shares(told, currency, locale)
    known = i18n.catalogue(i18n.known(locale))
    text = known.get(f"editing.choice.{told}", str(told)) if isinstance(told, str) else str(told)
    return text if len(text) <= 120 else f"{text[:119]}…"


def shares(told: Mapping[str, Mapping[str, Any]], currency: str, locale: str) -> str:
    """`Madrid: 7,00 € al día · …`, an ad set after another."""
    kinds = {"dailyBudget": "daily", "lifetimeBudget": "lifetime"}
    return " · ".join(
        f"{one.get('name') or meta_id}: {shown.money(one[name], currency, locale)}"
        f" {say(locale, f'ui.campaign.budget.{kind}')}"
        for meta_id, one in told.items()
        for name, kind in kinds.items()
        if one.get(name) is not None
    )


def signed(amount: Decimal, currency: str, locale: str) -> str:
    """`+12,00 €`; a minus that is a minus."""
    sign = "+" if amount > 0 else "−" if amount < 0 else ""
    return f"{sign}{shown.money(abs(amount), currency, locale)}"


def staked(stake: Stake | None, locale: str) -> list[str]:
    """The money of one edit, a sentence each."""
    if stake is None:
        return []
    moved = [
        say(locale, key, amount=signed(delta, stake.currency, locale))
        for key, delta in (
            ("bulk.money.daily", stake.daily_budget_delta),
            ("bulk.money.lifetime", stake.lifetime_budget_delta),
        )
        if delta
    ]
    spent = shown.money(stake.spend_30d, stake.currency, locale)
    return [*(moved or [say(locale, "bulk.money.none")]), say(locale, "bulk.money.spent", amount=spent)]


def weighed(weights: Iterable[Weight], locale: str) -> list[str]:
    """The money of many edits, a sentence each currency."""
    found = []
    for one in weights:
        parts = [one.currency]
        if one.daily_moved:
            parts.append(
                say(locale, "bulk.money.daily", amount=signed(one.daily_moved, one.currency, locale))
            )
        if one.lifetime_moved:
            parts.append(
                say(locale, "bulk.money.lifetime", amount=signed(one.lifetime_moved, one.currency, locale))
            )
        if len(parts) == 1:
            parts.append(say(locale, "bulk.money.none"))
        touched = shown.money(one.spend_touched, one.currency, locale)
        share = "—" if one.share is None else shown.percent(one.share, locale)
        parts.append(say(locale, "bulk.money.share", amount=touched, share=share))
        found.append(" · ".join(parts))
    return found
