"""A write held against a policy: allowed, refused, or for a person to decide."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from vibekanban.domains.access.models import Scope
from vibekanban.domains.access.policy import Policy, Reason


@dataclass(frozen=True)
class Budget:
    """A budget of one object in major units: before the call, after it, and 24 hours ago."""

    before: Decimal | None
    after: Decimal | None
    day_ago: Decimal | None = None


NO_BUDGET = Budget(None, None)


@dataclass(frozen=True)
class Move:
    """What a call would do: its verb, and the budgets that it leaves behind; `also` are the verbs of what follows."""

    verb: Scope
    currency: str
    daily: Budget = NO_BUDGET
    lifetime: Budget = NO_BUDGET
    writes_today: int = 0
    also: tuple[Scope, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """Reasons with the limits they come from; no refusal and no hold means: go."""

    refused: dict[Reason, dict[str, Any]] = field(default_factory=dict)
    held: dict[Reason, dict[str, Any]] = field(default_factory=dict)


# These can only spend less than before: no ceiling forbids them
SAFE = frozenset({Scope.PAUSE, Scope.DELETE})


def verdict(policy: Policy, move: Move, moment: datetime) -> Verdict:
    """How a policy judges a move at this moment."""
    refused: dict[Reason, dict[str, Any]] = {}
    held: dict[Reason, dict[str, Any]] = {}
    if policy.quiet_hours is not None and move.verb is not Scope.PAUSE and policy.quiet_hours.hold(moment):
        quiet = policy.quiet_hours
        refused[Reason.QUIET_HOURS] = {
            "from": f"{quiet.start:%H:%M}",
            "to": f"{quiet.end:%H:%M}",
            "timezone": quiet.timezone,
        }
    if policy.max_writes_per_day is not None and move.writes_today >= policy.max_writes_per_day:
        refused[Reason.WRITES_PER_DAY] = {"limit": policy.max_writes_per_day, "made": move.writes_today}
    if move.verb not in SAFE:
        _ceiling(refused, Reason.DAILY_CEILING, policy.max_daily_budget, move.currency, move.daily)
        _ceiling(refused, Reason.LIFETIME_CEILING, policy.max_lifetime_budget, move.currency, move.lifetime)
        if policy.max_daily_budget and not policy.max_lifetime_budget and move.lifetime.after is not None:
            # a ceiling of one kind must not be walked around with the other
            refused[Reason.LIFETIME_CEILING] = {
                "limit": "0",
                "asked": str(move.lifetime.after),
                "currency": move.currency,
            }
    calls = max(
        _percent(move.daily.before, move.daily.after), _percent(move.lifetime.before, move.lifetime.after)
    )
    days = max(
        _percent(move.daily.day_ago, move.daily.after), _percent(move.lifetime.day_ago, move.lifetime.after)
    )
    if policy.max_percent_per_call is not None and calls > policy.max_percent_per_call:
        refused[Reason.PERCENT_PER_CALL] = {"limit": policy.max_percent_per_call, "asked": _rounded(calls)}
    if policy.max_percent_per_day is not None and days > policy.max_percent_per_day:
        refused[Reason.PERCENT_PER_DAY] = {"limit": policy.max_percent_per_day, "asked": _rounded(days)}
    if policy.approval is not None:
        verbs = {move.verb, *move.also}
        if asked := [verb for verb in policy.approval.verbs if verb in verbs]:
            held[Reason.APPROVAL_VERB] = {"verb": asked[0].value}
        above = policy.approval.above_percent
        if above is not None and calls > above:
            held[Reason.APPROVAL_PERCENT] = {"limit": above, "asked": _rounded(calls)}
    return Verdict(refused, held)


def _ceiling(
    refused: dict[Reason, dict[str, Any]],
    reason: Reason,
    ceilings: Mapping[str, Decimal],
    currency: str,
    budget: Budget,
) -> None:
    if not ceilings or budget.after is None:
        return
    ceiling = ceilings.get(currency)
    if ceiling is None or budget.after > ceiling:
        refused[reason] = {
            "limit": "0" if ceiling is None else str(ceiling),
            "asked": str(budget.after),
            "currency": currency,
        }


def _percent(before: Decimal | None, after: Decimal | None) -> Decimal:
    """How far a budget moves, up or down; a budget out of nothing is no move but a matter of ceilings."""
    if before is None or after is None or before <= 0:
        return Decimal(0)
    return abs(after - before) * 100 / before


def _rounded(percent: Decimal) -> float:
    return float(round(percent, 1))
