"""A server under test: throw-away PostgreSQL and Valkey (or those of the environment), seeded, and two workers."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[2]
WORKERS = 2


@dataclass(frozen=True)
class Stack:
    """Where the API answers, one JSON line of tokens a person, and the settings it runs with."""

    base_url: str
    tokens: str
    environment: dict[str, str]


@contextmanager
def stack() -> Iterator[Stack]:
    """The server that `serve` wrote into BENCH_STACK, else one of its own for the life of the block."""
    named = os.environ.get("BENCH_STACK")
    if named:
        found = Stack(**json.loads(Path(named).read_text(encoding="utf-8")))
        os.environ.update(found.environment)
        yield found
        return
    with ExitStack() as exits:
        folder = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="vk-bench-")))
        folder.chmod(0o755)
        environment = exits.enter_context(_databases(folder))
        _migrate()
        from tests.bench.seed import seed

        tokens = folder / "tokens.jsonl"
        seed(tokens)
        yield exits.enter_context(_served(folder, tokens, environment))


@contextmanager
def _databases(folder: Path) -> Iterator[dict[str, str]]:
    """Settings of the run; an own DATABASE_URL must be empty, and brings its REDIS_URL."""
    environment = {
        "APP_ENV": "development",
        "DATA_DIR": str(folder),
        "JWT_SECRET": secrets.token_hex(32),
        "ENCRYPTION_KEY": secrets.token_hex(32),
        "RATE_LIMIT_REQUESTS": "1000000000",
        "MCP_RATE_LIMIT_PER_MINUTE": "1000000000",
        "LOG_LEVEL": "WARNING",
        "PROMETHEUS_MULTIPROC_DIR": str(folder / "counters"),
    }
    (folder / "counters").mkdir()
    with ExitStack() as exits:
        if "DATABASE_URL" in os.environ:
            environment |= {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
        else:
            from vibekanban.runtime import embedded

            password = secrets.token_hex(12)
            at = exits.enter_context(
                embedded.running(
                    folder,
                    postgres_port=free_port(),
                    redis_port=free_port(),
                    postgres_password=password,
                    redis_password=password,
                )
            )
            environment |= {"DATABASE_URL": at.database_url, "REDIS_URL": at.redis_url}
        os.environ.update(environment)
        yield environment


def _migrate() -> None:
    for section in ("alembic", "metrics"):
        command = [sys.executable, "-m", "alembic", "-n", section, "upgrade", "head"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def _served(folder: Path, tokens: Path, environment: dict[str, str]) -> Iterator[Stack]:
    port = free_port()
    command = [
        sys.executable, "-m", "uvicorn", "vibekanban.runtime.loading:api", "--factory", "--port", str(port),
        "--workers", str(WORKERS), "--loop", "uvloop", "--http", "httptools", "--no-access-log",
        "--no-proxy-headers", "--log-level", "warning",
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        url = f"http://127.0.0.1:{port}"
        awaited(url, process)
        found = Stack(url, str(tokens), environment)
        (folder / "stack.json").write_text(json.dumps(asdict(found)), encoding="utf-8")
        yield found
    finally:
        process.terminate()
        process.wait(30)


def awaited(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until the server of this process answers."""
    deadline = time.monotonic() + 60
    while True:
        try:
            httpx.get(f"{url}/healthz", timeout=5).raise_for_status()
            return
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.1)
