"""What bringing a campaign's budgets back to who held them comes to, from what was read last."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vibekanban.domains.editing import budget_plans
from vibekanban.domains.editing.budget_plans import Plan, Stand
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.errors import ChangedSince
from vibekanban.domains.editing.limits import Limits
from vibekanban.domains.meta.models import Change


@dataclass(frozen=True)
class Handing:
    """How the budgets stand, and what Meta would be told to have them change hands."""

    stand: Stand
    plan: Plan

    @property
    def before(self) -> dict[str, Any]:
        return self.stand.shown

    @property
    def after(self) -> dict[str, Any]:
        return self.plan.after.shown

    def moved(self, name: str) -> int:
        """In minor units: what all of them may spend more, or less."""
        return self.plan.after.total(name) - self.stand.total(name)


def back(
    change: Change, campaign: Mapping[str, Any], ad_sets: Sequence[Mapping[str, Any]], currency: str
) -> Handing | None:
    """None when the budgets are held as before already; ChangedSince when they moved since the change.

    Minimums are not looked at: what comes back was valid once, and Meta is asked before anything is written.
    """
    stand = Stand(campaign, ad_sets, currency)
    if budget_plans.same(stand.shown, change.before):
        return None
    if not budget_plans.same(stand.shown, change.after):
        held = {name: value for name, value in stand.shown.items() if change.after.get(name) != value}
        raise ChangedSince(held)
    shares = change.before.get("adSetBudgets", {})
    plan = budget_plans.plan(
        stand,
        BudgetMode(change.before["budgetMode"]),
        budget_plans.budgets(change.before),
        {meta_id: budget_plans.budgets(share) for meta_id, share in shares.items()},
        Limits(),
    )
    return Handing(stand, plan)
