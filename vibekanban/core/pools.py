"""Asynchronous PostgreSQL pools of a serving process, for the few hot read paths."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from vibekanban.core.settings import settings


class Pools:
    """`main` and `metrics` (the same object unless the metrics store is apart); autocommit, read mostly."""

    main: AsyncConnectionPool[AsyncConnection]
    metrics: AsyncConnectionPool[AsyncConnection]


POOLS = Pools()


def _pool(url: str) -> AsyncConnectionPool[AsyncConnection]:
    return AsyncConnectionPool(
        url.replace("postgresql+psycopg://", "postgresql://"),
        min_size=1,
        max_size=5,
        timeout=10,
        open=False,
        check=AsyncConnectionPool.check_connection,
        kwargs={
            "autocommit": True,
            "connect_timeout": 5,
            "application_name": settings().service_name,
            "options": "-c timezone=UTC -c statement_timeout=30000",
        },
    )


@asynccontextmanager
async def opened() -> AsyncIterator[Pools]:
    """The pools of one serving process, for its life; entered from the lifespan of web and API."""
    POOLS.main = _pool(settings().main_database)
    POOLS.metrics = _pool(settings().metrics_database) if settings().metrics_apart else POOLS.main
    opened_pools = {id(pool): pool for pool in (POOLS.main, POOLS.metrics)}.values()
    for pool in opened_pools:
        await pool.open()
    try:
        yield POOLS
    finally:
        for pool in opened_pools:
            await pool.close()
