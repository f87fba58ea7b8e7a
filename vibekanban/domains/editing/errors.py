"""What forbids an edit, beyond field errors and what Meta itself answers."""

from __future__ import annotations

from typing import Any

from vibekanban.core import i18n
from vibekanban.core.errors import Conflict, OutsideFailed, TooMany


class NotEditable(Conflict):
    """A deleted object can not be edited, an archived one only be deleted."""

    code = "not_editable"


class NotSwitchable(NotEditable):
    """An archived or deleted object can be neither paused nor resumed."""

    code = "not_switchable"


class ParentGone(Conflict):
    """Nothing can be made or copied into an archived or deleted object."""

    code = "parent_gone"


class BudgetChangedTooOften(TooMany):
    """Meta lets the budget of an ad set change four times an hour, then blocks it for an hour."""

    code = "budget_changed_too_often"


class StillCopying(Conflict):
    """Meta has not finished a large copy."""

    code = "still_copying"


class Unconfirmed(OutsideFailed):
    """Meta was told, but neither its answer nor a look afterwards came back; a job settles it."""

    code = "change_unconfirmed"


class Cancelled(Conflict):
    """Whoever ordered it called it off before it was begun."""

    code = "cancelled"


class ChangedSince(Conflict):
    """Meta holds something else by now than what the writer saw; `held` are the fields and their values."""

    code = "changed_since"

    def __init__(self, held: dict[str, Any], who: str = "", at: str = "") -> None:
        super().__init__(who=who, at=at)
        self.held = held

    @property
    def details(self) -> dict[str, Any]:
        return {"held": self.held, "by": self.params["who"] or None, "at": self.params["at"] or None}

    def sentence(self, locale: str) -> str:
        """Names who it was when we know it."""
        if not self.params["who"]:
            return i18n.say(locale, "errors.changed_since")
        return i18n.say(locale, "errors.changed_since_by", who=self.params["who"])


class NotRevertible(Conflict):
    """A change that can not be undone; `reason` says why, its sentence is `undo.reason.<reason>`."""

    code = "not_revertible"

    def __init__(self, reason: str) -> None:
        super().__init__(reason=reason)

    def sentence(self, locale: str) -> str:
        return i18n.say(locale, f"undo.reason.{self.params['reason']}")
