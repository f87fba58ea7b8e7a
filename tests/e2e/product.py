"""The whole product, started as its user starts it, for as long as the tests of this folder run."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, LiteralString

import httpx
import psycopg

from tests.ports import free_port
from vibekanban.core.settings import ROOT
from vibekanban.runtime.processes import wait_until

# The pages are built for an origin. Built for the one `make run` uses by default, the build in .web serves both:
# the browser is told that this name and port are the ones the product really listens on.
ORIGIN = "http://localhost:8000"
STARTS_WITHIN = 600  # seconds: the pages may have to be built


@dataclass(frozen=True)
class Product:
    """A running product: `url` for programs, ORIGIN for the browser."""

    url: str
    port: int
    data: Path
    database: str
    sandbox: httpx.Client
    process: subprocess.Popen[bytes]

    def recorded(self, part: str) -> int:
        """The process id under which a part was started last."""
        return json.loads((self.data / "run" / f"{part}.json").read_text())["pid"]

    def execute(self, statement: LiteralString) -> None:
        """A statement past the product, to its database."""
        with psycopg.connect(self.database) as connection:
            connection.execute(statement)

    def client(self, **options: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=30, **options)


def _environment(data: Path, port: int, sandbox_port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return kept | {
        "DATA_DIR": str(data),
        "PORT": str(port),
        "SANDBOX_PORT": str(sandbox_port),
        "EMBEDDED_POSTGRES_PORT": str(free_port()),
        "EMBEDDED_REDIS_PORT": str(free_port()),
        "FRONTEND_URL": ORIGIN,
        "NEXT_PUBLIC_API_URL": ORIGIN,
        "NEXT_PUBLIC_SOCKET_URL": ORIGIN,
        "RATE_LIMIT_REQUESTS": "100000",  # the tests are all one address, and ask at every change
    }


@contextmanager
def running() -> Iterator[Product]:
    """`python -m vibekanban up`, ready; Meta's reports are quick and its clock stands still."""
    data = Path(
        tempfile.mkdtemp(prefix="vk-e2e-")
    )  # not under pytest's folder: PostgreSQL's user must reach it
    data.chmod(0o755)
    port, sandbox_port = free_port(), free_port()
    url, log = f"http://127.0.0.1:{port}", data / "up.log"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        environment = _environment(data, port, sandbox_port)
        process = subprocess.Popen(
            [sys.executable, "-m", "vibekanban", "up"],
            cwd=ROOT,
            env=environment,
            stdout=stack.enter_context(log.open("wb")),
            stderr=subprocess.STDOUT,
        )
        stack.callback(_end, process)
        sandbox = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{sandbox_port}", timeout=30))
        if not wait_until(lambda: _ready(url) and _answers(sandbox), process, STARTS_WITHIN):
            raise RuntimeError(f"the product did not start:\n{log.read_text()[-5000:]}")
        sandbox.post("/_sandbox/clock", json={"speed": 0}).raise_for_status()
        sandbox.post("/_sandbox/reports", json={"seconds": 0}).raise_for_status()
        credentials = f"vibekanban:{environment['EMBEDDED_POSTGRES_PASSWORD']}"
        database = f"postgresql://{credentials}@127.0.0.1:{environment['EMBEDDED_POSTGRES_PORT']}/vibekanban"
        yield Product(url, port, data, database, sandbox, process)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    assert process.wait(60) == 0, "the product did not end in order"


def _ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=5).status_code == 200
    except httpx.TransportError:
        return False


def _answers(sandbox: httpx.Client) -> bool:
    try:
        return sandbox.get("/_sandbox/clock").status_code == 200
    except httpx.TransportError:
        return False
