"""Adding deliveries up: rows of a level over days, months or the whole range, cut by breakdowns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from vibekanban.sandbox.graph.catalogue import places
from vibekanban.sandbox.graph.delivery import PPM, Delivery, Numbers
from vibekanban.sandbox.graph.problems import GraphError, invalid
from vibekanban.sandbox.graph.world import Account, Place, object_id

HOURLY = "hourly_stats_aggregated_by_advertiser_time_zone"
# category: weight; a day's numbers are cut along these
BREAKDOWNS: dict[str, dict[str, int]] = {
    "age": {"18-24": 14, "25-34": 27, "35-44": 25, "45-54": 18, "55-64": 10, "65+": 6},
    "gender": {"female": 54, "male": 43, "unknown": 3},
    "country": {"ES": 78, "MX": 13, "PT": 9},
    "region": {"Comunidad de Madrid": 36, "Cataluña": 31, "Andalucía": 33},
    "publisher_platform": {"facebook": 44, "instagram": 47, "audience_network": 6, "messenger": 3},
    "platform_position": {"feed": 51, "instagram_reels": 27, "instagram_stories": 22},
    "device_platform": {"mobile_app": 83, "mobile_web": 7, "desktop": 10},
    "impression_device": {"iphone": 38, "android_smartphone": 49, "desktop": 13},
}
UNIQUE_MONTHS = 13


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


@dataclass
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
    for name in asked.breakdowns:
        if name != HOURLY and name not in BREAKDOWNS:
            raise invalid(f"{name} is not a valid breakdown.", field="breakdowns")
    if HOURLY in asked.breakdowns and len(asked.breakdowns) > 1:
        raise invalid("Hourly stats cannot be combined with other breakdowns.", field="breakdowns")


def rows(delivery: Delivery, asked: Asked) -> list[Row]:
    """Rows with delivery, by object, then time, then cut; no delivery is no row."""
    found: dict[tuple[str, date, tuple[str, ...]], Row] = {}
    today = delivery.today(asked.account)
    spans = list(_spans(asked, min(asked.until, today)))
    for at in _ads(asked):
        key_id = _object(asked.level, at)
        for start, stop in spans:
            day = start
            while day <= min(stop, today):
                for cut, numbers in _cut(delivery, asked, at, day):
                    if not numbers:
                        continue
                    row = found.get((key_id, start, cut))
                    if row is None:
                        found[key_id, start, cut] = Row(key_id, start, stop, cut, numbers)
                    else:
                        row.numbers = row.numbers + numbers
                day += timedelta(days=1)
    return list(found.values())


def _ads(asked: Asked) -> Iterator[Place]:
    for at in places(asked.account, "ad", campaign=asked.campaign, adset=asked.adset):
        if asked.ad is None or at.id == asked.ad:
            yield at


def _object(level: str, at: Place) -> str:
    if level == "account":
        return at.account.id
    if level == "campaign":
        return object_id(at.account, "campaign", at.campaign)
    if level == "adset":
        return object_id(at.account, "adset", at.campaign, at.adset)
    return at.id


def _spans(asked: Asked, last: date) -> Iterator[tuple[date, date]]:
    if asked.increment == "all_days":
        yield asked.since, asked.until
        return
    day = asked.since
    while day <= last:
        if asked.increment == "monthly":
            first_of_next = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
            stop = min(asked.until, first_of_next - timedelta(days=1))
        else:
            stop = min(asked.until, day + timedelta(days=int(asked.increment) - 1))
        yield day, stop
        day = stop + timedelta(days=1)


def _cut(delivery: Delivery, asked: Asked, at: Place, day: date) -> Iterator[tuple[tuple[str, ...], Numbers]]:
    if not asked.breakdowns:
        yield (), delivery.ad_day(at, day)
        return
    if asked.breakdowns == (HOURLY,):
        for hour in range(24):
            numbers = delivery.ad_day(at, day, start=hour, end=hour + 1)
            yield (f"{hour:02d}:00:00 - {hour:02d}:59:59",), numbers
        return
    whole = delivery.ad_day(at, day)
    if not whole:
        return
    before = Numbers()
    for cut, point in _points(asked.breakdowns):
        until = whole.part(point)
        yield cut, until - before
        before = until


_cache: dict[tuple[str, ...], list[tuple[tuple[str, ...], int]]] = {}


def _points(breakdowns: Sequence[str]) -> list[tuple[tuple[str, ...], int]]:
    """Categories with the point, in millionths, where each ends; the last ends at the whole."""
    key = tuple(breakdowns)
    if key not in _cache:
        categories = [BREAKDOWNS[name] for name in key]
        total = 1
        for category in categories:
            total *= sum(category.values())
        reached, points = 0, []
        for cut in product(*categories):
            weight = 1
            for category, value in zip(categories, cut, strict=True):
                weight *= category[value]
            reached += weight
            points.append((cut, reached * PPM // total))
        _cache[key] = points
    return _cache[key]
