"""Engines and transactions; the only module that commits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Engine, create_engine
from sqlmodel import Session

from vibekanban.core import events, queue
from vibekanban.core.settings import settings

P = ParamSpec("P")
T = TypeVar("T")


def _engine(url: str) -> Engine:
    return create_engine(
        url,
        pool_size=5,
        max_overflow=10,
        pool_pre_ping=True,
        pool_recycle=1800,
        connect_args={
            "connect_timeout": 5,
            "application_name": settings().service_name,
            "options": "-c timezone=UTC -c statement_timeout=60000"
            " -c idle_in_transaction_session_timeout=120000",
        },
    )


@lru_cache
def engine() -> Engine:
    """The main database."""
    return _engine(settings().main_database)


@lru_cache
def metrics_engine() -> Engine:
    """The metrics store; the main engine unless `TIMESCALEDB_URL` names another database."""
    return _engine(settings().metrics_database) if settings().metrics_apart else engine()


@lru_cache
def replica_engine() -> Engine:
    """Where summaries read; the main engine unless there is a replica."""
    url = settings().database_replica_url
    return _engine(url) if url else engine()


@contextmanager
def transaction() -> Iterator[Session]:
    """Commit on success, roll back on any error, and only then release queued jobs and live events."""
    with Session(engine(), expire_on_commit=False) as session:
        try:
            with session.begin():
                yield session
        except BaseException:  # also a cancelled request: what it ordered must not go out
            queue.discard(session)
            events.discard(session)
            raise
        queue.release(session)
        events.release(session)


@contextmanager
def metrics_transaction() -> Iterator[Session]:
    """A transaction on the metrics store; never nested in `transaction()` with writes to the same rows."""
    with Session(metrics_engine(), expire_on_commit=False) as session, session.begin():
        yield session


async def run(work: Callable[Concatenate[Session, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one use case in its own transaction, off the event loop."""

    def in_thread() -> T:
        with transaction() as session:
            return work(session, *args, **kwargs)

    return await asyncio.to_thread(in_thread)


def dispose() -> None:
    """Close every pooled connection (before a fork, and at the end of a process)."""
    for maker in (engine, metrics_engine, replica_engine):
        if maker.cache_info().currsize:
            maker().dispose()
