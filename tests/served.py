"""The API and MCP served as in production, by their own process on a free port, for other people's programs to call."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import Sandbox
from tests.mcp.conftest import Database, Server
from tests.ports import free_port
from vibekanban.core.settings import settings
from vibekanban.runtime import serve
from vibekanban.runtime.processes import wait_until

STARTS_WITHIN = 60
CALLS_A_MINUTE = "100000"  # a loop of a test must not meet the allowance of people


@pytest.fixture(scope="session")
def served(sandbox_process: Sandbox, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The process; it uses this test process's databases, and the sandbox as Meta."""
    assert sandbox_process.url == settings().sandbox_origin
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = serve.api(settings().model_copy(update={"api_port": port, "host": "127.0.0.1"}))
    environment = {
        **(command.env or {}),
        "FRONTEND_URL": url,
        "NEXT_PUBLIC_API_URL": url,
        "MCP_RATE_LIMIT_PER_MINUTE": CALLS_A_MINUTE,
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path_factory.mktemp("counters")),
    }
    log = Path(tmp_path_factory.mktemp("served")) / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(command.argv, env=environment, stdout=output, stderr=subprocess.STDOUT)
    try:
        assert wait_until(lambda: _answers(url), process, STARTS_WITHIN), log.read_text()
        yield Server(url)
    finally:
        process.terminate()
        process.wait(30)


@pytest.fixture
def server(served: Server, database: Database) -> Server:
    return served


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False
