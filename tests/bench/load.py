"""The load: a closed loop of connections that send one request after the other, and what they measured."""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp

WARM_UP = 1.0  # seconds


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    token: str
    body: dict[str, Any] | None = None


@dataclass
class Measured:
    """Latencies in milliseconds of what was answered after the warm-up."""

    connections: int
    seconds: float
    latencies: list[float] = field(default_factory=list)

    def line(self, workload: str) -> dict[str, Any]:
        cuts = statistics.quantiles(self.latencies, n=100)
        return {
            "workload": workload,
            "connections": self.connections,
            "requestsPerSecond": round(len(self.latencies) / self.seconds, 1),
            "p50": round(cuts[49], 2),
            "p99": round(cuts[98], 2),
        }


def measure(
    base_url: str, requests: Callable[[], Iterator[Request]], *, connections: int, seconds: float
) -> Measured:
    """Send what `requests` gives over and over; any answer but 200 ends the run with its text."""
    return asyncio.run(_measure(base_url, requests, Measured(connections, seconds)))


async def _measure(base_url: str, requests: Callable[[], Iterator[Request]], measured: Measured) -> Measured:
    start = time.perf_counter() + WARM_UP
    end = start + measured.seconds
    source = requests()
    connector = aiohttp.TCPConnector(limit=measured.connections)
    async with aiohttp.ClientSession(base_url, connector=connector) as http, asyncio.TaskGroup() as group:
        for _ in range(measured.connections):
            group.create_task(_loop(http, source, start, end, measured.latencies))
    return measured


async def _loop(
    http: aiohttp.ClientSession, source: Iterator[Request], start: float, end: float, latencies: list[float]
) -> None:
    while (began := time.perf_counter()) < end:
        asked = next(source)
        headers = {"Authorization": f"Bearer {asked.token}"}
        async with http.request(asked.method, asked.path, json=asked.body, headers=headers) as answer:
            text = await answer.read()
        if answer.status != 200:
            raise RuntimeError(f"{asked.method} {asked.path} answered {answer.status}: {text[:200]!r}")
        ended = time.perf_counter()
        if start <= began and ended <= end:
            latencies.append((ended - began) * 1000)
