"""A list as CSV, streamed row by row, for whoever asks with `Accept: text/csv`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from vibekanban.core import db, sheet

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
            yield sheet.line(header)
            for row in rows(session):
                yield sheet.line(row)

    return StreamingResponse(
        lines(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
