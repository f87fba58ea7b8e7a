"""Meta's money: budgets in its own minor units, spend in micro-units; shown as exact decimal strings."""

from __future__ import annotations

import re
from decimal import Decimal

from vibekanban.core.errors import Invalid

# Meta counts these in whole units, whatever ISO 4217 says; all others in hundredths (BHD and JOD too)
WHOLE = frozenset({"CLP", "COP", "CRC", "HUF", "IDR", "ISK", "JPY", "KRW", "PYG", "TWD", "VND"})
MICROS = Decimal(1_000_000)
_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
MOST = 10**13  # Meta counts in 64 bits; nobody's budget is near this


def decimals(currency: str) -> int:
    return 0 if currency in WHOLE else 2


def budget(minor: int | None, currency: str) -> Decimal | None:
    """A budget or bid in major units."""
    return None if minor is None else Decimal(minor).scaleb(-decimals(currency))


def minor(amount: str | int | float | Decimal, currency: str, *, field: str) -> int:
    """A budget or bid as Meta counts it; Invalid on more decimals than the currency has, never rounded."""
    # the text of a float is what was written; its binary value is not
    text = f"{amount:f}" if isinstance(amount, Decimal) else str(amount).strip()
    if not _NUMBER.fullmatch(text):
        raise Invalid({field: "field.number"})
    exact = Decimal(text)
    if not 0 <= exact < MOST:
        raise Invalid({field: "field.range"}, about={field: {"least": 0, "most": MOST - 1}})
    whole, _, fraction = text.partition(".")
    places = decimals(currency)
    if len(fraction.rstrip("0")) > places:
        raise Invalid({field: "meta.field.decimals"})
    return int(whole + fraction[:places].ljust(places, "0"))


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
