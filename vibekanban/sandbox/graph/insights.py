"""Adding deliveries up: rows of a level over days, months or the whole range, cut by breakdowns."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import product
from math import prod
from typing import Any

from vibekanban.sandbox.graph.delivery import Delivery, Sight
from vibekanban.sandbox.graph.numbers import PPM, Numbers
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.seeded import COUNTRY
from vibekanban.sandbox.graph.units import Unit
from vibekanban.sandbox.graph.world import Account

LEVELS = ("campaign", "adset", "ad")
ONE_DAY = timedelta(days=1)
MOST_TABLES, MOST_ROWS = 500, 150_000
HOURLY = "hourly_stats_aggregated_by_advertiser_time_zone"
HOURLY_AUDIENCE = "hourly_stats_aggregated_by_audience_time_zone"
# category: weight; a day's numbers are cut along these
BREAKDOWNS: dict[str, dict[str, int]] = {
    "age": {"18-24": 14, "25-34": 27, "35-44": 25, "45-54": 18, "55-64": 10, "65+": 6},
    "gender": {"female": 54, "male": 43, "unknown": 3},
    "country": {"ES": 78, "MX": 13, "PT": 9},
    "region": {"Comunidad de Madrid": 36, "Cataluña": 31, "Andalucía": 33},
    "publisher_platform": {"facebook": 44, "instagram": 47, "audience_network": 6, "messenger": 3},
    "platform_position": {
        "feed": 51, "instagram_reels": 27, "instagram_stories": 22, "an_classic": 40, "messenger_inbox": 40,
    },
    "comscore_market": {"Madrid": 40, "Barcelona": 34, "Sevilla": 26},
    "device_platform": {"mobile_app": 83, "mobile_web": 7, "desktop": 10},
    "impression_device": {"iphone": 38, "android_smartphone": 49, "desktop": 13},
}  # fmt: skip
PEOPLE = frozenset({"age", "gender"})
PLACES = frozenset({"country", "region", "comscore_market"})
PLATFORMS = frozenset({"publisher_platform", "platform_position", "device_platform", "impression_device"})
POSITIONS = {
    "facebook": {"feed"},
    "instagram": {"feed", "instagram_reels", "instagram_stories"},
    "audience_network": {"an_classic"},
    "messenger": {"messenger_inbox"},
}


@dataclass(frozen=True)
class Asked:
    """What an insights call wants; days are in the account's timezone."""

    account: Account
    level: str
    since: date
    until: date
    increment: int | str = "all_days"
    breakdowns: tuple[str, ...] = ()
    campaign: str | None = None
    adset: str | None = None
    ad: str | None = None
    only: frozenset[str] | None = None  # ads that count


@dataclass(slots=True)
class Row:
    """One answer row; `object_id` is the account's at account level."""

    object_id: str
    start: date
    stop: date
    cut: tuple[str, ...]
    numbers: Numbers


def check(asked: Asked, today: date) -> None:
    """Refuse what Meta refuses."""
    if asked.since > asked.until:
        raise invalid("The start date must be before the end date.", field="time_range")
    if (today - asked.since).days > 37 * 31:
        raise GraphError(
            3018, "(#3018) The start date of the time range cannot be beyond 37 months from the current date"
        )
    names = set(asked.breakdowns)
    for name in sorted(names - BREAKDOWNS.keys() - {HOURLY, HOURLY_AUDIENCE}):
        raise GraphError(100, f"(#100) breakdowns[0] must be one of the following values: {name} is not")
    if names & {HOURLY, HOURLY_AUDIENCE} and len(names) > 1:
        raise _combination(asked)
    if "platform_position" in names and "publisher_platform" not in names:
        raise _combination(asked)
    kinds = (PEOPLE, PLACES, PLATFORMS)  # one kind at a time
    if sum(bool(names & kind) for kind in kinds) > 1:
        raise _combination(asked)


def _combination(asked: Asked) -> GraphError:
    return GraphError(
        100,
        "(#100) Current combination of data breakdown columns (action_type, "
        f"{', '.join(asked.breakdowns)}) is invalid",
    )


class Tables:
    """Rows of insights; kept as long as nothing they rest on has changed."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery = delivery
        self._kept: OrderedDict[tuple[Any, ...], list[Row]] = OrderedDict()
        self._lock = threading.Lock()  # calls are answered by several threads

    def rows(self, asked: Asked) -> list[Row]:
        """Rows with delivery, by object, then time, then cut; no delivery is no row. Not for changing."""
        delivery, sight = self._delivery, self._delivery.sight(asked.account)
        hours = sight.hours if asked.until >= sight.today else 0.0
        key = (asked, delivery.edition, sight.today, hours, sight.incident)
        found = self._kept.get(key)
        if found is None:
            found = _computed(delivery, asked, sight)
            with self._lock:
                self._kept[key] = found
                while len(self._kept) > MOST_TABLES or (
                    len(self._kept) > 1 and sum(map(len, self._kept.values())) > MOST_ROWS
                ):
                    self._kept.popitem(last=False)
        return found


def _computed(delivery: Delivery, asked: Asked, sight: Sight) -> list[Row]:
    found: dict[tuple[int, date, tuple[str, ...]], Row] = {}
    order: dict[str, int] = {}
    last = min(asked.until, sight.today)
    spans = list(_spans(asked, last))
    for unit in delivery.units.of(asked.account, campaign=asked.campaign, adset=asked.adset, ad=asked.ad):
        if asked.only is not None and unit.ids[2] not in asked.only:
            continue
        object_id = asked.account.id if asked.level == "account" else unit.ids[LEVELS.index(asked.level)]
        place = order.setdefault(object_id, len(order))
        for start, stop in spans:
            day, end = max(start, unit.first_day), min(stop, last)
            while day <= end:
                for cut, numbers in _cut(delivery, asked, unit, day, sight):
                    if not numbers:
                        continue
                    row = found.get((place, start, cut))
                    if row is None:
                        found[place, start, cut] = Row(object_id, start, stop, cut, numbers)
                    else:
                        row.numbers = row.numbers + numbers
                day += ONE_DAY
    return [found[key] for key in sorted(found)]


def _spans(asked: Asked, last: date) -> Iterator[tuple[date, date]]:
    if asked.increment == "all_days":
        yield asked.since, asked.until
        return
    day = asked.since
    while day <= last:
        if asked.increment == "monthly":
            first_of_next = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            stop = min(asked.until, first_of_next - ONE_DAY)
        else:
            stop = min(asked.until, day + timedelta(days=int(asked.increment) - 1))
        yield day, stop
        day = stop + ONE_DAY


def _cut(
    delivery: Delivery, asked: Asked, unit: Unit, day: date, sight: Sight
) -> Iterator[tuple[tuple[str, ...], Numbers]]:
    if not asked.breakdowns:
        yield (), delivery.day(unit, day, sight)
        return
    if HOURLY in asked.breakdowns or HOURLY_AUDIENCE in asked.breakdowns:
        for hour in range(24):
            numbers = delivery.day(unit, day, sight, start=hour, end=hour + 1)
            yield (f"{hour:02d}:00:00 - {hour:02d}:59:59",), numbers
        return
    whole = delivery.day(unit, day, sight)
    if not whole:
        return
    before = Numbers()
    for cut, point in _points(asked.breakdowns, COUNTRY[asked.account.timezone]):
        until = whole.part(point)
        yield cut, until - before
        before = until


@lru_cache
def _points(breakdowns: tuple[str, ...], home: str) -> list[tuple[tuple[str, ...], int]]:
    """Categories with the point, in millionths, where each ends; the last ends at the whole."""
    categories = [_categories(name, home) for name in breakdowns]
    weighed = [
        (cut, prod(category[value] for category, value in zip(categories, cut, strict=True)))
        for cut in product(*categories)
        if _exists(dict(zip(breakdowns, cut, strict=True)))
    ]
    total, reached, points = sum(weight for _, weight in weighed), 0, []
    for cut, weight in weighed:
        reached += weight
        points.append((cut, reached * PPM // total))
    return points


def _categories(name: str, home: str) -> dict[str, int]:
    if name == "country":
        return {home: 78, "US" if home != "US" else "CA": 13, "PT": 9}
    if name == "region" and home != "ES":
        return {f"{home} Norte": 36, f"{home} Centro": 31, f"{home} Sur": 33}
    return BREAKDOWNS[name]


def _exists(cut: dict[str, str]) -> bool:
    """Whether a platform has a position."""
    platform, position = cut.get("publisher_platform"), cut.get("platform_position")
    return platform is None or position is None or position in POSITIONS[platform]
