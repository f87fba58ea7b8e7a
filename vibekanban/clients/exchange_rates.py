"""Published exchange rates: the European Central Bank's daily document, or one of the same form."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from xml.etree import ElementTree

import httpx

from vibekanban.core.errors import OutsideFailed, OutsideTimeout, OutsideUnavailable
from vibekanban.core.settings import settings

SERVICE = "exchange_rates"
TIMEOUT = httpx.Timeout(15, connect=5)
LARGEST = 200_000  # bytes; the document has some two thousand


@dataclass(frozen=True)
class Published:
    """How much of each currency one euro is, by the day's document."""

    day: date
    per_euro: dict[str, Decimal]


def published() -> Published:
    """What is published now; OutsideFailed and its kinds when it cannot be had or makes no sense."""
    try:
        with httpx.stream("GET", settings().exchange_rates, timeout=TIMEOUT, follow_redirects=True) as answer:
            if answer.status_code >= 500:
                raise OutsideUnavailable(service=SERVICE)
            if answer.status_code != 200:
                raise OutsideFailed(service=SERVICE)
            content = b""
            for chunk in answer.iter_bytes():
                content += chunk
                if len(content) > LARGEST:
                    raise OutsideFailed(service=SERVICE)
    except httpx.TimeoutException as error:
        raise OutsideTimeout(service=SERVICE) from error
    except httpx.HTTPError as error:
        raise OutsideUnavailable(service=SERVICE) from error
    return parsed(content)


def parsed(content: bytes) -> Published:
    """`<Cube time="2026-11-24"><Cube currency="USD" rate="1.0832"/>…`, in whatever namespace."""
    try:
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:  # the document needs neither; bombs do
            raise ValueError("a document type")
        root = ElementTree.fromstring(content)  # noqa: S314 - small, and without entities
        cubes = [one for one in root.iter() if one.tag.rpartition("}")[2] == "Cube"]
        day = next(one.attrib["time"] for one in cubes if "time" in one.attrib)
        rates = {
            one.attrib["currency"]: Decimal(one.attrib["rate"]) for one in cubes if "currency" in one.attrib
        }
        if not rates or any(not rate.is_finite() or rate <= 0 for rate in rates.values()):
            raise ValueError("no rates")
        return Published(date.fromisoformat(day), {name[:3]: rate for name, rate in rates.items()})
    except (ElementTree.ParseError, StopIteration, KeyError, InvalidOperation, ValueError) as error:
        raise OutsideFailed(service=SERVICE) from error
