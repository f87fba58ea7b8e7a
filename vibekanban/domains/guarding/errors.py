"""Why a program's call is not carried out."""

from __future__ import annotations

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
        told = [
            i18n.say(locale, f"policy.refused.{name.value}", **limit) for name, limit in self.reasons.items()
        ]
        return " ".join([super().sentence(locale), *told])

    @property
    def details(self) -> dict[str, Any]:
        return {"reasons": [{"reason": name.value, **limit} for name, limit in self.reasons.items()]}


class AccountStopped(Forbidden):
    """The account's owner lets no program write to it until further notice."""

    code = "account_stopped"


class AlreadyDecided(Conflict):
    """Somebody decided before, or the time is over."""

    code = "approval_decided"


class ObjectBusy(Conflict):
    """Another call is changing the same object at this moment."""

    code = "object_busy"
