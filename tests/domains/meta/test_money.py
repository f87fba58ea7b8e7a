"""Meta's minor units to decimals and back, exactly."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as some

from vibekanban.core.errors import Invalid
from vibekanban.domains.meta import money

CURRENCIES = [*sorted(money.WHOLE), "EUR", "USD", "MXN", "INR", "BHD", "JOD"]
currencies = some.sampled_from(CURRENCIES)


@pytest.mark.parametrize(
    ("currency", "minor", "shown"),
    [
        ("EUR", 5000, "50.00"),
        ("EUR", 1, "0.01"),
        ("JPY", 5000, "5000"),
        ("CLP", 1, "1"),
        ("HUF", 12, "12"),
        ("BHD", 1234, "12.34"),  # a thousandth by ISO, a hundredth by Meta
    ],
)
def test_a_budget_is_shown_in_major_units(currency: str, minor: int, shown: str) -> None:
    assert money.text(money.budget(minor, currency), currency) == shown


def test_no_budget_is_shown_as_none() -> None:
    assert money.text(money.budget(None, "EUR"), "EUR") is None


@given(currencies, some.integers(0, money.MOST - 1))
def test_what_is_shown_is_read_back_to_the_minor_unit(currency: str, minor: int) -> None:
    shown = money.text(money.budget(minor, currency), currency)
    assert shown is not None
    assert money.minor(shown, currency, field="dailyBudget") == minor


@given(currencies, some.integers(0, 10**15))
def test_spend_is_shown_to_the_micro_unit_and_never_as_an_exponent(currency: str, micros: int) -> None:
    shown = money.text(money.spend(micros), currency)
    assert shown is not None
    assert "E" not in shown
    assert Decimal(shown) * 1_000_000 == micros


@pytest.mark.parametrize(
    ("amount", "currency", "minor"),
    [
        ("19.99", "EUR", 1999),
        (19.99, "EUR", 1999),
        (Decimal("19.99"), "EUR", 1999),
        (20, "EUR", 2000),
        (" 20.5 ", "EUR", 2050),
        ("19.990", "EUR", 1999),
        ("1500.00", "JPY", 1500),
        (0.1, "EUR", 10),
    ],
)
def test_what_is_written_is_counted_exactly(amount: str | float | Decimal, currency: str, minor: int) -> None:
    assert money.minor(amount, currency, field="dailyBudget") == minor


@pytest.mark.parametrize(
    ("amount", "currency", "key"),
    [
        ("19.999", "EUR", "meta.field.decimals"),
        (0.1 + 0.2, "EUR", "meta.field.decimals"),
        ("0.5", "JPY", "meta.field.decimals"),
        ("-1", "EUR", "field.range"),
        ("99999999999999", "EUR", "field.range"),
        ("", "EUR", "field.number"),
        ("1e3", "EUR", "field.number"),
        ("1_000", "EUR", "field.number"),
        ("1,5", "EUR", "field.number"),
        ("NaN", "EUR", "field.number"),
        (float("inf"), "EUR", "field.number"),
        (True, "EUR", "field.number"),
        ("١٢", "EUR", "field.number"),
    ],
)
def test_anything_else_is_refused_and_never_rounded(
    amount: str | float | bool, currency: str, key: str
) -> None:
    with pytest.raises(Invalid) as refused:
        money.minor(amount, currency, field="dailyBudget")
    assert refused.value.fields == {"dailyBudget": key}
