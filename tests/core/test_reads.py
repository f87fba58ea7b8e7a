"""Small reads answer each asker, whatever happens to the questions beside theirs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import psycopg
import pytest

from vibekanban.core.columns import new_id
from vibekanban.core.reads import Reads, Row
from vibekanban.core.settings import settings

T = TypeVar("T")
URL = settings().main_database.replace("postgresql+psycopg://", "postgresql://")


def reading(use: Callable[[Reads], Awaitable[T]]) -> T:
    async def run() -> T:
        reads = Reads(URL)
        try:
            return await use(reads)
        finally:
            await reads.close()

    return asyncio.run(run())


async def together(reads: Reads, *questions: tuple[str, dict[str, Any]]) -> list[list[Row] | BaseException]:
    """All in one write."""
    return await asyncio.gather(*(reads.rows(*question) for question in questions), return_exceptions=True)


def test_values_and_rows_are_of_the_databases_types() -> None:
    some_id = new_id()
    statement = "SELECT %(id)s::uuid, ARRAY[%(id)s::uuid], %(n)s::int + 1, %(none)s::date, '5 %%'"
    values = {"id": some_id, "n": 1, "none": None}
    rows = reading(lambda reads: together(reads, (statement, values), ("SELECT 1 WHERE false", {})))
    assert rows == [[(some_id, [some_id], 2, None, "5 %")], []]


def test_an_error_is_its_askers_alone() -> None:
    divide = "SELECT 12 / %(by)s::int"
    answers = reading(
        lambda reads: together(
            reads,
            (divide, {"by": 3}),
            (divide, {"by": 0}),
            (divide, {"by": 4}),
            ("SELECT nothing", {}),
            ("SELECT 'new'", {}),
            (divide, {"by": 6}),
        )
    )
    assert [answer for answer in answers if isinstance(answer, list)] == [[(4,)], [(3,)], [("new",)], [(2,)]]
    assert [type(answers[1]), type(answers[3])] == [
        psycopg.errors.DivisionByZero,
        psycopg.errors.UndefinedColumn,
    ]


def test_a_lost_connection_is_opened_again_and_the_question_asked_again() -> None:
    with psycopg.connect(URL, autocommit=True) as other:

        async def use(reads: Reads) -> list[Any]:
            ((before,),) = await reads.rows("SELECT pg_backend_pid()", {})
            other.execute("SELECT pg_terminate_backend(%s)", (before,))
            return await together(reads, *[("SELECT %(n)s::int", {"n": number}) for number in range(3)])

        assert reading(use) == [[(0,)], [(1,)], [(2,)]]


def test_a_question_that_was_given_up_disturbs_nobody() -> None:
    async def use(reads: Reads) -> list[Row]:
        given_up = reads.rows("SELECT pg_sleep(0.01)::text", {})
        kept = reads.rows("SELECT 1", {})
        given_up.cancel()
        return await kept

    assert reading(use) == [(1,)]


def test_without_a_database_the_asker_hears_of_it() -> None:
    async def run() -> None:
        reads = Reads("postgresql://127.0.0.1:1/none", connect_timeout=2)
        with pytest.raises(psycopg.OperationalError):
            await reads.rows("SELECT 1", {})
        await reads.close()

    asyncio.run(run())
