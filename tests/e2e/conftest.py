"""The whole product as its user starts it, a browser in front of it, and Meta (the sandbox) behind it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from vibekanban.core.settings import ROOT
from vibekanban.runtime.ports import free_port
from vibekanban.runtime.processes import wait_until

# The pages are built for an origin. Built for the one `make run` uses by default, the build in .web serves both:
# the browser is told that this name and port are the ones the product really listens on.
ORIGIN = "http://localhost:8000"
STARTS_WITHIN = 600  # seconds: the first start builds the pages
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
expect.set_options(timeout=15_000)


@dataclass(frozen=True)
class Product:
    """A running product: `url` for programs, ORIGIN for the browser."""

    url: str
    port: int
    sandbox: httpx.Client

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
    }


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    """`python -m vibekanban up`, ready; Meta's reports are quick and its clock stands still."""
    data = Path(
        tempfile.mkdtemp(prefix="vk-e2e-")
    )  # not under pytest's folder: PostgreSQL's user must reach it
    data.chmod(0o755)
    port, sandbox_port = free_port(), free_port()
    url, log = f"http://127.0.0.1:{port}", data / "up.log"
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, data, ignore_errors=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "vibekanban", "up"],
            cwd=ROOT,
            env=_environment(data, port, sandbox_port),
            stdout=stack.enter_context(log.open("wb")),
            stderr=subprocess.STDOUT,
        )
        stack.callback(_end, process)
        sandbox = stack.enter_context(httpx.Client(base_url=f"http://127.0.0.1:{sandbox_port}", timeout=30))
        if not wait_until(lambda: _ready(url) and _answers(sandbox), process, STARTS_WITHIN):
            raise RuntimeError(f"the product did not start:\n{log.read_text()[-5000:]}")
        sandbox.post("/_sandbox/clock", json={"speed": 0}).raise_for_status()
        sandbox.post("/_sandbox/reports", json={"seconds": 0}).raise_for_status()
        yield Product(url, port, sandbox)


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


@pytest.fixture(scope="package")
def chromium(product: Product) -> Iterator[Browser]:
    """Package scope, since its event loop would be in the way of other tests that run one."""
    path = shutil.which("chromium") or "/usr/bin/chromium"
    mapped = f"--host-resolver-rules=MAP localhost:8000 127.0.0.1:{product.port}"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[*FLAGS, mapped])
        yield browser
        browser.close()


@dataclass
class Visitor:
    """A person's browser: their cookies, their tabs, and everything their console complained about."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)

    def tab(self) -> Page:
        page = self.context.new_page()
        page.on("pageerror", lambda error: self._note(page, str(error)))
        page.on("console", lambda said: self._note(page, said.text) if said.type == "error" else None)
        return page

    def _note(self, page: Page, complaint: str) -> None:
        if page.url.startswith(ORIGIN):  # what the sandbox's own pages say is not ours
            self.complaints.append(f"{page.url}: {complaint}")


Visit = Callable[..., Visitor]


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Visit]:
    """Opens a browser of somebody new; afterwards no console may have complained."""
    visitors: list[Visitor] = []

    def arrive(**options: Any) -> Visitor:
        given = {"locale": "es-ES", "viewport": {"width": 1440, "height": 900}, "base_url": ORIGIN, **options}
        visitors.append(Visitor(chromium.new_context(**given)))
        return visitors[-1]

    yield arrive
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []
