"""Tables as CSV: a text that a spreadsheet would run as a formula starts with an apostrophe."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

MARK = "\ufeff"  # tells spreadsheets that a file is UTF-8


def text(titles: Sequence[str], lines: Iterable[Sequence[Any]]) -> str:
    """A whole file."""
    return MARK + line(titles) + "".join(line(one) for one in lines)


def line(cells: Sequence[Any]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow([safe(cell) for cell in cells])
    return written.getvalue()


def safe(cell: Any) -> Any:
    """A cell that no spreadsheet runs; numbers may be negative."""
    risky = isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    return f"'{cell}" if risky and not _is_number(cell) else cell


def _is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal()
