"""What Meta refuses of budgets and bids."""

from __future__ import annotations

from datetime import timedelta

from vibekanban.domains.editing import choices, fields
from vibekanban.domains.editing.situation import Findings, Rule, Situation, amount
from vibekanban.domains.meta import money
from vibekanban.domains.meta.models import Level


def one_budget(situation: Situation, found: Findings) -> None:
    if all(situation.values.get(name) is not None for name in fields.BUDGETS):
        found.add("lifetime_budget", "one_budget")


def budget_kind(situation: Situation, found: Findings) -> None:
    """A daily budget stays daily, and one that is held elsewhere can not be set here."""
    for name in named(situation):
        other = "lifetime_budget" if name == "daily_budget" else "daily_budget"
        if situation.level is Level.AD_SET and situation.campaign_holds:
            found.add(name, "campaign_holds_budget")
        elif situation.level is Level.CAMPAIGN and not situation.making and not situation.campaign_holds:
            found.add(name, "ad_sets_hold_budgets")
        elif not situation.making and situation.held(other) and not situation.held(name):
            found.add(name, "budget_kind")


def budget_least(situation: Situation, found: Findings) -> None:
    if situation.limits is None:
        return
    least = situation.limits.least_daily(str(situation.then("billing_event") or "IMPRESSIONS"))
    for name in named(situation):
        needed = least * (_days(situation) if name == "lifetime_budget" else 1)
        if situation.values[name] < max(needed, 1):
            minimum = money.text(money.budget(max(needed, 1), situation.currency), situation.currency) or ""
            found.add(name, "budget_least", minimum=minimum, currency=situation.currency)


def lifetime_needs_end(situation: Situation, found: Findings) -> None:
    if not {"lifetime_budget", "end_time"} & situation.values.keys() and not situation.making:
        return
    lifetime = situation.then("lifetime_budget") or amount(situation.campaign, "lifetime_budget")
    if lifetime and not situation.then("end_time"):
        found.add("end_time", "lifetime_needs_end")


def sharing(situation: Situation, found: Findings) -> None:
    """Sibling ad sets share daily budgets only, and there is nothing to share under a campaign budget."""
    if not situation.values.get("is_adset_budget_sharing_enabled"):
        return
    if any(situation.then(name) for name in fields.BUDGETS):
        found.add("is_adset_budget_sharing_enabled", "sharing_needs_ad_set_budgets")


def shared_daily_only(situation: Situation, found: Findings) -> None:
    sharing = str(situation.campaign.get("is_adset_budget_sharing_enabled")).lower() == "true"
    if sharing and situation.values.get("lifetime_budget"):
        found.add("lifetime_budget", "sharing_is_daily")


def cap(situation: Situation, found: Findings) -> None:
    cap = situation.values.get("spend_cap")
    if cap is None or situation.limits is None or cap >= situation.limits.least_spend_cap:
        return
    least = money.budget(situation.limits.least_spend_cap, situation.currency)
    minimum = money.text(least, situation.currency) or ""
    found.add("spend_cap", "cap_least", minimum_cap=minimum, currency=situation.currency)


def named(situation: Situation) -> list[str]:
    return [name for name in fields.BUDGETS if situation.values.get(name) is not None]


def _days(situation: Situation) -> int:
    ends = situation.then("end_time") or situation.then("stop_time")
    begins = situation.then("start_time") or situation.now
    return max(1, (ends - begins) // timedelta(days=1)) if ends else 1


# -- bidding


def bidding(situation: Situation, found: Findings) -> None:
    if not {"bid_strategy", "bid_amount", "roas_floor"} & situation.values.keys() and not situation.making:
        return
    own = situation.then("bid_strategy")
    above = situation.campaign.get("bid_strategy") if situation.campaign_holds else None
    if above and "bid_strategy" in situation.values and own != above:
        found.add("bid_strategy", "campaign_holds_strategy")
        return
    strategy = above or own or choices.UNCAPPED
    given = {name for name in ("bid_amount", "roas_floor") if situation.values.get(name) is not None}
    if strategy == choices.UNCAPPED:
        for name in given:
            found.add(name, "bid_automatic")
    elif strategy in choices.CAPPED and not situation.then("bid_amount"):
        found.add("bid_amount", "bid_needed")
    elif strategy == choices.MIN_ROAS:
        if not situation.then("roas_floor"):
            found.add("roas_floor", "roas_needed")
        if (situation.then("optimization_goal") or "VALUE") != "VALUE":
            found.add("bid_strategy", "roas_needs_value")


def campaign_bidding(situation: Situation, found: Findings) -> None:
    """A campaign has a bid strategy when it holds the budget."""
    holds = situation.campaign_holds or bool(named(situation))
    if situation.values.get("bid_strategy") and not holds:
        found.add("bid_strategy", "strategy_needs_budget")


_BUDGETS: tuple[Rule, ...] = (one_budget, budget_kind, budget_least)
OF_CAMPAIGNS: tuple[Rule, ...] = (*_BUDGETS, sharing, cap, campaign_bidding)
OF_AD_SETS: tuple[Rule, ...] = (*_BUDGETS, shared_daily_only, lifetime_needs_end, bidding)
