"""What a condition may measure: each metric as a division of two sums, and the spans sums are made over."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Places in the array of sums that the pass works with. ONE is a constant 1 below the line of plain counts; PEOPLE are
# not added up, but what Meta said of exactly the span.
COUNTS = ("impressions", "clicks", "link_clicks", "spend_micros", "conversions_micros", "revenue_micros")
IMPRESSIONS, CLICKS, LINK_CLICKS, SPEND, CONVERSIONS, REVENUE, ONE, PEOPLE = range(1, 9)
MICRO = 1_000_000.0


@dataclass(frozen=True)
class Metric:
    """`dividend × times / (divisor × by)`; money comes out in major units, `ctr` in percent."""

    dividend: int
    divisor: int = ONE
    times: float = 1.0
    by: float = 1.0

    @property
    def matures(self) -> bool:
        """Whether it counts conversions, which Meta attributes late."""
        return bool({self.dividend, self.divisor} & {CONVERSIONS, REVENUE})

    @property
    def counts_people(self) -> bool:
        return PEOPLE in {self.dividend, self.divisor}


METRICS: dict[str, Metric] = {
    "spend": Metric(SPEND, by=MICRO),
    "impressions": Metric(IMPRESSIONS),
    "clicks": Metric(CLICKS),
    "linkClicks": Metric(LINK_CLICKS),
    "conversions": Metric(CONVERSIONS, by=MICRO),
    "revenue": Metric(REVENUE, by=MICRO),
    "roas": Metric(REVENUE, SPEND),
    "cpa": Metric(SPEND, CONVERSIONS),
    "ctr": Metric(CLICKS, IMPRESSIONS, times=100.0),
    "cpc": Metric(SPEND, CLICKS, by=MICRO),
    "cpm": Metric(SPEND, IMPRESSIONS, times=1000.0, by=MICRO),
    "conversionRate": Metric(CONVERSIONS, CLICKS, times=100.0, by=MICRO),
    "linkCtr": Metric(LINK_CLICKS, IMPRESSIONS, times=100.0),
    "averageOrder": Metric(REVENUE, CONVERSIONS),
    "frequency": Metric(IMPRESSIONS, PEOPLE),
}
# not a matter of sums: what is in trouble among an object and what is below it, and the account's time of day
OBJECTS = ("disapprovedAds", "troubledObjects", "wornAds")
HOUR_OF_DAY = "hour"
PLAIN = tuple(name for name, metric in METRICS.items() if metric.divisor == ONE)

_WINDOW = re.compile(r"(today|yesterday)|last_([1-9]\d{0,2})([hd])")
MOST_HOURS, MOST_DAYS = 72, 90


@dataclass(frozen=True)
class Window:
    """A stretch of the account's time; `last_7d` are whole days before today, `last_6h` end now."""

    text: str
    span: str
    length: int

    @property
    def days(self) -> int:
        return -(-self.length // 24) if self.span == "hours" else self.length


def window(text: str) -> Window | None:
    """The window of a text such as `today`, `yesterday`, `last_6h` or `last_7d`; None when it is none."""
    found = _WINDOW.fullmatch(text)
    if found is None:
        return None
    if found[1]:
        return Window(text, found[1], 1)
    length, span = int(found[2]), "hours" if found[3] == "h" else "days"
    return Window(text, span, length) if length <= (MOST_HOURS if span == "hours" else MOST_DAYS) else None
