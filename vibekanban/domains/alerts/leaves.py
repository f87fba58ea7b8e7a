"""An alert's condition as the rows the pass works with; what no pass could judge is refused here."""

from __future__ import annotations

import math

from vibekanban.core.errors import Invalid
from vibekanban.domains.alerts import conditions, measures
from vibekanban.domains.alerts.conditions import Compare, Leaf, Minimum, Operator
from vibekanban.domains.alerts.measures import CONVERSIONS, METRICS, OBJECTS, ONE, REVENUE, Metric, Window
from vibekanban.domains.alerts.models import Alert, AlertLeaf, AlertType
from vibekanban.domains.meta.models import Level

BASELINE = 7  # periods, unless the leaf says how many
HOURS_OF = {Level.CAMPAIGN, Level.ACCOUNT}  # levels whose hours are read
LEVELS = (Level.ACCOUNT, Level.CAMPAIGN, Level.AD_SET, Level.AD)
SPANS = ("today", "yesterday", "hours", "days")


def compiled(alert: Alert) -> list[AlertLeaf]:
    """The rows of an alert, whose clauses are set; Invalid names what is wrong with it."""
    if measures.window(alert.window) is None:
        raise Invalid({"window": "alerts.field.window"})
    if alert.type is AlertType.DAILY_SUMMARY and not alert.condition:
        alert.clauses, alert.daily = [], False
        return []  # it fires never: it puts its account into the summary
    default = conditions.read_minimum(alert.minimum) if alert.minimum is not None else None
    condition = conditions.read(alert.condition)
    rows = [_row(alert, place, leaf, default) for place, leaf in enumerate(condition.leaves)]
    alert.clauses = [sum(1 << place for place in clause) for clause in condition.clauses]
    alert.daily = all(row.span == "today" and row.metric not in OBJECTS for row in rows)
    return rows


def _row(alert: Alert, place: int, leaf: Leaf, default: Minimum | None) -> AlertLeaf:
    metric = METRICS.get(leaf.metric, Metric(0))
    text = leaf.window or alert.window if metric.dividend else "today"  # what is so now has no window
    window = measures.window(text)
    if window is None:
        raise Invalid({"condition": "alerts.field.window"})
    lag = alert.maturity_hours if metric.matures else 0
    relative = leaf.compare in {Compare.PREVIOUS, Compare.BASELINE}
    minimum = leaf.minimum or default
    # a count of today is compared with the same hours of other days, a ratio with other days as they ended
    hourly = window.span == "hours" or (window.span == "today" and relative and metric.divisor == ONE)
    if (hourly and _matures(metric, minimum)) or (lag and window.span == "today"):
        raise Invalid({"condition": "alerts.field.conversions_hours"})
    if metric.counts_people and (hourly or relative):
        raise Invalid({"condition": "alerts.field.people"})
    if hourly and alert.level not in HOURS_OF:
        raise Invalid({"window": "alerts.field.window_hours"})
    periods = (leaf.periods or BASELINE) if leaf.compare is Compare.BASELINE else int(relative)
    step = -(-window.days // 7) * 7 if leaf.same_weekday else window.days
    low, high = _bounds(leaf.operator, leaf.value)
    held_low, held_high = _bounds(leaf.operator, _relaxed(leaf.operator, leaf.value, alert.hysteresis))
    floor = METRICS[minimum.metric] if minimum else None
    return AlertLeaf(
        alert_id=alert.id,
        leaf=place,
        account_id=alert.account_id,
        campaign_id=alert.campaign_id,
        level=alert.level.value,
        metric=leaf.metric,
        compare=leaf.compare.value,
        dividend=metric.dividend,
        divisor=metric.divisor,
        times=metric.times,
        by=metric.by,
        operator=leaf.operator.value,
        threshold=leaf.value,
        low=low,
        high=high,
        held_low=held_low,
        held_high=held_high,
        outside=leaf.operator is Operator.UNEQUAL,
        minimum_of=floor.dividend if floor else None,
        minimum=minimum.value * floor.by if minimum and floor else None,
        probe=_probe(alert.level, window, lag, periods, step, hourly, metric.counts_people),
        window=text,
        span=window.span,
        length=window.length,
        lag=lag,
        periods=periods,
        step=step,
        hourly=hourly,
    )


def _matures(metric: Metric, minimum: Minimum | None) -> bool:
    """Meta tells of conversions outside of it by the day alone."""
    return metric.matures or (minimum is not None and METRICS[minimum.metric].matures)


def by_the_hour(rows: list[AlertLeaf], alert: Alert) -> bool:
    """Whether it can be said what the leaves were at an hour of an earlier day."""
    counts = {CONVERSIONS, REVENUE}
    of_today = [row for row in rows if row.span == "today"]
    return alert.level in HOURS_OF and all(
        counts.isdisjoint({row.dividend, row.divisor, row.minimum_of}) for row in of_today
    )


def _bounds(operator: Operator, value: float) -> tuple[float, float]:
    """The values that meet it, from and to: above a threshold begins with the number right after it."""
    match operator:
        case Operator.ABOVE:
            return math.nextafter(value, math.inf), math.inf
        case Operator.AT_LEAST:
            return value, math.inf
        case Operator.BELOW:
            return -math.inf, math.nextafter(value, -math.inf)
        case Operator.AT_MOST:
            return -math.inf, value
        case Operator.EQUAL | Operator.UNEQUAL:
            return value, value


def _relaxed(operator: Operator, value: float, hysteresis: float) -> float:
    """How far a value must come back: so many percent of the threshold on the quiet side of it."""
    margin = abs(value) * hysteresis / 100
    if operator in {Operator.ABOVE, Operator.AT_LEAST}:
        return value - margin
    if operator in {Operator.BELOW, Operator.AT_MOST}:
        return value + margin
    return value


def _probe(level: Level, window: Window, lag: int, periods: int, step: int, *flags: bool) -> int:
    """One number for all that tells sums of an account apart."""
    number = LEVELS.index(level) * len(SPANS) + SPANS.index(window.span)
    for value, size in (
        (window.length, 128),
        (lag, 256),
        (periods, 32),
        (step, 128),
        *((int(flag), 2) for flag in flags),
    ):
        number = number * size + value
    return number
