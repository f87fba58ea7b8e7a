"""A list as CSV, streamed row by row, for whoever asks with `Accept: text/csv`."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from vibekanban.core import db

Rows = Iterable[Sequence[Any]]
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {"text/csv": {"schema": {"type": "string"}}},
        "description": "JSON, or CSV of the whole list",
    }
}


def wanted(request: Request) -> bool:
    return "text/csv" in request.headers.get("accept", "").lower()


def answer(name: str, header: Sequence[str], rows: Callable[[Session], Rows]) -> StreamingResponse:
    """The rows of one transaction of its own: the request's has ended when streaming begins."""

    def lines() -> Iterator[str]:
        with db.transaction() as session:
            yield _line(header)
            for row in rows(session):
                yield _line([_cell(value) for value in row])

    return StreamingResponse(
        lines(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _line(cells: Sequence[Any]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow(cells)
    return buffer.getvalue()


def _cell(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula starts with an apostrophe."""
    return (
        f"'{value}"
        if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r"))
        else value
    )
