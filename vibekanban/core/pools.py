"""Asynchronous PostgreSQL connections of a serving process, for the few hot paths."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import psycopg
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from vibekanban.core.reads import Reads, Row
from vibekanban.core.settings import settings

Pool = AsyncConnectionPool[AsyncConnection]


class Pools:
    """`main` and `metrics` (the same object unless the metrics store is apart); autocommit.

    `reads` is for small reads of the main database. Connections of a pool are not tried before they are given out:
    use `fetched`, which tries a second time, or be ready to.
    """

    main: Pool
    metrics: Pool
    reads: Reads


POOLS = Pools()


async def fetched(pool: Pool, statement: str, values: Mapping[str, Any] | None = None) -> list[Row]:
    """The rows of a prepared statement that may run twice: once more when its connection turns out to be lost."""
    try:
        return await _rows(pool, statement, values)
    except psycopg.OperationalError:
        await pool.check()  # the others may be lost as well
        return await _rows(pool, statement, values)


async def _rows(pool: Pool, statement: str, values: Mapping[str, Any] | None) -> list[Row]:
    async with pool.connection() as connection:
        cursor = await connection.execute(statement, values, prepare=True)  # pyright: ignore[reportArgumentType]
        return await cursor.fetchall()


def _url(url: str) -> str:
    return url.replace("postgresql+psycopg://", "postgresql://")


def _options(seconds: int) -> dict[str, Any]:
    return {
        "connect_timeout": 5,
        "tcp_user_timeout": 15_000,  # a peer that vanished is given up
        "application_name": settings().service_name,
        "options": f"-c timezone=UTC -c statement_timeout={seconds}s",
    }


def _pool(url: str) -> Pool:
    options = {"autocommit": True, **_options(30)}
    return AsyncConnectionPool(_url(url), min_size=1, max_size=5, timeout=10, open=False, kwargs=options)


@asynccontextmanager
async def opened() -> AsyncIterator[Pools]:
    """The connections of one serving process, for its life; entered from the lifespan of web and API."""
    POOLS.main = _pool(settings().main_database)
    POOLS.metrics = _pool(settings().metrics_database) if settings().metrics_apart else POOLS.main
    POOLS.reads = Reads(_url(settings().main_database), **_options(10))
    opened_pools = {id(pool): pool for pool in (POOLS.main, POOLS.metrics)}.values()
    for pool in opened_pools:
        await pool.open()
    try:
        yield POOLS
    finally:
        await POOLS.reads.close()
        for pool in opened_pools:
            await pool.close()
