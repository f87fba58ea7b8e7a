"""The days an insights call asks for: ranges, lists of ranges, and presets, in the account's timezone."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

from vibekanban.sandbox.graph.params import value
from vibekanban.sandbox.graph.problems import GraphError, invalid

DAY = timedelta(days=1)
LONGEST = 37 * 30  # days
Period = tuple[date, date]


def periods(asked: dict[str, Any], today: date) -> list[Period]:
    """One period, or several when `time_ranges` names them; last_30d when nothing is said."""
    several = value(asked.get("time_ranges"))
    if isinstance(several, list) and several:
        return [_range(one) for one in several]
    one = value(asked.get("time_range"))
    if one not in (None, ""):
        return [_range(one)]
    since, until = asked.get("since"), asked.get("until")
    if since and until:
        return [_range({"since": since, "until": until})]
    return [_preset(str(asked.get("date_preset") or "last_30d"), today)]


def _range(given: Any) -> Period:
    try:
        return date.fromisoformat(given["since"]), date.fromisoformat(given["until"])
    except (KeyError, TypeError, ValueError):
        raise invalid("time_range must hold since and until as YYYY-MM-DD.", field="time_range") from None


def _preset(preset: str, today: date) -> Period:
    first = today.replace(day=1)
    quarter = first.replace(month=(today.month - 1) // 3 * 3 + 1)
    monday = today - timedelta(days=today.weekday())
    sunday = today - timedelta(days=(today.weekday() + 1) % 7)
    known = {
        "today": (today, today),
        "yesterday": (today - DAY, today - DAY),
        "this_month": (first, today),
        "last_month": ((first - DAY).replace(day=1), first - DAY),
        "this_quarter": (quarter, today),
        "last_quarter": (_quarter_before(quarter), quarter - DAY),
        "this_year": (today.replace(month=1, day=1), today),
        "last_year": (date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
        "this_week_mon_today": (monday, today),
        "this_week_sun_today": (sunday, today),
        "last_week_mon_sun": (monday - 7 * DAY, monday - DAY),
        "last_week_sun_sat": (sunday - 7 * DAY, sunday - DAY),
        "maximum": (today - LONGEST * DAY, today),
        "data_maximum": (today - LONGEST * DAY, today),
    }
    if preset in known:
        return known[preset]
    last = re.fullmatch(r"last_(3|7|14|28|30|90)d", preset)
    if last:
        return today - int(last[1]) * DAY, today - DAY
    raise GraphError(
        100, f"(#100) date_preset must be one of the following values: {', '.join(known)}, last_7d"
    )


def _quarter_before(first: date) -> date:
    last = first - DAY
    return last.replace(month=last.month - 2, day=1)
