"""Small reads in libpq's pipeline mode: what one turn of the event loop asks goes to PostgreSQL in one write.

For statements of well under a millisecond that write nothing: an answer waits for those asked before it, and a
statement may run twice. Everything else belongs on a pool.
"""

from __future__ import annotations

import asyncio
import re
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg import errors
from psycopg.adapt import PyFormat, Transformer
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGconn, PGresult

Row = tuple[Any, ...]
Key = tuple[bytes, tuple[int, ...]]  # what is prepared: a statement and the types of its values
TEXT = 0


@dataclass(slots=True, eq=False)
class _Preparation:
    """A statement that a connection sees for the first time."""

    key: Key
    result: PGresult | None = None


@dataclass(slots=True, eq=False)
class _Question:
    """A statement with its values as they are sent, and who waits for the rows."""

    key: Key
    values: Sequence[Any]
    formats: Sequence[Any]
    answer: asyncio.Future[list[Row]]
    result: PGresult | None = None
    preparation: _Preparation | None = None
    second: bool = False  # it is asked again, for it was lost with a connection

    def fail(self, error: Exception) -> None:
        if not self.answer.done():
            self.answer.set_exception(error)


class Reads:
    """A few connections for the life of a process and its event loop; lost ones are opened again."""

    def __init__(self, url: str, *, size: int = 2, **options: Any) -> None:
        self._lines = [_Line(self, url, options) for _ in range(size)]
        self._asked: list[_Question] = []
        self._sent = Transformer()  # kept: it remembers how each type is written

    def rows(self, statement: str, values: Mapping[str, Any]) -> asyncio.Future[list[Row]]:
        """The rows of a statement with `%(name)s` for its values; psycopg.Error when it fails."""
        text, names = _numbered(statement)
        sent = self._sent
        given = sent.dump_sequence([values[name] for name in names], [PyFormat.AUTO] * len(names))
        answer: asyncio.Future[list[Row]] = asyncio.get_running_loop().create_future()
        self.ask(_Question((text, sent.types or ()), given, sent.formats or (), answer))
        return answer

    def ask(self, question: _Question) -> None:
        if not self._asked:
            asyncio.get_running_loop().call_soon(self._send)
        self._asked.append(question)

    async def close(self) -> None:
        for line in self._lines:
            await line.close()

    def _send(self) -> None:
        asked, self._asked = self._asked, []
        min(self._lines, key=lambda line: line.load).take(asked)


@lru_cache(maxsize=500)
def _numbered(statement: str) -> tuple[bytes, tuple[str, ...]]:
    """The statement with `$1` in place of `%(name)s`, and the names in that order."""
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        return f"${names.setdefault(match[1], len(names) + 1)}" if match[1] else "%"

    return re.sub(r"%(?:%|\((\w+)\)s)", number, statement).encode(), tuple(names)


class _Line:
    """One connection, and what was sent over it and is not answered yet, in order; None stands for a Sync."""

    def __init__(self, reads: Reads, url: str, options: dict[str, Any]) -> None:
        self.waiting: deque[_Question | _Preparation | None] = deque()
        self._early: list[_Question] = []  # asked while the connection opens
        self._reads = reads
        self._url = url
        self._options = options
        self._connection: psycopg.AsyncConnection | None = None  # kept: it owns the libpq connection
        self._prepared: dict[Key, bytes] = {}
        self._numbers = count()
        self._received = Transformer()  # kept: it remembers how each type is read
        self._opening: asyncio.Task[None] | None = None

    @property
    def load(self) -> int:
        return len(self.waiting) + len(self._early)

    async def close(self) -> None:
        if self._opening is not None:
            await asyncio.wait({self._opening})
        self._lost(psycopg.OperationalError("the connection was closed"), again=False)

    def take(self, questions: Sequence[_Question]) -> None:
        """Send questions in one write; an error of one aborts those that follow it, up to the Sync."""
        if self._connection is None:
            self._early += questions
            if self._opening is None or self._opening.done():
                self._opening = asyncio.get_running_loop().create_task(self._open())
            return
        pg = self._connection.pgconn
        try:
            for question in questions:
                self._put(pg, question)
            pg.pipeline_sync()
            self.waiting.append(None)
            self._flush()
        except psycopg.Error as error:
            self.waiting.extend(question for question in questions if question not in self.waiting)
            self._lost(error)

    async def _open(self) -> None:
        try:
            connection = await psycopg.AsyncConnection.connect(self._url, autocommit=True, **self._options)
        except psycopg.Error as error:
            early, self._early = self._early, []
            for question in early:
                question.fail(error)
            return
        connection.pgconn.enter_pipeline_mode()
        self._connection, self._prepared = connection, {}
        asyncio.get_running_loop().add_reader(connection.pgconn.socket, self._readable)
        early, self._early = self._early, []
        self.take(early)

    def _put(self, pg: PGconn, question: _Question) -> None:
        name = self._prepared.get(question.key)
        if name is None:
            text, types = question.key
            name = self._prepared[question.key] = f"read{next(self._numbers)}".encode()
            pg.send_prepare(name, text, types)
            question.preparation = _Preparation(question.key)
            self.waiting.append(question.preparation)
        pg.send_query_prepared(name, question.values, question.formats, TEXT)
        self.waiting.append(question)

    def _flush(self) -> None:
        if self._connection is not None:
            loop, pg = asyncio.get_running_loop(), self._connection.pgconn
            if pg.flush():  # the socket is full: the rest when it is not
                loop.add_writer(pg.socket, self._flush)
            else:
                loop.remove_writer(pg.socket)

    def _readable(self) -> None:
        if self._connection is None:
            return
        pg = self._connection.pgconn
        try:
            pg.consume_input()
            while self.waiting and not pg.is_busy():
                if pg.status != ConnStatus.OK:
                    raise psycopg.OperationalError("the connection was lost")
                self._receive(pg.get_result())
        except psycopg.Error as error:
            self._lost(error)

    def _receive(self, result: PGresult | None) -> None:
        """A result of the statement in front, its end (None), or the Sync that ends what one write sent."""
        first = self.waiting[0]
        if first is None:
            if result is not None:
                self.waiting.popleft()
        elif result is not None:
            first.result = result
        else:
            self.waiting.popleft()
            if isinstance(first, _Question):
                self._settle(first)
            elif first.result is None or first.result.status != ExecStatus.COMMAND_OK:
                self._prepared.pop(first.key, None)

    def _settle(self, question: _Question) -> None:
        result, preparation = question.result, question.preparation
        question.result = question.preparation = None
        if result is None or question.answer.done():  # cancelled meanwhile
            return
        if preparation is not None and preparation.result is not None:
            refused = preparation.result.status == ExecStatus.FATAL_ERROR
            result = preparation.result if refused else result
        if result.status == ExecStatus.TUPLES_OK:
            self._received.set_pgresult(result)
            question.answer.set_result(self._received.load_rows(0, result.ntuples, tuple))
        elif result.status == ExecStatus.PIPELINE_ABORTED:  # by a neighbour's error
            self.take([question])
        else:
            error = errors.error_from_result(result, "utf-8")
            if error.diag.severity_nonlocalized == "ERROR":
                question.fail(error)
            else:  # the server ends the connection
                self.waiting.appendleft(question)
                self._lost(error)

    def _lost(self, error: Exception, *, again: bool = True) -> None:
        """Let go of the connection; what was under way is asked once more."""
        if self._connection is None:
            return
        pg, self._connection = self._connection.pgconn, None
        loop = asyncio.get_running_loop()
        loop.remove_reader(pg.socket)
        loop.remove_writer(pg.socket)
        pg.finish()
        unanswered = [one for one in self.waiting if isinstance(one, _Question)]
        self.waiting.clear()
        for question in unanswered:
            if not again or question.second:
                question.fail(error)
            elif not question.answer.done():
                question.result = question.preparation = None
                question.second = True
                self._reads.ask(question)
