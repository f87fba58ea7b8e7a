"""Who holds a campaign's budgets, what moving them would come to, and what Meta refuses of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any

from vibekanban.core import columns
from vibekanban.core.errors import Invalid
from vibekanban.domains.editing import choices, fields
from vibekanban.domains.editing.choices import BudgetMode
from vibekanban.domains.editing.limits import Limits
from vibekanban.domains.editing.situation import amount
from vibekanban.domains.meta import money
from vibekanban.domains.meta.models import Level

MOST_AD_SETS = 70  # of a campaign that can give its budget away
NAMES: Mapping[str, str] = {"daily_budget": "dailyBudget", "lifetime_budget": "lifetimeBudget"}


@dataclass(frozen=True)
class Stand:
    """Meta's rows of a campaign and of its ad sets that are neither deleted nor archived."""

    campaign: Mapping[str, Any]
    ad_sets: Sequence[Mapping[str, Any]]
    currency: str

    @property
    def mode(self) -> BudgetMode:
        if any(amount(self.campaign, name) for name in fields.BUDGETS):
            return BudgetMode.CAMPAIGN
        shared = str(self.campaign.get("is_adset_budget_sharing_enabled")).lower() in {"true", "1"}
        return BudgetMode.SHARED if shared else BudgetMode.AD_SETS

    @cached_property
    def shown(self) -> dict[str, Any]:
        """As the change log and previews write it."""
        found: dict[str, Any] = {"budgetMode": self.mode.value, "bidStrategy": self.strategy}
        if self.mode is BudgetMode.CAMPAIGN:
            return found | _written(self.campaign, self.currency)
        found["adSetBudgets"] = {
            str(one["id"]): {"name": str(one.get("name") or ""), **_written(one, self.currency)}
            for one in self.ad_sets
        }
        return found

    @property
    def strategy(self) -> str:
        """The bid strategy of the campaign, or that of its first ad set."""
        holder = self.campaign if self.mode is BudgetMode.CAMPAIGN or not self.ad_sets else self.ad_sets[0]
        return str(holder.get("bid_strategy") or choices.UNCAPPED)

    def total(self, name: str) -> int:
        """What may be spent, in minor units: ad sets that are paused spend nothing."""
        if self.mode is BudgetMode.CAMPAIGN:
            return amount(self.campaign, name)
        return sum(amount(one, name) for one in self.ad_sets if one.get("status") == "ACTIVE")

    def allotted(self, name: str) -> int | None:
        """All of it in minor units, paused or not; None when nobody holds such a budget."""
        holders = [self.campaign] if self.mode is BudgetMode.CAMPAIGN else self.ad_sets
        return sum(amount(one, name) for one in holders) or None


@dataclass(frozen=True)
class Plan:
    """What Meta is told, and how it stands then."""

    params: dict[str, Any]
    after: Stand


def plan(
    stand: Stand,
    mode: BudgetMode,
    budget: Mapping[str, Any],
    shares: Mapping[str, Mapping[str, Any]],
    allowed: Limits,
) -> Plan:
    """Invalid with what Meta would refuse."""
    if mode is BudgetMode.CAMPAIGN:
        return _to_campaign(stand, budget, allowed)
    if stand.mode is BudgetMode.CAMPAIGN:
        return _to_ad_sets(stand, mode, shares, allowed)
    return _lent(stand, mode, shares)


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two stands hold the same budgets; what ad sets are called makes no difference."""
    return _bare(one) == _bare(other)


def budgets(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The budgets that `Stand.shown` wrote, as fields to set."""
    return {name: shown[key] for name, key in NAMES.items() if shown.get(key) is not None}


# -- the three ways


def _to_campaign(stand: Stand, budget: Mapping[str, Any], allowed: Limits) -> Plan:
    values = _cleaned(Level.CAMPAIGN, budget, stand.currency)
    if len(values) != 1:
        raise Invalid({"dailyBudget": "editing.rule.one_budget" if values else "editing.rule.mode_budget"})
    [(name, sent)] = values.items()
    strategies = {str(one.get("bid_strategy") or choices.UNCAPPED) for one in stand.ad_sets}
    if len(strategies) > 1:
        raise Invalid({"budgetMode": "editing.rule.mode_strategies"})
    goals = {one.get("optimization_goal") for one in stand.ad_sets}
    if strategies == {choices.UNCAPPED} and len(goals) > 1:
        raise Invalid({"budgetMode": "editing.rule.mode_goals"})
    days = 1
    if name == "lifetime_budget":
        days = max((_days(one) for one in stand.ad_sets), default=1)
    _check_least(NAMES[name], sent, allowed.least_daily() * days, stand.currency)
    params = {name: sent, "bid_strategy": stand.strategy}
    without = [
        {key: value for key, value in one.items() if key not in fields.BUDGETS} for one in stand.ad_sets
    ]
    return Plan(params, Stand({**stand.campaign, **params}, without, stand.currency))


def _to_ad_sets(
    stand: Stand, mode: BudgetMode, shares: Mapping[str, Mapping[str, Any]], allowed: Limits
) -> Plan:
    if not stand.ad_sets:
        raise Invalid({"budgetMode": "editing.rule.mode_empty"})
    if len(stand.ad_sets) > MOST_AD_SETS:
        raise Invalid({"budgetMode": "editing.rule.mode_many"}, most=MOST_AD_SETS)
    if shares.keys() - {str(one["id"]) for one in stand.ad_sets}:
        raise Invalid({"adSetBudgets": "editing.rule.mode_stranger"})
    handed: list[dict[str, Any]] = []
    for one in stand.ad_sets:
        name = str(one.get("name") or "")
        values = _cleaned(Level.AD_SET, shares.get(str(one["id"]), {}), stand.currency)
        if len(values) != 1:
            raise Invalid({"adSetBudgets": "editing.rule.mode_share"}, ad_set=name)
        if mode is BudgetMode.SHARED and "lifetime_budget" in values:
            raise Invalid({"adSetBudgets": "editing.rule.sharing_is_daily"})
        days = _days(one) if "lifetime_budget" in values else 1
        least = allowed.least_daily(str(one.get("billing_event") or "IMPRESSIONS"))
        [sent] = values.values()
        _check_least("adSetBudgets", sent, least * days, stand.currency)
        handed.append({"adset_id": str(one["id"]), **values})
    sharing = mode is BudgetMode.SHARED
    params = {"adset_budgets": handed, "is_adset_budget_sharing_enabled": sharing}
    campaign = {key: value for key, value in stand.campaign.items() if key not in fields.BUDGETS}
    campaign["is_adset_budget_sharing_enabled"] = sharing
    own_strategy = {"bid_strategy": stand.strategy}
    after = [{**one, **own, **own_strategy} for one, own in zip(stand.ad_sets, handed, strict=True)]
    return Plan(params, Stand(campaign, after, stand.currency))


def _lent(stand: Stand, mode: BudgetMode, shares: Mapping[str, Mapping[str, Any]]) -> Plan:
    """Ad sets that hold their budgets keep them, and lend a fifth to each other or do not."""
    held = {
        str(one["id"]): {name: amount(one, name) for name in fields.BUDGETS if amount(one, name)}
        for one in stand.ad_sets
    }
    if any(_cleaned(Level.AD_SET, one, stand.currency) != held.get(key) for key, one in shares.items()):
        raise Invalid({"adSetBudgets": "editing.rule.ad_sets_hold_budgets"})
    if mode is BudgetMode.SHARED and any(amount(one, "lifetime_budget") for one in stand.ad_sets):
        raise Invalid({"budgetMode": "editing.rule.sharing_is_daily"})
    params = {"is_adset_budget_sharing_enabled": mode is BudgetMode.SHARED}
    return Plan(params, Stand({**stand.campaign, **params}, stand.ad_sets, stand.currency))


# -- checks


def _cleaned(level: Level, given: Mapping[str, Any], currency: str) -> dict[str, Any]:
    wanted = {name: value for name, value in given.items() if value is not None}
    return fields.cleaned(level, wanted, currency)


def _check_least(key: str, sent: int, least: int, currency: str) -> None:
    if sent < max(least, 1):
        minimum = money.text(money.budget(max(least, 1), currency), currency)
        raise Invalid({key: "editing.rule.budget_least"}, minimum=minimum, currency=currency)


def _days(ad_set: Mapping[str, Any]) -> int:
    """How long a lifetime budget has to last; it needs an end."""
    ends = fields.moment(ad_set.get("end_time") or 0)
    if ends is None:
        raise Invalid({"lifetimeBudget": "editing.rule.mode_ends"}, ad_set=str(ad_set.get("name") or ""))
    return max(1, (ends - columns.now()) // timedelta(days=1))


def _written(row: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        key: money.text(money.budget(amount(row, name), currency), currency)
        for name, key in NAMES.items()
        if amount(row, name)
    }


def _bare(shown: Mapping[str, Any]) -> dict[str, Any]:
    shares = shown.get("adSetBudgets", {})
    return {
        **{name: shown.get(name) for name in ("budgetMode", *NAMES.values())},
        "adSetBudgets": {meta_id: budgets(share) for meta_id, share in shares.items()},
    }
