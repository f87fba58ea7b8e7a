"""What an ad delivers on a day: integers from (seed, ad, day), bounded by budget and by when it was on.

Spend is counted in the currency's minor units per ad, so that every level adds up to the cent. The day is
laid out over its hours by one curve; a part of a day is the difference of two points of that curve, so hours add
up to the day. Conversions arrive late: of a day's purchases a share is visible that grows for 28 days.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.clock import Clock, midnight
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.world import Account, Place, mix

PPM = 1_000_000
HOURS = (8, 5, 4, 3, 3, 5, 12, 24, 36, 44, 48, 50, 54, 56, 52, 48, 50, 56, 66, 78, 86, 82, 60, 30)
WEEKDAYS = (98, 96, 97, 100, 104, 108, 106)
MATURE = 28
LATENCY = 900  # seconds until Meta shows what happened; numbers move in steps of the same length
FIRST_DAY = date(2024, 1, 15)
OUTAGE = date(2026, 11, 20)  # the pixel falls silent, and a runaway budget runs away


@dataclass(frozen=True)
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
        return Numbers(*(a + b for a, b in zip(self.counts, other.counts, strict=True)))

    def __sub__(self, other: Numbers) -> Numbers:
        return Numbers(*(a - b for a, b in zip(self.counts, other.counts, strict=True)))

    @property
    def counts(self) -> tuple[int, ...]:
        return (
            self.impressions, self.clicks, self.link_clicks, self.spend,
            self.purchases, self.value, self.carts, self.leads,
        )  # fmt: skip

    def part(self, ppm: int) -> Numbers:
        """A share of each count, rounded down; differences of two parts add up exactly."""
        return Numbers(*(count * ppm // PPM for count in self.counts))


@lru_cache
def _curve() -> tuple[int, ...]:
    total, reached, points = sum(HOURS), 0, [0]
    for weight in HOURS:
        reached += weight
        points.append(reached * PPM // total)
    return tuple(points)


def reached(hours: float) -> int:
    """How much of a day, in millionths, is over after so many of its (up to 25) hours."""
    curve = _curve()
    if hours >= 24:
        return PPM
    whole = int(hours)
    return curve[whole] + int((curve[whole + 1] - curve[whole]) * (hours - whole))


@lru_cache
def matured(age: int) -> int:
    """The visible share of a day's conversions at an age in days, in millionths."""
    if age >= MATURE:
        return PPM
    return PPM - int(340_000 * math.exp(-max(age, 0) / 7))


class Delivery:
    """Numbers of ads, as they are visible now."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self._windows: dict[tuple[str, date], tuple[tuple[float, float], ...]] = {}
        self._budgets: dict[tuple[str, date], int] = {}
        self._version = -1
        self._edited: set[str] = set()

    def today(self, account: Account) -> date:
        return self._clock.local(account.timezone).date()

    def visible_hours(self, account: Account, day: date) -> float:
        """Hours of a day that are visible now: 24 for a day that is over, stepwise today, 0 ahead."""
        today = self.today(account)
        if day != today:
            return 24.0 if day < today else 0.0
        seconds = self._clock.now() - LATENCY - midnight(day, account.timezone)
        return max(0.0, seconds // LATENCY * LATENCY / 3600)

    def ad_day(self, at: Place, day: date, *, start: float = 0.0, end: float = 24.0) -> Numbers:
        """What an ad delivered between two hours of a day, as visible now."""
        if day < FIRST_DAY:
            return Numbers()
        end = min(end, self.visible_hours(at.account, day))
        share = matured((self.today(at.account) - day).days)
        total, found = None, Numbers()
        for on, off in self._on(at, day):
            low, high = max(on, start), min(off, end)
            if low >= high:
                continue
            total = total or self._whole(at, day)
            low_ppm, high_ppm = reached(low), reached(high)
            purchases, value = self._arrived(at, day, total, low_ppm, high_ppm, share)
            flowing = total.part(high_ppm) - total.part(low_ppm)
            found = found + replace(flowing, purchases=purchases, value=value)
        return found

    def _arrived(
        self, at: Place, day: date, total: Numbers, low: int, high: int, share: int
    ) -> tuple[int, int]:
        """The purchases made in a stretch of the day that have been reported by now, and their value."""
        count, value = 0, 0
        key = mix(self._catalogue.seed, at.account.number, at.campaign, at.adset, at.ad, day.toordinal())
        for n in range(total.purchases):
            luck = mix(key, n)
            if low <= luck % PPM < high and (luck >> 24) % PPM < share:
                count += 1
                value += total.value * (n + 1) // total.purchases - total.value * n // total.purchases
        return count, value

    # -- a whole day

    def _whole(self, at: Place, day: date) -> Numbers:
        account, n = at.account, day.toordinal()
        key = mix(self._catalogue.seed, account.number, at.campaign, at.adset, at.ad)
        noise = mix(key, n)
        spend = self._share(at, day)
        spend = spend * (880 + noise % 200) * WEEKDAYS[day.weekday()] // 100_000
        if account.scenario == "runaway" and at.campaign == 0 and day >= OUTAGE:
            spend = spend * 3 // 2
        trend = 100 + (n - FIRST_DAY.toordinal()) // 30
        cpm = account.cpm * (80 + (noise >> 10) % 45) * _season(day) // 10_000 * trend // 100
        impressions = spend * 1000 // max(1, cpm)
        fatigue = max(55, 100 - (n * 3 + key % 60) % 60)
        clicks = impressions * (9_000 + (noise >> 20) % 8_000) * fatigue // 100 // PPM
        links = clicks * (72 + (noise >> 28) % 16) // 100
        lucky = 20_000 + (key >> 8) % 50_000
        purchases = self._drawn(links * lucky, noise >> 34)
        if account.scenario == "pixel_outage" and day >= OUTAGE:
            purchases = 0
        value = purchases * account.order * (85 + (noise >> 44) % 35) // 100
        leads = self._drawn(links * 30_000, noise >> 40) if at.campaign % 6 == 1 else 0
        carts = purchases * 3 + (self._drawn(links * 20_000, noise >> 50) if purchases else 0)
        return Numbers(impressions, clicks, links, spend, purchases, value, carts, leads)

    @staticmethod
    def _drawn(millionths: int, noise: int) -> int:
        """A count from an expected number in millionths: rounded up as often as its rest says."""
        return millionths // PPM + (1 if noise % PPM < millionths % PPM else 0)

    def _share(self, at: Place, day: date) -> int:
        """The ad's part of the day's budget, before noise."""
        account = at.account
        campaign = Place(account, "campaign", at.campaign)
        adset = Place(account, "adset", at.campaign, at.adset)
        if self._catalogue.campaign_budgets(account, at.campaign):
            budget = self._budget(campaign.id, day, self._catalogue.budget(account, at.campaign))
            weights, mine = _weights(account.adsets), 2 + at.adset % 3
            budget = budget * mine // weights
        else:
            start = max(account.offset, self._catalogue.budget(account, at.campaign) // account.adsets)
            budget = self._budget(adset.id, day, start)
        return budget * (2 + at.ad % 3) // _weights(account.ads)

    # -- budgets and pauses over time

    def _fresh(self) -> None:
        if self._version != self._store.version:
            self._windows.clear()
            self._budgets.clear()
            self._edited = {row[0] for row in self._store.rows("SELECT DISTINCT id FROM history")}
            self._version = self._store.version

    def _budget(self, object_id: str, day: date, start: int) -> int:
        """The budget in force at the end of a day."""
        self._fresh()
        if object_id not in self._edited:
            return start
        key = (object_id, day)
        if key not in self._budgets:
            account = self._catalogue.account_of(object_id)
            zone = account.timezone if account else "UTC"
            row = self._store.row(
                "SELECT value FROM history WHERE id = ? AND field = 'daily_budget' AND at < ?"
                " ORDER BY at DESC LIMIT 1",
                object_id, midnight(day + timedelta(days=1), zone),
            )  # fmt: skip
            self._budgets[key] = int(row[0]) if row else start
        return self._budgets[key]

    def _on(self, at: Place, day: date) -> tuple[tuple[float, float], ...]:
        """The stretches of a day, in hours, during which ad, ad set and campaign were all on."""
        self._fresh()
        account = at.account
        ids = (
            Place(account, "campaign", at.campaign).id,
            Place(account, "adset", at.campaign, at.adset).id,
            at.id,
        )
        began_paused = self._catalogue.starts_paused(at.campaign)
        if not any(object_id in self._edited for object_id in ids):
            stopped = began_paused and day >= date(2026, 10, 15)
            return () if stopped else ((0.0, 24.0),)
        key = (at.id, day)
        if key not in self._windows:
            stretches = [(0.0, 24.0)]
            for object_id in ids:
                stretches = _crossed(stretches, self._switched(object_id, account, day, began_paused))
            self._windows[key] = tuple(stretches)
        return self._windows[key]

    def _switched(
        self, object_id: str, account: Account, day: date, began_paused: bool
    ) -> list[tuple[float, float]]:
        begin, end = midnight(day, account.timezone), midnight(day + timedelta(days=1), account.timezone)
        changes = self._store.rows(
            "SELECT at, value FROM history WHERE id = ? AND field = 'status' ORDER BY at", object_id
        )
        on = not (object_id[6] == "1" and began_paused and day >= date(2026, 10, 15))
        stretches, since = [], 0.0
        for moment, status in changes:
            if moment >= end:
                break
            hour = max(0.0, (moment - begin) / 3600)
            if on and status != "ACTIVE":
                if hour > since:
                    stretches.append((since, min(hour, 24.0)))
                on = False
            elif not on and status == "ACTIVE":
                since, on = hour, True
        if on:
            stretches.append((since, 24.0))
        return stretches


def _crossed(some: list[tuple[float, float]], others: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [(max(a, c), min(b, d)) for a, b in some for c, d in others if max(a, c) < min(b, d)]


@lru_cache
def _weights(count: int) -> int:
    return sum(2 + index % 3 for index in range(count))


@lru_cache(maxsize=2000)
def _season(day: date) -> int:
    """What the calendar does to prices, in percent."""
    if day.month == 12 or (day.month == 11 and day.day >= 20):
        return 128
    return 112 if day.month in {1, 6} else 100
