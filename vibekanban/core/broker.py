"""Connections to the Redis-protocol server: queues, rate limits, pub/sub, quota meters."""

from __future__ import annotations

from functools import lru_cache

import redis
import redis.asyncio

from vibekanban.core.settings import settings


@lru_cache
def connection() -> redis.Redis:
    """The process's pooled connection; values come back as bytes (RQ needs it so)."""
    return redis.Redis.from_url(
        settings().redis, socket_timeout=15, socket_connect_timeout=5, health_check_interval=30
    )


@lru_cache
def async_connection() -> redis.asyncio.Redis:
    """The pooled connection of the one event loop of this process."""
    return redis.asyncio.Redis.from_url(
        settings().redis, socket_timeout=15, socket_connect_timeout=5, health_check_interval=30
    )


async def close() -> None:
    """The asynchronous connection belongs to one event loop; the next one opens its own."""
    await async_connection().aclose()
    async_connection.cache_clear()
