"""Numbers of the store as a page writes them: in the reader's language, with the account's money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal, NamedTuple

from vibekanban.core import i18n
from vibekanban.core.i18n import say
from vibekanban.domains.meta.models import Creative

GOOD = {"ACTIVE": "good", "PAUSED": "", "CAMPAIGN_PAUSED": "", "ADSET_PAUSED": "", "IN_PROCESS": "info",
        "PENDING_REVIEW": "info", "WITH_ISSUES": "warn", "DISAPPROVED": "bad", "ARCHIVED": "", "DELETED": "bad"}  # fmt: skip


class Metric(NamedTuple):
    """How a number is written, and whether more of it is better (1), worse (-1) or neither (0)."""

    kind: Literal["money", "count", "percent", "times"]
    better: int


METRICS = {
    "budget": Metric("money", 0),
    "today": Metric("money", 0),
    "spend": Metric("money", 0),
    "revenue": Metric("money", 1),
    "roas": Metric("times", 1),
    "impressions": Metric("count", 1),
    "clicks": Metric("count", 1),
    "conversions": Metric("count", 1),
    "ctr": Metric("percent", 1),
    "cpa": Metric("money", -1),
    "cpc": Metric("money", -1),
    "cpm": Metric("money", -1),
}


@dataclass
class Tile:
    """A number that stands for itself: its name, how it changed, and the tone of that (up is good)."""

    label: str
    value: str
    delta: str = ""
    tone: str = ""


def metric(name: str, value: Any, currency: str, locale: str) -> str:
    """A number of the store by its name, as it is written wherever it appears."""
    match METRICS[name].kind:
        case "money":
            return money(value, currency, locale)
        case "times":
            return times(value, locale)
        case "percent":
            return percent(value, locale)
        case "count":
            return count(value, locale)


def metrics(names: Iterable[str], row: Mapping[str, Any], currency: str, locale: str) -> list[str]:
    """The named numbers of a row, in that order: the cells of a table."""
    return [metric(name, row[name], currency, locale) for name in names]


def tile(name: str, now: Any, currency: str, locale: str, *, before: Any = None) -> Tile:
    """A number and its change since `before`."""
    delta, direction = change(now, before, locale)
    better = METRICS[name].better
    tone = "" if not direction or not better else "up" if (direction == "up") == (better > 0) else "down"
    return Tile(say(locale, f"ui.column.{name}"), metric(name, now, currency, locale), delta, tone)


def days(
    names: Iterable[str], rows: Sequence[Mapping[str, Any]], currency: str, locale: str, *, unfinished: bool
) -> list[list[str]]:
    """A table of days, newest first; an unfinished last day says that it goes on."""
    wanted = list(names)
    written = [
        [i18n.day(date.fromisoformat(row["date"]), locale), *metrics(wanted, row, currency, locale)]
        for row in rows
    ]
    if written and unfinished:
        written[-1][0] += f" ({say(locale, 'ui.unfinished')})"
    return written[::-1]


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


def picture(row: Creative) -> str:
    """The address of a creative's picture that a page may show; empty when there is none."""
    address = row.thumbnail_url or row.image_url
    return address if address.startswith(("https://", "data:image/")) else ""
