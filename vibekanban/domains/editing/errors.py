"""What forbids an edit, beyond field errors and what Meta itself answers."""

from __future__ import annotations

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
