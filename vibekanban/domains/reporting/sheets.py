"""A report as a table of plain values: for CSV files, attachments and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from vibekanban.core import sheet
from vibekanban.core.i18n import say
from vibekanban.domains.meta.models import Level
from vibekanban.domains.reporting import wording
from vibekanban.domains.reporting.explorer import Answer, Line, Pair
from vibekanban.domains.reporting.figures import OF_CONVERSIONS, Figures, plain

PARENTS = {
    Level.ACCOUNT: (),
    Level.CAMPAIGN: (),
    Level.AD_SET: ("campaign",),
    Level.AD: ("campaign", "adset"),
}


def header(answer: Answer, locale: str) -> list[str]:
    """Column titles; every metric made of conversions stands beside the event and the attribution it counts by."""
    definition = answer.definition
    compare = answer.compared is not None
    titles = [say(locale, f"reports.level.{name}") for name in PARENTS[definition.level]]
    titles += [say(locale, f"reports.level.{definition.level.value}")]
    if definition.breakdown:
        titles += [say(locale, f"reports.breakdown.{definition.breakdown.value}")]
    titles += ["ID", say(locale, "reports.column.status")]
    for metric in definition.metrics:
        title = say(locale, f"reports.metric.{metric.value}")
        titles += [title, say(locale, "reports.column.before", metric=title)] if compare else [title]
    if OF_CONVERSIONS & set(definition.metrics):
        titles += [say(locale, "reports.column.event"), say(locale, "reports.column.attribution")]
    return [*titles, say(locale, "reports.column.currency")]


def rows(answer: Answer, locale: str) -> Iterator[list[str]]:
    """The rows, what filters hide, what nobody lists, and the total they add up to."""
    for line in answer.lines:
        windows, events = " + ".join(line.windows), " + ".join(line.events)
        yield _row(
            answer,
            [*line.parents, line.name, *_category(answer, line, locale), line.object_id, line.status],
            line.now,
            line.before,
            events,
            windows,
        )
    depth = len(PARENTS[answer.definition.level])
    more = 3 if answer.definition.breakdown else 2
    for name, pair in below(answer, locale):
        yield _row(answer, [*[""] * depth, name, *[""] * more], pair.now, pair.before, "", "")


def below(answer: Answer, locale: str) -> list[tuple[str, Pair]]:
    """What makes the rows add up: what filters hide, what nobody lists, and the total."""
    found: list[tuple[str, Pair]] = []
    if answer.hidden_count:
        found.append((say(locale, "reports.row.hidden", count=answer.hidden_count), answer.hidden))
    if answer.has_rest:
        found.append((say(locale, rest_key(answer)), answer.rest))
    return [*found, (say(locale, "reports.row.total"), answer.total)]


def title(line: Line, answer: Answer, locale: str) -> str:
    """What a row is called where it has one name: the category alone where nothing else tells rows apart."""
    if not answer.definition.breakdown:
        return line.name
    category = wording.category(answer.definition.breakdown, line.category, locale)
    return category if answer.definition.level is Level.ACCOUNT else f"{line.name} · {category}"


def _category(answer: Answer, line: Line, locale: str) -> list[str]:
    breakdown = answer.definition.breakdown
    return [wording.category(breakdown, line.category, locale)] if breakdown else []


def rest_key(answer: Answer) -> str:
    """What the row of the unexplained is called: it is only called gone when nothing else can be in it."""
    known = "unread" if answer.missing_days or answer.late else "gone"
    if answer.definition.breakdown:
        known += "_cut"
    return f"reports.row.{known}"


def _row(
    answer: Answer, head: Sequence[str], now: Figures, before: Figures | None, events: str, windows: str
) -> list[str]:
    definition, currency = answer.definition, answer.account.currency
    cells = [*head]
    for metric in definition.metrics:
        for figures in (now, before) if answer.compared is not None else (now,):
            value = figures.value(metric) if figures is not None else None
            cells.append("" if value is None else plain(value, metric, currency))
    if OF_CONVERSIONS & set(definition.metrics):
        cells += [events, windows]
    return [*cells, currency]


def csv_text(answer: Answer, locale: str) -> str:
    return sheet.text(header(answer, locale), rows(answer, locale))
