"""Texts, numbers, money and dates in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, cast

from babel import Locale as Locale_
from babel.dates import format_date, format_datetime, format_skeleton
from babel.numbers import format_currency, format_decimal, format_percent

Locale = Literal["es", "en"]
LOCALES: tuple[Locale, ...] = ("es", "en")
DEFAULT: Locale = "es"
FOLDER = Path(__file__).resolve().parents[1] / "locales"


@lru_cache
def catalogue(locale: Locale) -> Mapping[str, str]:
    """Every text of a language by key; the files of a folder are one flat catalogue."""
    texts: dict[str, str] = {}
    for file in sorted((FOLDER / locale).glob("*.json")):
        texts.update(json.loads(file.read_text(encoding="utf-8")))
    return texts


def say(locale: str, key: str, **params: Any) -> str:
    """The text of a key; an unknown key is a bug and raises KeyError."""
    text = catalogue(known(locale))[key]
    return text.format(**params) if params else text


def counted(locale: str, key: str, count: int, **params: Any) -> str:
    """The text of a number of things: `<key>.one` of a single one, `<key>.many` of any other number."""
    return say(locale, f"{key}.{'one' if count == 1 else 'many'}", count=count, **params)


def known(locale: str | None) -> Locale:
    """The nearest language we have: `en-US` is English, anything unknown Spanish."""
    short = (locale or "")[:2].lower()
    return cast(Locale, short) if short in LOCALES else DEFAULT


def accepted(header: str | None) -> Locale:
    """The language an `Accept-Language` header asks for."""
    ranked: list[tuple[float, str]] = []
    for part in (header or "").split(","):
        name, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((float(weight or 1), name))
        except ValueError:
            continue
    for _, name in sorted(ranked, key=lambda pair: -pair[0]):
        if name[:2].lower() in LOCALES:
            return known(name)
    return DEFAULT


def money(amount: Decimal | float | int, currency: str, locale: str) -> str:
    """`1.234,56 €` in Spanish, `€1,234.56` in English; decimals as the currency has them."""
    return format_currency(amount, currency, locale=_babel(locale))


def number(value: Decimal | float | int, locale: str, *, decimals: int = 0) -> str:
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return format_decimal(value, format=pattern, locale=_babel(locale))


def percent(ratio: Decimal | float, locale: str, *, decimals: int = 1) -> str:
    sign = "\xa0%" if known(locale) == "es" else "%"
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "") + sign
    return format_percent(ratio, format=pattern, locale=_babel(locale))


def day(value: date, locale: str, *, style: str = "medium") -> str:
    return format_date(value, format=style, locale=_babel(locale))  # pyright: ignore[reportArgumentType]


def month(value: date, locale: str) -> str:
    """`noviembre de 2026`, `November 2026`."""
    return format_skeleton("yMMMM", value, locale=_babel(locale))


def country(code: str, locale: str) -> str:
    """A country's name; its code when nobody named it."""
    return Locale_.parse(_babel(locale)).territories.get(code, code)


def moment(value: datetime, locale: str, zone: tzinfo, *, style: str = "short") -> str:
    return format_datetime(value, format=style, tzinfo=zone, locale=_babel(locale))  # pyright: ignore[reportArgumentType]


def _babel(locale: str) -> str:
    return "es_ES" if known(locale) == "es" else "en_US"
