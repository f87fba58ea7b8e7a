"""The load: a closed loop of connections that send one request after the other, and what they measured.

It speaks just the HTTP it needs, for a client that costs as much as the server measures itself.
"""

from __future__ import annotations

import asyncio
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import orjson
import uvloop

WARM_UP = 1.0  # seconds


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    token: str
    body: dict[str, Any] | None = None

    def written(self, host: str) -> bytes:
        body = orjson.dumps(self.body) if self.body is not None else b""
        lines = [
            f"{self.method} {self.path} HTTP/1.1",
            f"Host: {host}",
            f"Authorization: Bearer {self.token}",
        ]
        if body:
            lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + body


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
    return uvloop.run(_measure(base_url, requests, Measured(connections, seconds)))


async def _measure(base_url: str, requests: Callable[[], Iterator[Request]], measured: Measured) -> Measured:
    where = urlsplit(base_url)
    start = time.perf_counter() + WARM_UP
    end = start + measured.seconds
    source = requests()
    async with asyncio.TaskGroup() as group:
        for _ in range(measured.connections):
            streams = await asyncio.open_connection(where.hostname, where.port)
            group.create_task(_loop(*streams, where.netloc, source, start, end, measured.latencies))
    return measured


async def _loop(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    host: str,
    source: Iterator[Request],
    start: float,
    end: float,
    latencies: list[float],
) -> None:
    while True:
        asked = next(source)
        sent = asked.written(host)
        if (began := time.perf_counter()) >= end:
            break
        writer.write(sent)
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        text = await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))
        if not head.startswith(b"http/1.1 200"):
            raise RuntimeError(f"{asked.method} {asked.path} answered {head[:12]!r}: {text[:200]!r}")
        ended = time.perf_counter()
        if start <= began and ended <= end:
            latencies.append((ended - began) * 1000)
    writer.close()
