"""A small installation of its own: embedded servers on free ports, in a folder of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from vibekanban.core.settings import ROOT
from vibekanban.runtime.ports import free_port
from vibekanban.runtime.processes import wait_until

IDLE = """
import sys
from vibekanban.runtime.alone import run_alone
from vibekanban.runtime.guard import readable_settings
from vibekanban.runtime.processes import Command
run_alone(readable_settings(), Command("idle", (sys.executable, "-c", "import signal; signal.pause()")))
"""


@dataclass
class Installation:
    """One process kept alive together with the embedded servers it needs."""

    data: Path
    environment: dict[str, str]
    starts: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Start it, and wait until everything runs."""
        with (self.data / "output").open("ab") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", IDLE], env=self.environment, cwd=ROOT, stdout=output, stderr=output
            )
        self.starts.append(process)
        ready = wait_until(lambda: self.runs("idle") and self.query("SELECT 1") == 1, process, 60)
        assert ready, (self.data / "output").read_text()
        return process

    def recorded(self, name: str) -> int:
        """The process id under which a part was started last."""
        path = self.data / "run" / f"{name}.json"
        return json.loads(path.read_text())["pid"] if path.exists() else 0

    def runs(self, name: str) -> bool:
        return self.recorded(name) != 0 and psutil.pid_exists(self.recorded(name))

    def query(self, statement: str) -> object:
        """The first value of a statement; None while the database does not answer."""
        password = self.environment["EMBEDDED_POSTGRES_PASSWORD"]
        port = self.environment["EMBEDDED_POSTGRES_PORT"]
        url = f"postgresql://vibekanban:{password}@127.0.0.1:{port}/vibekanban"
        try:
            with psycopg.connect(url, connect_timeout=2) as connection:
                cursor = connection.execute(statement.encode())
                row = cursor.fetchone() if cursor.description else None
                return row[0] if row else None
        except psycopg.OperationalError:
            return None

    def eventually(self, condition: Callable[[], bool]) -> bool:
        return wait_until(condition, self.starts[-1], 30)


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    for folder in (tmp_path, *tmp_path.parents):  # PostgreSQL runs as another user when the tests run as root
        if folder.stat().st_uid == os.getuid() and folder.is_relative_to(tmp_path.parents[1]):
            folder.chmod(0o755)
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
    }
    environment |= {
        "DATA_DIR": str(tmp_path),
        "EMBEDDED_POSTGRES_PORT": str(free_port()),
        "EMBEDDED_REDIS_PORT": str(free_port()),
    }
    made = Installation(tmp_path, environment)
    yield made
    for process in made.starts:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
