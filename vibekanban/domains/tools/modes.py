"""The tool that moves a campaign's budgets: to the campaign, to its ad sets, or lent among them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field

from vibekanban.domains.access.models import Scope
from vibekanban.domains.editing import budget_modes
from vibekanban.domains.editing.budget_modes import Switch
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.edits import Outcome
from vibekanban.domains.meta.models import Level
from vibekanban.domains.tools import settable, writing
from vibekanban.domains.tools.shapes import Arguments, Optional, Reference
from vibekanban.domains.tools.tool import Context, Done
from vibekanban.domains.tools.writing import BUDGETS, Budgets, Writing


class Share(Arguments):
    """What one ad set is to have."""

    ad_set_id: Reference
    daily_budget: settable.Money | Optional = None
    lifetime_budget: settable.Money | Optional = None

    def given(self) -> dict[str, Any]:
        return self.model_dump(include={"daily_budget", "lifetime_budget"}, exclude_none=True)


class SetBudgetMode(Writing):
    campaign_id: Reference
    mode: BudgetMode
    daily_budget: settable.Money | Optional = None
    lifetime_budget: settable.Money | Optional = None
    shares: Annotated[list[Share], Field(max_length=200)] = Field(default_factory=list)


def set_mode(context: Context, asked: SetBudgetMode) -> Done:
    target = writing.found(context, Level.CAMPAIGN, asked.campaign_id)
    wanted = Switch(
        target.thing.id,
        asked.mode,
        asked.model_dump(include={"daily_budget", "lifetime_budget"}, exclude_none=True),
        {one.ad_set_id: one.given() for one in asked.shares},
        context.caller.account_ids,
    )

    def apply(dry_run: bool) -> Outcome:
        return budget_modes.switch(context.caller.user_id, wanted, writing.acting(context), dry_run=dry_run)

    return writing.carried(
        context, asked, "set_budget_mode", Scope.EDIT, Level.CAMPAIGN, target, apply, "edit", budgets
    )


def budgets(tried: Outcome) -> Budgets:
    """All budgets of the campaign together, whoever holds them: no ad set of it has more."""
    before = {one.field: one.before for one in tried.differences}
    after = {one.field: one.after for one in tried.differences}
    return {name: (_total(before, name), _total(after, name)) for name in BUDGETS}


def _total(side: Mapping[str, Any], name: str) -> Decimal | None:
    held = [side.get(name), *(one.get(name) for one in (side.get("adSetBudgets") or {}).values())]
    amounts = [Decimal(str(one)) for one in held if one is not None]
    return sum(amounts, Decimal(0)) if amounts else None
