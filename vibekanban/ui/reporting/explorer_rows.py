"""A report's answer as the rows of a table: written numbers, how they moved, and how conversions are counted."""

from __future__ import annotations

from dataclasses import dataclass

from vibekanban.core.i18n import say
from vibekanban.domains.meta.models import Level
from vibekanban.domains.reporting import sheets, wording
from vibekanban.domains.reporting.definitions import Breakdown
from vibekanban.domains.reporting.explorer import Answer, Line, Pair
from vibekanban.domains.reporting.figures import OF_CONVERSIONS, OF_PEOPLE
from vibekanban.ui import shown

OFF_PLATFORM = frozenset({Breakdown.REGION, Breakdown.HOUR})  # Meta leaves actions outside its platforms out


@dataclass
class Choice:
    id: str
    label: str


@dataclass
class Bound:
    """A filter on a metric: as it is kept, and in words."""

    text: str
    label: str


@dataclass
class Head:
    """A metric's column; one of conversions says how they are counted, when all rows count alike."""

    name: str
    label: str
    counted: str


@dataclass
class Cell:
    """A number, how it moved, the tone of that, and how it is counted when it is made of conversions."""

    value: str
    delta: str
    tone: str
    counted: str


@dataclass
class Row:
    name: str
    inside: str
    href: str
    status: str
    tone: str
    cells: list[Cell]


def row(line: Line, answer: Answer, locale: str) -> Row:
    word, tone = shown.status(line.status, locale) if line.status else ("", "")
    link = f"/app/campaign?id={line.id}" if answer.definition.level.value == "campaign" and line.id else ""
    counted = "\n".join([*line.events, *line.windows])
    breakdown = answer.definition.breakdown
    category = wording.category(breakdown, line.category, locale) if breakdown else ""
    alone = breakdown and answer.definition.level is Level.ACCOUNT
    return Row(
        category if alone else line.name,
        " › ".join([*line.parents, *([category] if category and not alone else [])]),
        f"/en{link}" if link and locale == "en" else link,
        word,
        tone,
        _cells(Pair(line.now, line.before), answer, locale, counted, compare=answer.complete_before),
    )


def _cells(pair: Pair, answer: Answer, locale: str, counted: str = "", *, compare: bool) -> list[Cell]:
    cells = []
    mixed = answer.mixed_windows or answer.mixed_events
    for metric in answer.definition.metrics:
        value = pair.now.value(metric)
        delta, tone = wording.changed(metric, pair.now, pair.before if compare else None, locale)
        said = counted if mixed and metric in OF_CONVERSIONS else ""
        cells.append(Cell(wording.written(metric, value, answer.account.currency, locale), delta, tone, said))
    return cells


def heads(answer: Answer, locale: str) -> list[Head]:
    """The columns after name and status."""
    mixed = answer.mixed_windows or answer.mixed_events
    counted = "" if mixed else "\n".join([*answer.events, *answer.windows])
    return [
        Head(
            metric.value,
            say(locale, f"reports.metric.{metric.value}"),
            counted if metric in OF_CONVERSIONS else "",
        )
        for metric in answer.definition.metrics
    ]


def below(answer: Answer, locale: str) -> list[Row]:
    """The rows that make the table add up to the account."""
    rows = []
    if answer.hidden_count:
        name = say(locale, "reports.row.hidden", count=answer.hidden_count)
        rows.append(
            Row(name, "", "", "", "", _cells(answer.hidden, answer, locale, compare=answer.complete_before))
        )
    if answer.has_rest:
        name = say(locale, sheets.rest_key(answer))
        rows.append(
            Row(name, "", "", "", "", _cells(answer.rest, answer, locale, compare=answer.complete_before))
        )
    total = _cells(answer.total, answer, locale, compare=answer.complete_before_whole)
    rows.append(Row(say(locale, "reports.row.total"), "", "", "total", "", total))
    return rows


def warnings(answer: Answer, locale: str) -> list[str]:
    """What makes numbers of conversions incomparable."""
    if not OF_CONVERSIONS & set(answer.definition.metrics):
        return []
    found = []
    if answer.mixed_windows:
        found.append(say(locale, "reports.mixed", windows=", ".join(answer.windows)))
    if answer.mixed_events:
        found.append(say(locale, "reports.mixed_events", events=", ".join(answer.events)))
    return found


def notes(answer: Answer, locale: str) -> list[str]:
    found = []
    if answer.missing_days and not answer.definition.breakdown:
        found.append(say(locale, "reports.missing", count=answer.missing_days))
    if answer.compared is not None and not answer.complete_before and not answer.definition.breakdown:
        found.append(say(locale, "reports.incomplete"))
    if OF_PEOPLE & set(answer.definition.metrics):
        found.append(say(locale, "reports.people.cut" if answer.definition.breakdown else "reports.people"))
    if answer.definition.breakdown in OFF_PLATFORM:
        found.append(say(locale, "reports.off_platform"))
    return found
