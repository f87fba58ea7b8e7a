"""The numbers of a day: what a budget buys, how the hours share it, and how late conversions are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING

from vibekanban.sandbox.graph.world import mix

if TYPE_CHECKING:
    from vibekanban.sandbox.graph.units import Unit

PPM = 1_000_000
HOURS = (8, 5, 4, 3, 3, 5, 12, 24, 36, 44, 48, 50, 54, 56, 52, 48, 50, 56, 66, 78, 86, 82, 60, 30)
WEEKDAYS = (98, 96, 97, 100, 104, 108, 106)
MATURE = 28
MARKET = 1000  # orders' worth that an ad can spend a day, however large its budget
LEARNING = 7  # days in which impressions are dear


@dataclass(frozen=True, slots=True)
class Numbers:
    """Additive counts; `spend` and `value` in minor units."""

    impressions: int = 0
    clicks: int = 0
    link_clicks: int = 0
    spend: int = 0
    purchases: int = 0
    value: int = 0
    carts: int = 0
    leads: int = 0

    def __bool__(self) -> bool:
        return self.impressions > 0 or self.spend > 0

    def __add__(self, other: Numbers) -> Numbers:
        return Numbers(
            self.impressions + other.impressions,
            self.clicks + other.clicks,
            self.link_clicks + other.link_clicks,
            self.spend + other.spend,
            self.purchases + other.purchases,
            self.value + other.value,
            self.carts + other.carts,
            self.leads + other.leads,
        )

    def __sub__(self, other: Numbers) -> Numbers:
        return Numbers(
            self.impressions - other.impressions,
            self.clicks - other.clicks,
            self.link_clicks - other.link_clicks,
            self.spend - other.spend,
            self.purchases - other.purchases,
            self.value - other.value,
            self.carts - other.carts,
            self.leads - other.leads,
        )

    def part(self, ppm: int) -> Numbers:
        """A share of each count, rounded down; differences of two parts add up exactly."""
        if ppm >= PPM:
            return self
        if ppm <= 0:
            return Numbers()
        return Numbers(
            self.impressions * ppm // PPM,
            self.clicks * ppm // PPM,
            self.link_clicks * ppm // PPM,
            self.spend * ppm // PPM,
            self.purchases * ppm // PPM,
            self.value * ppm // PPM,
            self.carts * ppm // PPM,
            self.leads * ppm // PPM,
        )


@lru_cache
def _curve() -> tuple[int, ...]:
    total, reached_now, points = sum(HOURS), 0, [0]
    for weight in HOURS:
        reached_now += weight
        points.append(reached_now * PPM // total)
    return tuple(points)


def reached(hours: float) -> int:
    """How much of a day, in millionths, is over after so many of its (up to 25) hours."""
    curve = _curve()
    if hours >= 24:
        return PPM
    over = int(hours)
    return curve[over] + int((curve[over + 1] - curve[over]) * (hours - over))


@lru_cache
def matured(age: int) -> int:
    """The visible share of a day's conversions at an age in days, in millionths."""
    if age >= MATURE:
        return PPM
    return PPM - int(340_000 * math.exp(-max(age, 0) / 7))


def whole(unit: Unit, seed: int, day: date, budget: int) -> Numbers:
    """What a budget brings an ad on a whole day, once every conversion is known."""
    account, n = unit.account, day.toordinal()
    budget = min(budget, MARKET * account.order)
    noise = mix(seed, unit.key, n, 1)
    spend = budget * (880 + noise % 200) * WEEKDAYS[day.weekday()] // 100_000
    if spend <= 0:
        return Numbers()
    cpm = account.cpm * (80 + (noise >> 10) % 45) * dearness(day) * (100 + _months(unit, n)) // 1_000_000
    if n - unit.first_day.toordinal() < LEARNING:
        cpm = cpm * 118 // 100
    impressions = spend * 1000 // max(1, cpm)
    clicks = impressions * (9_000 + (noise >> 20) % 8_000) * freshness(unit.key, n) // 100 // PPM
    links = clicks * (72 + (noise >> 28) % 16) // 100
    lucky = 20_000 + (unit.key >> 8) % 50_000
    purchases = _drawn(links * lucky, noise >> 34)
    value = purchases * account.order * (85 + (noise >> 44) % 35) // 100
    leads = _drawn(links * 30_000, noise >> 40) if unit.campaign % 6 == 1 else 0
    carts = purchases * 3 + (_drawn(links * 20_000, noise >> 24) if purchases else 0)
    return Numbers(impressions, clicks, links, spend, purchases, value, carts, leads)


def freshness(key: int, n: int) -> int:
    """Creative fatigue: the click rate, in percent of a new creative's, falls for 60 days, then a new one starts."""
    return 100 - (n + key % 60) % 60 * 3 // 4


def _months(unit: Unit, n: int) -> int:
    """Prices rise by a percent every two months."""
    return (n - unit.first_day.toordinal()) // 60


def _drawn(millionths: int, noise: int) -> int:
    """A count from an expected number in millionths: rounded up as often as its rest says."""
    return millionths // PPM + (1 if noise % PPM < millionths % PPM else 0)


@lru_cache(maxsize=2000)
def dearness(day: date) -> int:
    """What the calendar does to prices, in percent."""
    if day.month == 12 or (day.month == 11 and day.day >= 20):
        return 128
    return 112 if day.month in {1, 6} else 100
