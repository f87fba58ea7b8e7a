"""What a bulk edit can do to every object alike, and what that comes to for one of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from vibekanban.core.errors import Invalid
from vibekanban.domains.editing import fields
from vibekanban.domains.meta import money
from vibekanban.domains.meta.models import Level

LEAST_PERCENT, MOST_PERCENT = Decimal(-99), Decimal(1000)
TEXTS = ("find", "replace", "prefix", "suffix")


class Action(StrEnum):
    PAUSE = "pause"
    RESUME = "resume"
    ARCHIVE = "archive"
    DELETE = "delete"
    SET_BUDGET = "set_budget"
    CHANGE_BUDGET_PERCENT = "change_budget_percent"
    RENAME = "rename"
    SET_BID = "set_bid"


STATUSES = {
    Action.PAUSE: "PAUSED",
    Action.RESUME: "ACTIVE",
    Action.ARCHIVE: "ARCHIVED",
    Action.DELETE: "DELETED",
}
AMOUNTS = frozenset({Action.SET_BUDGET, Action.SET_BID})
# what is reckoned from what an object holds is not written over what somebody changed meanwhile
RELATIVE = frozenset({Action.CHANGE_BUDGET_PERCENT, Action.RENAME})
_TAKES: Mapping[Action, frozenset[str]] = {
    Action.SET_BUDGET: frozenset({"amount", "amounts"}),
    Action.SET_BID: frozenset({"amount", "amounts"}),
    Action.CHANGE_BUDGET_PERCENT: frozenset({"percent"}),
    Action.RENAME: frozenset(TEXTS),
}


@dataclass(frozen=True)
class Deed:
    """An action with its parameters, checked: amounts by currency in major units."""

    action: Action
    amount: str | None = None
    amounts: Mapping[str, str] | None = None
    percent: Decimal = Decimal(0)
    texts: Mapping[str, str] | None = None

    @classmethod
    def of(cls, action: Action, params: Mapping[str, Any]) -> Deed:
        """Invalid names what is missing or out of bounds."""
        unknown = [name for name in params if name not in _TAKES.get(action, frozenset())]
        if unknown:
            raise Invalid(dict.fromkeys(unknown, "field.unknown"))
        if action in AMOUNTS:
            return cls(action, *_amounts(params))
        if action is Action.CHANGE_BUDGET_PERCENT:
            return cls(action, percent=_percent(params.get("percent")))
        if action is Action.RENAME:
            return cls(action, texts=_texts(params))
        return cls(action)

    def check_currencies(self, currencies: set[str]) -> None:
        """One amount is one currency's: fifty dollars are not fifty yen."""
        if self.amount is not None and len(currencies) > 1:
            raise Invalid({"amount": "bulk.rule.amount_per_currency"})


def _amounts(params: Mapping[str, Any]) -> tuple[str | None, Mapping[str, str] | None]:
    amounts = params.get("amounts")
    if params.get("amount") not in (None, ""):
        return str(params["amount"]).strip(), None
    if not isinstance(amounts, Mapping) or not amounts:
        raise Invalid({"amount": "field.missing"})
    return None, {str(name).upper(): str(value).strip() for name, value in amounts.items()}


def _percent(given: Any) -> Decimal:
    try:
        percent = Decimal(str(given))
    except InvalidOperation:
        raise Invalid({"percent": "field.number"}) from None
    if not percent.is_finite() or not LEAST_PERCENT <= percent <= MOST_PERCENT or not percent:
        raise Invalid({"percent": "bulk.rule.percent"})
    return percent


def _texts(params: Mapping[str, Any]) -> dict[str, str]:
    texts = {name: str(params.get(name) or "").replace("\x00", "") for name in TEXTS}
    if not texts["find"] and not texts["prefix"] and not texts["suffix"]:
        raise Invalid({"find": "bulk.rule.rename_nothing"})
    return texts


def wanted(deed: Deed, level: Level, row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    """The fields to set on an object that Meta described as `row`, cleaned; Invalid when it has no such field."""
    if deed.action in STATUSES:
        return {"status": STATUSES[deed.action]}
    if deed.action is Action.RENAME:
        return {"name": _renamed(str(row.get("name") or ""), deed.texts or {})}
    if deed.action is Action.SET_BID:
        if level is not Level.AD_SET:
            raise Invalid({"bidAmount": "bulk.rule.bid_of_ad_sets"})
        return fields.cleaned(level, {"bid_amount": _of_currency(deed, currency)}, currency)
    name, held = _budget(level, row)
    if deed.action is Action.SET_BUDGET:
        return fields.cleaned(level, {name: _of_currency(deed, currency)}, currency)
    if not held:
        raise Invalid({"dailyBudget": "bulk.rule.no_budget"})
    exact = Decimal(held) * (100 + deed.percent) / 100
    return {name: min(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), money.MOST)}


def _budget(level: Level, row: Mapping[str, Any]) -> tuple[str, int]:
    """The budget an object holds, of whichever kind; a daily one when it holds none."""
    if level is Level.AD:
        raise Invalid({"dailyBudget": "bulk.rule.no_budget"})
    for name in fields.BUDGETS:
        held = fields.read(fields.EDITABLE[level][name], row)
        if held:
            return name, held
    return "daily_budget", 0


def _of_currency(deed: Deed, currency: str) -> str:
    amount = deed.amount if deed.amount is not None else (deed.amounts or {}).get(currency)
    if amount in (None, ""):
        raise Invalid({"amount": "bulk.rule.currency_amount"})
    return str(amount)


def _renamed(name: str, texts: Mapping[str, str]) -> str:
    if texts["find"]:
        name = name.replace(texts["find"], texts["replace"])
    return f"{texts['prefix']}{name}{texts['suffix']}".strip()
