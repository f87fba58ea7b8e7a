"""What ads deliver on a day: integers from (seed, ad, day), bounded by budget and by when they were on.

Spend is counted in the currency's minor units per ad, so that every level adds up to the cent. The day is laid
out over its hours by one curve; a part of a day is the difference of two points of that curve, so hours add up to
the day, and a pause or another budget counts from its own minute. Conversions arrive late: of a day's purchases a
share is visible that grows for 28 days.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from vibekanban.sandbox.graph import seeded
from vibekanban.sandbox.graph.catalogue import Catalogue
from vibekanban.sandbox.graph.clock import Clock, midnight
from vibekanban.sandbox.graph.incidents import RUNAWAY, Incident
from vibekanban.sandbox.graph.numbers import PPM, Numbers, matured, reached, whole
from vibekanban.sandbox.graph.store import Store
from vibekanban.sandbox.graph.timelines import Steps, Timeline
from vibekanban.sandbox.graph.units import Unit, Units
from vibekanban.sandbox.graph.world import Account, mix

LATENCY = 900  # seconds until Meta shows what happened; numbers move in steps of the same length


@dataclass(frozen=True, slots=True)
class Sight:
    """What can be seen of an account now: its day, the hours of it, and what is wrong there."""

    account: Account
    today: date
    hours: float
    incident: Incident | None

    def until(self, day: date) -> float:
        """Hours of a day that are visible: 24 for a day that is over, 0 ahead."""
        return self.hours if day == self.today else 24.0 if day < self.today else 0.0


Stretch = tuple[float, float, int, bool]  # from hour, to hour, daily budget in force, whether the campaign's
NOTHING = Numbers()


class Delivery:
    """Numbers of ads, as they are visible now."""

    def __init__(self, store: Store, clock: Clock, catalogue: Catalogue) -> None:
        self._store = store
        self._clock = clock
        self._catalogue = catalogue
        self.units = Units(catalogue)
        self._timelines: dict[str, Timeline] = {}
        self._edition = -1
        self._touched: set[str] = set()

    @property
    def edition(self) -> int:
        return self._catalogue.edition

    def today(self, account: Account) -> date:
        return self._clock.local(account.timezone).date()

    def local_offset(self, account: Account) -> float:
        """Hours that the account's clocks are ahead of UTC now."""
        ahead = self._clock.local(account.timezone).utcoffset()
        return ahead.total_seconds() / 3600 if ahead else 0.0

    def sight(self, account: Account) -> Sight:
        """The account as it can be seen now; the hours of today move in steps."""
        today = self.today(account)
        seconds = self._clock.now() - LATENCY - midnight(today, account.timezone)
        hours = min(24.0, max(0.0, seconds // LATENCY * LATENCY / 3600))
        return Sight(account, today, hours, self._catalogue.incidents.of(account))

    def day(self, unit: Unit, day: date, sight: Sight, *, start: float = 0.0, end: float = 24.0) -> Numbers:
        """What an ad delivered between two hours of a day, as visible now."""
        if day < unit.first_day:
            return NOTHING
        end = min(end, sight.until(day))
        found = NOTHING
        if end <= start:
            return found
        for on, off, budget, shared in self._stretches(unit, day, sight.incident):
            low, high = max(on, start), min(off, end)
            if budget and low < high:
                part = self._stretch(unit, day, unit.share(budget, day, shared=shared), (low, high), sight)
                found = found + part if found else part
        return found

    def _stretch(
        self, unit: Unit, day: date, budget: int, hours: tuple[float, float], sight: Sight
    ) -> Numbers:
        """What one budget brought between two hours."""
        total = whole(unit, self._catalogue.seed, day, budget)
        low, high = reached(hours[0]), reached(hours[1])
        heard, incident, share = high, sight.incident, matured((sight.today - day).days)
        if incident is not None and incident.kind == "pixel_outage":
            heard = min(high, max(low, reached(_hour(incident.since, unit.account, day))))
        if share == PPM and (low, heard) == (0, PPM):
            return total
        purchases, value = self._arrived(unit, day, total, (low, heard), share)
        flowing = total.part(high) - total.part(low)
        counted = flowing if heard == high else total.part(heard) - total.part(low)
        return Numbers(
            flowing.impressions,
            flowing.clicks,
            flowing.link_clicks,
            flowing.spend,
            purchases,
            value,
            counted.carts,
            counted.leads,
        )

    def _arrived(
        self, unit: Unit, day: date, total: Numbers, part: tuple[int, int], share: int
    ) -> tuple[int, int]:
        """The purchases made in a part of the day that have been reported by now, and their value."""
        if not total.purchases:
            return 0, 0
        count, value = 0, 0
        key = mix(self._catalogue.seed, unit.key, day.toordinal())
        for n in range(total.purchases):
            luck = mix(key, n)
            if part[0] <= luck % PPM < part[1] and (luck >> 24) % PPM < share:
                count += 1
                value += total.value * (n + 1) // total.purchases - total.value * n // total.purchases
        return count, value

    # -- when it was on, and with which budget

    def _stretches(self, unit: Unit, day: date, incident: Incident | None) -> list[Stretch]:
        self._fresh()
        plain = self._plain(unit, day)
        stretches = plain or self._edited(unit, day)
        if incident is None or incident.kind == "pixel_outage":
            return stretches
        hour = _hour(incident.since, unit.account, day)
        if incident.kind == "runaway" and unit.runs_away and plain:
            return list(_changed(stretches, hour, RUNAWAY))
        if incident.kind == "halt" or (incident.kind == "disapprovals" and unit.rejected):
            return list(_changed(stretches, hour, 0))
        return stretches

    def _plain(self, unit: Unit, day: date) -> list[Stretch] | None:
        """The whole day for an ad that nobody has touched; None when somebody has."""
        if not unit.seeded or not self._touched.isdisjoint(unit.ids):
            return None
        asleep = unit.asleep or (unit.stopped and day >= seeded.STOPPED)
        return [(0.0, 24.0, 0 if asleep else unit.first_budget, unit.shares_campaign)]

    def _edited(self, unit: Unit, day: date) -> list[Stretch]:
        begin = midnight(day, unit.account.timezone)
        end = midnight(day + timedelta(days=1), unit.account.timezone)
        lines = [self._timeline(unit.account, object_id) for object_id in unit.ids]
        budgets = [lines[0].budget, lines[1].budget]
        steps = [line.on for line in lines]
        moments = {begin, end}
        for changes in (*steps, *budgets):
            moments.update(at for at, _ in changes if begin < at < end)
        edges = sorted(moments)
        found: list[Stretch] = []
        for low, high in pairwise(edges):
            running = all(_value(changes, low) for changes in steps)
            above, own = _value(budgets[0], low), _value(budgets[1], low)
            hours = (low - begin) / 3600, 24.0 if high == end else (high - begin) / 3600
            found.append((*hours, (above or own) if running else 0, bool(above)))
        return found

    def _timeline(self, account: Account, object_id: str) -> Timeline:
        timelines = self._timelines
        found = timelines.get(object_id)
        if found is None:
            found = timelines[object_id] = Timeline(self._store, self._catalogue, account, object_id)
        return found

    def _fresh(self) -> None:
        edition = self.edition  # taken first: a write meanwhile makes the next call look again
        if self._edition != edition:
            self._timelines = {}
            self._touched = {row[0] for row in self._store.rows("SELECT DISTINCT id FROM edits")}
            self._edition = edition


def _hour(moment: float, account: Account, day: date) -> float:
    """Where a moment lies in a day: below 0 before it, above 24 after it."""
    return max(0.0, (moment - midnight(day, account.timezone)) / 3600)


def _value(steps: Steps, moment: float) -> int:
    found = 0
    for at, value in steps:
        if at > moment:
            break
        found = value
    return found


def _changed(stretches: list[Stretch], hour: float, times: int) -> Iterator[Stretch]:
    """The stretches with their budget multiplied from an hour on."""
    for low, high, budget, shared in stretches:
        if hour > low:
            yield low, min(high, hour), budget, shared
        if hour < high:
            yield max(low, hour), high, budget * times, shared
