"""Policies against moves: what is allowed, refused and held."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from vibekanban.core.errors import Invalid
from vibekanban.domains.access.models import Scope
from vibekanban.domains.access.policy import Policy, Reason
from vibekanban.domains.guarding.errors import PolicyRefused
from vibekanban.domains.guarding.judging import Budget, Move, Verdict, verdict

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


def judged(policy: dict[str, Any], move: Move, moment: datetime = NOON) -> Verdict:
    return verdict(Policy.read(policy), move, moment)


def raising(before: str, after: str, day_ago: str | None = None, **more: Any) -> Move:
    daily = Budget(Decimal(before), Decimal(after), Decimal(day_ago or before))
    return Move(Scope.EDIT, "EUR", daily, **more)


def test_an_empty_policy_allows_everything() -> None:
    assert judged({}, raising("10", "10000")) == Verdict()


def test_a_budget_may_reach_its_ceiling_and_no_more() -> None:
    policy = {"maxDailyBudget": {"EUR": "200.00"}}
    assert judged(policy, raising("100", "200")).refused == {}
    assert Reason.DAILY_CEILING in judged(policy, raising("100", "200.01")).refused


def test_a_currency_that_a_ceiling_does_not_name_has_no_budget() -> None:
    assert Reason.DAILY_CEILING in judged({"maxDailyBudget": {"USD": "200"}}, raising("10", "11")).refused


def test_a_daily_ceiling_can_not_be_walked_around_with_a_lifetime_budget() -> None:
    move = Move(Scope.EDIT, "EUR", lifetime=Budget(None, Decimal(5000)))
    assert Reason.LIFETIME_CEILING in judged({"maxDailyBudget": {"EUR": "200"}}, move).refused


def test_resuming_what_stands_above_the_ceiling_is_refused() -> None:
    move = Move(Scope.RESUME, "EUR", Budget(Decimal(500), Decimal(500)))
    assert Reason.DAILY_CEILING in judged({"maxDailyBudget": {"EUR": "200"}}, move).refused


def test_pausing_is_never_a_matter_of_money_or_hour() -> None:
    policy = {"maxDailyBudget": {"EUR": "1"}, "quietHours": {"start": "00:00", "end": "23:59"}}
    assert judged(policy, Move(Scope.PAUSE, "EUR", Budget(Decimal(500), Decimal(500)))) == Verdict()


def test_a_change_is_measured_against_the_budget_before_the_call() -> None:
    policy = {"maxPercentPerCall": 20}
    assert judged(policy, raising("100", "120")).refused == {}
    assert judged(policy, raising("100", "121")).refused[Reason.PERCENT_PER_CALL] == {
        "limit": 20,
        "asked": 21.0,
    }
    assert Reason.PERCENT_PER_CALL in judged(policy, raising("100", "79")).refused


def test_small_changes_that_add_up_are_measured_against_the_budget_a_day_ago() -> None:
    move = raising("140", "154", day_ago="100")
    assert Reason.PERCENT_PER_DAY in judged({"maxPercentPerDay": 50}, move).refused


def test_quiet_hours_go_over_midnight_in_their_own_timezone() -> None:
    policy = {"quietHours": {"start": "22:00", "end": "07:00", "timezone": "Europe/Madrid"}}
    move = Move(Scope.RESUME, "EUR")
    late = datetime(2026, 11, 24, 21, 30, tzinfo=UTC)  # half past ten in Madrid
    assert Reason.QUIET_HOURS in judged(policy, move, late).refused
    assert judged(policy, move, NOON).refused == {}


def test_a_number_of_writes_a_day_is_kept() -> None:
    policy = {"maxWritesPerDay": 3}
    assert judged(policy, Move(Scope.PAUSE, "EUR", writes_today=2)).refused == {}
    assert Reason.WRITES_PER_DAY in judged(policy, Move(Scope.PAUSE, "EUR", writes_today=3)).refused


def test_verbs_and_large_moves_wait_for_a_person() -> None:
    policy = {"approval": {"verbs": ["resume"], "abovePercent": 10}}
    assert Reason.APPROVAL_VERB in judged(policy, Move(Scope.RESUME, "EUR")).held
    assert Reason.APPROVAL_PERCENT in judged(policy, raising("100", "111")).held
    assert judged(policy, raising("100", "110")).held == {}


@pytest.mark.parametrize(
    ("policy", "field"),
    [
        ({"budget": 1}, "policy.budget"),
        ({"maxPercentPerDay": -1}, "policy.maxPercentPerDay"),
        ({"maxDailyBudget": {"EUR": "-1"}}, "policy.maxDailyBudget.EUR"),
        ({"quietHours": {"start": "25:00", "end": "07:00"}}, "policy.quietHours.start"),
        (
            {"quietHours": {"start": "22:00", "end": "07:00", "timezone": "Mars/Base"}},
            "policy.quietHours.timezone",
        ),
        ({"approval": {"verbs": ["read"]}}, "policy.approval.verbs"),
    ],
)
def test_a_wrong_limit_is_named(policy: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Policy.read(policy)
    assert field in refused.value.fields


def test_what_is_stored_of_a_policy_reads_back_as_the_same() -> None:
    written = {
        "maxDailyBudget": {"EUR": "200.00"},
        "maxPercentPerDay": 50,
        "quietHours": {"start": "22:00:00", "end": "07:00:00", "timezone": "Europe/Madrid"},
        "approval": {"verbs": ["delete"], "expiresHours": 48},
    }
    assert Policy.read(written).written == written


def amounts(told: str) -> str:
    return told.replace("\xa0", " ")


@pytest.mark.parametrize(
    ("policy", "move", "es", "en"),
    [
        ({"maxPercentPerCall": 20}, raising("100", "121"), "20 %; se pidió 21 %", "20%; asked for 21%"),
        ({"maxPercentPerCall": 20}, raising("80", "97"), "se pidió 21,2 %", "asked for 21.2%"),
        (
            {"maxPercentPerDay": 1000},
            raising("100", "1100.5", "90"),
            "1.000 %; con esta llamada sería 1.122,8 %",
            "1,000%; with this call it would be 1,122.8%",
        ),
        (
            {"maxDailyBudget": {"EUR": "1200.50"}},
            raising("1000", "1300"),
            "1.200,50 €; se pidió 1.300,00 €",
            "€1,200.50; asked for €1,300.00",
        ),
        (
            {"maxLifetimeBudget": {"EUR": "10"}},
            Move(Scope.EDIT, "EUR", lifetime=Budget(None, Decimal("20.5"))),
            "10,00 €; se pidió 20,50 €",
            "€10.00; asked for €20.50",
        ),
        (
            {"maxWritesPerDay": 1000},
            raising("1", "1", writes_today=1234),
            "1.234 de 1.000",
            "1,234 of 1,000",
        ),
        (
            {"quietHours": {"start": "11:00", "end": "13:30"}},
            raising("1", "1"),
            "Entre las 11:00 y las 13:30 (UTC)",
            "Between 11:00 and 13:30 (UTC)",
        ),
    ],
)
def test_a_refusal_writes_its_numbers_as_its_reader_does(
    policy: dict[str, Any], move: Move, es: str, en: str
) -> None:
    refusal = PolicyRefused(judged(policy, move).refused)
    assert es in amounts(refusal.sentence("es"))
    assert en in amounts(refusal.sentence("en"))
