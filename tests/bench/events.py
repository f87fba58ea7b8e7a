"""The round trip of a page's event over Reflex's websocket, against a bare echo of the same server in the same minutes."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import orjson
from sqlmodel import select

from tests.bench.echo import PATH
from tests.bench.stack import ROOT, awaited
from tests.ports import free_port
from vibekanban.core import db
from vibekanban.core.columns import new_id
from vibekanban.core.settings import settings
from vibekanban.domains.accounts import sessions
from vibekanban.domains.accounts.models import User
from vibekanban.runtime.environment import for_product

PAGES, ROUNDS = 200, 3
PACE = 1.0  # seconds between two events of a page
NEWS = "reflex___state____state.vibekanban___ui___layout____shell.news"
HYDRATE = "reflex___state____state.hydrate"
ROUTER = {"pathname": "/app", "asPath": "/app", "query": {}}
Trip = Callable[[], Awaitable[None]]


def lines(seconds: float) -> list[dict[str, Any]]:
    """The median over rounds of both p99s, and of their ratio round by round."""
    with _web() as url:
        rounds = asyncio.run(_rounds(url, seconds))

    def median(name: str) -> float:
        return round(statistics.median(one[name] for one in rounds), 2)

    return [
        {
            "workload": "events",
            "connections": PAGES,
            "requestsPerSecond": round(PAGES / PACE, 1),
            **{name: median(name) for name in ("p50", "p99", "echoP50", "echoP99", "ratio")},
        }
    ]


@contextmanager
def _web() -> Iterator[str]:
    """One web process as the product starts it, with the echo; nobody asks it for pages, so none are built."""
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("granian")), "--interface=asgi", "--factory", "--host=127.0.0.1",
        f"--port={port}", "--workers=1", "--loop=uvloop", "--http=1", "--no-access-log", "--log-level=warning",
        "tests.bench.echo:app",
    ]  # fmt: skip
    os.environ["PORT"] = str(port)
    settings.cache_clear()
    environment = {**for_product(settings()), "REFLEX_ENV_MODE": "prod", "__REFLEX_SKIP_COMPILE": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        awaited(f"http://127.0.0.1:{port}", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


async def _rounds(url: str, seconds: float) -> list[dict[str, float]]:
    cookies = _cookies()
    async with AsyncExitStack() as stack:
        connector = aiohttp.TCPConnector(limit=0)
        http = await stack.enter_async_context(
            aiohttp.ClientSession(url, headers={"Origin": settings().origin}, connector=connector)
        )
        pages = [await stack.enter_async_context(_page(http, cookie)) for cookie in cookies]
        echoes = [await stack.enter_async_context(http.ws_connect(PATH)) for _ in cookies]
        trips: dict[str, list[Trip]] = {
            "": [page.news for page in pages],
            "echo": [_echo(socket) for socket in echoes],
        }
        rounds = []
        for turn in range(ROUNDS):
            found = {}
            for kind in ("", "echo") if turn % 2 == 0 else ("echo", ""):
                cuts = statistics.quantiles(await _paced(trips[kind], seconds), n=100)
                found |= {
                    f"{kind}P50" if kind else "p50": cuts[49],
                    f"{kind}P99" if kind else "p99": cuts[98],
                }
            rounds.append({**found, "ratio": found["p99"] / found["echoP99"]})
    return rounds


def _cookies() -> list[str]:
    """A browser session each for as many people."""
    with db.transaction() as session:
        return [
            sessions.open_browser_session(session, person, address="127.0.0.1", user_agent="bench")
            for person in session.exec(select(User).limit(PAGES))
        ]


async def _paced(trips: list[Trip], seconds: float) -> list[float]:
    """Latencies in milliseconds of trips that each begin once in PACE, spread evenly."""
    latencies: list[float] = []

    async def one(trip: Trip) -> None:
        await asyncio.sleep(random.uniform(0, PACE))
        for _ in range(max(1, round(seconds / PACE))):
            began = time.perf_counter()
            await trip()
            took = time.perf_counter() - began
            latencies.append(took * 1000)
            await asyncio.sleep(max(0.0, PACE - took))

    async with asyncio.TaskGroup() as group:
        for trip in trips:
            group.create_task(one(trip))
    return latencies


class _Page:
    """An open page: Socket.IO's protocol, as far as an event needs it."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse, token: str) -> None:
        self._socket = socket
        self._token = token
        self._told = 0

    async def open(self) -> None:
        await self._until(b"0{")
        await self._socket.send_str("40/_event,")
        await self._until(b"40/_event,")
        await self._send(HYDRATE, {})
        await self._until(b'"is_hydrated')

    async def news(self) -> None:
        """Tell the page of one more unread notice, and wait until it shows the number."""
        self._told += 1
        data = f'{{"unread":{self._told}}}'
        await self._send(NEWS, {"_topic": "notifications", "_account": "", "data": data})
        await self._until(f'"unread_rx_state_":{self._told}}}'.encode())

    async def _send(self, name: str, payload: dict[str, Any]) -> None:
        event = {"name": name, "payload": payload, "router_data": ROUTER, "token": self._token}
        await self._socket.send_str("42/_event," + orjson.dumps(["event", event]).decode())

    async def _until(self, part: bytes) -> None:
        while True:
            text = await self._socket.receive_str(timeout=30)
            if text == "2":
                await self._socket.send_str("3")
            elif part.decode() in text:
                return


@asynccontextmanager
async def _page(http: aiohttp.ClientSession, cookie: str) -> AsyncIterator[_Page]:
    token = str(new_id())
    headers = {"Cookie": f"{sessions.cookie_name()}={cookie}"}
    address = f"/_event/?EIO=4&transport=websocket&token={token}"
    async with http.ws_connect(address, headers=headers) as socket:
        page = _Page(socket, token)
        await page.open()
        yield page


def _echo(socket: aiohttp.ClientWebSocketResponse) -> Trip:
    async def trip() -> None:
        await socket.send_str("x" * 300)
        await socket.receive_str(timeout=30)

    return trip
