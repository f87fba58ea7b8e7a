"""Why a program's call is not carried out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from vibekanban.core import i18n
from vibekanban.core.errors import Conflict, Forbidden
from vibekanban.domains.access.policy import Reason


class PolicyRefused(Forbidden):
    """The token's policy forbids it; `reasons` say which limits, with their values."""

    code = "policy_refused"

    def __init__(self, reasons: dict[Reason, dict[str, Any]]) -> None:
        super().__init__(reasons=", ".join(reason.value for reason in reasons))
        self.reasons = reasons

    def sentence(self, locale: str) -> str:
        told = [told_of(name, limit, locale) for name, limit in self.reasons.items()]
        return " ".join([super().sentence(locale), *told])

    @property
    def details(self) -> dict[str, Any]:
        return {"reasons": [{"reason": name.value, **limit} for name, limit in self.reasons.items()]}


PERCENTS = frozenset({Reason.PERCENT_PER_CALL, Reason.PERCENT_PER_DAY})
NUMBERS = ("limit", "asked", "made")


def told_of(reason: Reason, limit: dict[str, Any], locale: str) -> str:
    """One limit's sentence, its numbers as people write them; `details` keep them as programs do."""
    written = {name: _written(reason, limit, limit[name], locale) for name in NUMBERS if name in limit}
    return i18n.say(locale, f"policy.refused.{reason.value}", **{**limit, **written})


def _written(reason: Reason, limit: dict[str, Any], value: Any, locale: str) -> str:
    amount = Decimal(str(value))
    if "currency" in limit:
        return i18n.money(amount, limit["currency"], locale)
    if reason in PERCENTS:
        decimals = 0 if amount == amount.to_integral_value() else 1
        return i18n.percent(amount / 100, locale, decimals=decimals)
    return i18n.number(amount, locale)


class AccountStopped(Forbidden):
    """The account's owner lets no program write to it until further notice."""

    code = "account_stopped"


class AlreadyDecided(Conflict):
    """Somebody decided before, or the time is over."""

    code = "approval_decided"


class ObjectBusy(Conflict):
    """Another call is changing the same object at this moment."""

    code = "object_busy"
