"""Numbers of the store as a page writes them: in the reader's language, with the account's money."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from vibekanban.core import i18n

GOOD = {"ACTIVE": "good", "PAUSED": "", "CAMPAIGN_PAUSED": "", "ADSET_PAUSED": "", "IN_PROCESS": "info",
        "PENDING_REVIEW": "info", "WITH_ISSUES": "warn", "DISAPPROVED": "bad", "ARCHIVED": "", "DELETED": "bad"}  # fmt: skip


def money(value: Any, currency: str, locale: str) -> str:
    return "—" if value is None else i18n.money(Decimal(str(value)), currency, locale)


def count(value: Any, locale: str, *, decimals: int = 0) -> str:
    return "—" if value is None else i18n.number(Decimal(str(value)), locale, decimals=decimals)


def percent(value: Any, locale: str) -> str:
    """A value that is in percent already."""
    return "—" if value is None else i18n.percent(Decimal(str(value)) / 100, locale, decimals=2)


def times(value: Any, locale: str) -> str:
    return "—" if value is None else f"{i18n.number(Decimal(str(value)), locale, decimals=2)}×"


def change(now: Any, before: Any, locale: str) -> tuple[str, str]:
    """`+12,4 %` and whether it went up or down; nothing to compare is a dash."""
    if now is None or before is None or Decimal(str(before)) == 0:
        return "—", ""
    ratio = Decimal(str(now)) / Decimal(str(before)) - 1
    sign = "+" if ratio > 0 else "−" if ratio < 0 else ""
    return f"{sign}{i18n.percent(abs(ratio), locale)}", "up" if ratio > 0 else "down" if ratio < 0 else ""


def status(word: str, locale: str) -> tuple[str, str]:
    """A delivery status in words, and its colour."""
    key = f"ui.status.{word}"
    known = i18n.catalogue(i18n.known(locale))
    return known.get(key, word.replace("_", " ").capitalize()), GOOD.get(word, "")
