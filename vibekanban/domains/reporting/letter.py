"""A report as an e-mail: the largest rows in its body, in the reader's language, and all of them in a file."""

from __future__ import annotations

import base64
import re
import unicodedata
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from vibekanban.core import i18n, sheet
from vibekanban.core.i18n import say
from vibekanban.domains.accounts.models import User
from vibekanban.domains.reporting import sheets, wording
from vibekanban.domains.reporting.explorer import Answer, Pair
from vibekanban.domains.reporting.figures import OF_CONVERSIONS, Figures
from vibekanban.domains.reporting.models import SavedReport

MOST_ROWS, MOST_METRICS = 20, 5  # what a phone's mail program shows
LARGEST = 7 << 20  # bytes of a file: mail programs refuse far less than the mail service


def params(report: SavedReport, answer: Answer, user: User, *, unread: bool) -> dict[str, Any]:
    """The parameters of an e-mail of the kind `report`."""
    content, cut = _file(answer, user.locale)
    return {
        "reader": user.name,
        "name": report.name,
        "account": answer.account.name,
        "days": wording.spans(answer, user.locale),
        "blocks": _blocks(answer, user, unread=unread, cut=cut),
        "attachments": [
            {
                "name": f"{_plain(report.name)}-{answer.asked.since}-{answer.asked.until}.csv",
                "type": "text/csv",
                "content": base64.b64encode(content).decode(),
            }
        ],
    }


def _blocks(answer: Answer, user: User, *, unread: bool, cut: int) -> list[dict[str, Any]]:
    locale, definition = user.locale, answer.definition
    notes: list[str] = []
    if answer.lines and OF_CONVERSIONS & set(definition.metrics):
        windows = ", ".join(answer.windows) or say(locale, "reports.attribution.unknown")
        events = ", ".join(answer.events) or (answer.account.conversion_event or "omni_purchase")
        notes.append(say(locale, "reports.letter.counted", events=events, windows=windows))
    if answer.mixed_windows:
        notes.append(say(locale, "reports.mixed", windows=", ".join(answer.windows)))
    if answer.missing_days and not definition.breakdown:
        notes.append(say(locale, "reports.missing", count=answer.missing_days))
    if unread:
        notes.append(say(locale, "reports.letter.unread"))
    if cut:
        notes.append(say(locale, "reports.letter.too_large", shown=cut, count=len(answer.lines)))
    elif len(answer.lines) > MOST_ROWS:
        notes.append(say(locale, "reports.letter.more", shown=MOST_ROWS, count=len(answer.lines)))
    if len(definition.metrics) > MOST_METRICS:
        notes.append(say(locale, "reports.letter.columns"))
    if answer.fetched_at is not None:
        at = i18n.moment(answer.fetched_at, locale, ZoneInfo(user.timezone))
        notes.append(say(locale, "reports.letter.read", moment=at))
    table = {"head": _heads(answer, locale), "rows": _rows(answer, locale)}
    shown = [table] if answer.lines else [{"text": say(locale, "reports.letter.none")}, table]
    return [*shown, *({"text": note} for note in notes)]


def _heads(answer: Answer, locale: str) -> list[str]:
    names = [
        say(locale, f"reports.metric.{metric.value}") for metric in answer.definition.metrics[:MOST_METRICS]
    ]
    return [say(locale, f"reports.level.{answer.definition.level.value}"), *names]


def _rows(answer: Answer, locale: str) -> list[list[str]]:
    rows = [
        [sheets.title(line, answer, locale), *_cells(answer, line.now, locale)]
        for line in answer.lines[:MOST_ROWS]
    ]
    left = answer.lines[MOST_ROWS:]
    if left:
        others = sum((line.now for line in left), Figures())
        rows.append([say(locale, "reports.restated.more", count=len(left)), *_cells(answer, others, locale)])
    below: list[tuple[str, Pair]] = sheets.below(answer, locale)
    return rows + [[name, *_cells(answer, pair.now, locale)] for name, pair in below]


def _cells(answer: Answer, figures: Figures, locale: str) -> list[str]:
    currency = answer.account.currency
    return [
        wording.written(metric, figures.value(metric), currency, locale)
        for metric in answer.definition.metrics[:MOST_METRICS]
    ]


def _file(answer: Answer, locale: str) -> tuple[bytes, int]:
    """The sheet as CSV, and how many of the report's rows it has when not all of them fit."""
    header = sheets.header(answer, locale)
    whole = sheets.csv_text(answer, locale).encode()
    if len(whole) <= LARGEST:
        return whole, 0
    fitting = len(answer.lines) * LARGEST // len(whole)
    return sheet.text(header, islice(sheets.rows(answer, locale), fitting)).encode(), fitting


def _plain(name: str) -> str:
    """A report's name as every file system takes it."""
    bare = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9]+", "-", bare).strip("-")[:60].lower() or "report"
