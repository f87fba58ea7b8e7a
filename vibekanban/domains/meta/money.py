"""Meta's money: budgets in its own minor units, spend in micro-units; shown as exact decimal strings."""

from __future__ import annotations

from decimal import Decimal

# Meta counts these in whole units, whatever ISO 4217 says; all others in hundredths (BHD and JOD too)
WHOLE = frozenset({"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"})
MICROS = Decimal(1_000_000)


def decimals(currency: str) -> int:
    return 0 if currency in WHOLE else 2


def budget(minor: int | None, currency: str) -> Decimal | None:
    """A budget or bid in major units."""
    return None if minor is None else Decimal(minor).scaleb(-decimals(currency))


def spend(micros: int) -> Decimal:
    return Decimal(micros) / MICROS


def text(amount: Decimal | None, currency: str) -> str | None:
    """`19.99`: at least the currency's decimals, more when the number has more, never an exponent."""
    if amount is None:
        return None
    places = max(decimals(currency), _places(amount))
    return f"{amount:.{places}f}"


def _places(amount: Decimal) -> int:
    exponent = amount.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
