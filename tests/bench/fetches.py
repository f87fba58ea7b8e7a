"""The daily look at tokens, a fetch of twenty milliseconds each: by the product's batches, and by a job each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson
import psutil
from rq import Queue
from sqlalchemy import update
from sqlmodel import Session, col, func, select

from tests.bench.stack import ROOT
from vibekanban.core import broker, columns, db, queue
from vibekanban.core.settings import settings
from vibekanban.domains.meta.models import MetaAccount, MetaConnection
from vibekanban.runtime.environment import for_product
from workers import meta_connections

FETCH = 0.02  # seconds that a fetch takes
WORKERS, ROUNDS = 2, 3
MANY, FEW = 1000, 60  # tokens looked at by batches, and by a job each
PATIENCE = 120.0


def lines() -> list[dict[str, Any]]:
    """Looks a second of two worker processes; both sides run the product's own jobs."""
    with db.transaction() as session:  # the server below shows none of them: nobody is to be told that again
        session.execute(update(MetaAccount).values(unreachable_at=columns.now()))
    with _meta() as port:
        os.environ["META_GRAPH_URL"] = f"http://127.0.0.1:{port}"
        settings.cache_clear()
        with _workers() as processes:
            rounds = [_round(turn, processes) for turn in range(ROUNDS)]

    def median(of: Callable[[dict[str, Looked]], float]) -> float:
        return round(statistics.median(of(one) for one in rounds), 1)

    return [
        {
            "workload": "w5",
            "workers": WORKERS,
            "fetchesPerSecond": median(lambda one: one["batched"].per_second),
            "jobEachPerSecond": median(lambda one: one["alone"].per_second),
            "ratio": median(lambda one: one["batched"].per_second / one["alone"].per_second),
            "cpuMs": median(lambda one: one["batched"].cpu_ms),
            "jobEachCpuMs": median(lambda one: one["alone"].cpu_ms),
        }
    ]


@dataclass(frozen=True)
class Looked:
    """Looks a second, and milliseconds of processor that the workers took for each."""

    per_second: float
    cpu_ms: float


def _round(turn: int, processes: list[psutil.Process]) -> dict[str, Looked]:
    kinds = ("batched", "alone") if turn % 2 == 0 else ("alone", "batched")
    return {kind: _looked(MANY if kind == "batched" else FEW, kind, processes) for kind in kinds}


def _looked(many: int, kind: str, processes: list[psutil.Process]) -> Looked:
    """From the first order to the last token that was looked at."""
    _wait_until_idle()
    before = _cpu(processes)
    started = columns.now()
    with db.transaction() as session:
        session.execute(update(MetaConnection).values(checked_at=None))
        ids = [str(one) for one in session.exec(select(MetaConnection.id).limit(many))]
    with db.transaction() as session:
        if kind == "batched":
            meta_connections.order_checks(session, ids)
        else:
            for one in ids:
                queue.enqueue(session, queue.Job.CHECK_CONNECTION, one, lane=queue.Lane.TODAY)
    took = (_last(many) - started).total_seconds()
    return Looked(many / took, (_cpu(processes) - before) * 1000 / many)


def _cpu(processes: list[psutil.Process]) -> float:
    """Seconds of the processor that they and their children took."""
    family = [one for process in processes for one in (process, *process.children(recursive=True))]
    total = 0.0
    for one in family:
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(one.cpu_times()[:4])
    return total


def _last(many: int) -> datetime:
    deadline = time.monotonic() + PATIENCE
    checked = select(func.count(), func.max(MetaConnection.checked_at)).where(
        col(MetaConnection.checked_at).is_not(None)
    )
    while time.monotonic() < deadline:
        with db.transaction() as session:
            done, last = _row(session, checked)
        if done == many:
            return last
        time.sleep(0.1)
    raise RuntimeError(f"{many} tokens were not looked at within {timedelta(seconds=PATIENCE)}")


def _row(session: Session, query: Any) -> tuple[int, datetime]:
    return session.exec(query).one()


def _wait_until_idle() -> None:
    """Drop what the looks ordered, and let end what began: the search for accounts is no part of this."""
    lanes = [
        Queue(lane.value, connection=broker.connection(), serializer=queue.SERIALIZER) for lane in queue.Lane
    ]
    deadline = time.monotonic() + PATIENCE
    while True:
        for lane in lanes:
            lane.empty()
        if not any(lane.started_job_registry.count for lane in lanes):
            return
        if time.monotonic() > deadline:
            raise RuntimeError("the workers do not come to rest")
        time.sleep(0.1)


@contextmanager
def _workers() -> Iterator[list[psutil.Process]]:
    """Worker processes as the product starts them."""
    started = []
    with ExitStack() as exits:
        for _ in range(WORKERS):
            process = subprocess.Popen(
                [sys.executable, "-m", "vibekanban", "worker"], cwd=ROOT, env=for_product(settings())
            )
            started.append(psutil.Process(process.pid))
            exits.callback(process.wait, 60)
            exits.callback(process.terminate)
        while len(broker.connection().smembers("rq:workers")) < WORKERS:  # pyright: ignore[reportArgumentType]
            time.sleep(0.1)
        yield started


@contextmanager
def _meta() -> Iterator[int]:
    """A server that knows every token, after FETCH."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_answer, "127.0.0.1", 0, backlog=1000))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    asked = await reader.readuntil(b"\r\n\r\n")
    await asyncio.sleep(FETCH)
    known = {"app_id": "1", "user_id": "1", "is_valid": True, "scopes": ["ads_read", "ads_management"]}
    body = orjson.dumps({"data": known if b"/debug_token" in asked else []})
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()
