"""A small installation of its own: embedded servers on free ports, in a folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.ports import free_port
from vibekanban.core.settings import ROOT
from vibekanban.runtime.processes import wait_until

IDLE = """
import sys
from vibekanban.runtime.alone import run_alone
from vibekanban.runtime.guard import readable_settings
from vibekanban.runtime.processes import Command
run_alone(readable_settings(), Command("idle", (sys.executable, "-c", "import signal; signal.pause()")))
"""


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended and that nobody has collected yet does not."""
    try:
        return pid != 0 and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


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
        ready = wait_until(lambda: self.runs("idle") and self.answers("SELECT 1", 1), process, 60)
        assert ready, (self.data / "output").read_text()
        return process

    def recorded(self, name: str) -> int:
        """The process id under which a part was started last."""
        path = self.data / "run" / f"{name}.json"
        return json.loads(path.read_text())["pid"] if path.exists() else 0

    def runs(self, name: str) -> bool:
        return alive(self.recorded(name))

    def execute(self, statement: str) -> object:
        """The first value of a statement."""
        password = self.environment["EMBEDDED_POSTGRES_PASSWORD"]
        port = self.environment["EMBEDDED_POSTGRES_PORT"]
        url = f"postgresql://vibekanban:{password}@127.0.0.1:{port}/vibekanban"
        with psycopg.connect(url, connect_timeout=10) as connection:
            cursor = connection.execute(statement.encode())
            row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None

    def answers(self, statement: str, value: object) -> bool:
        """Whether the statement gives the value; False while the database does not answer."""
        try:
            return self.execute(statement) == value
        except psycopg.OperationalError:
            return False

    def eventually(self, condition: Callable[[], bool]) -> bool:
        return wait_until(condition, self.starts[-1], 30)


@pytest.fixture
def installation() -> Iterator[Installation]:
    # not under pytest's own folder, which every run of pytest closes to the user PostgreSQL runs as
    data = Path(tempfile.mkdtemp(prefix="vk-runtime-"))
    data.chmod(0o755)
    environment = {
        name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}
    }
    environment |= {
        "DATA_DIR": str(data),
        "EMBEDDED_POSTGRES_PORT": str(free_port()),
        "EMBEDDED_REDIS_PORT": str(free_port()),
    }
    made = Installation(data, environment)
    yield made
    for process in made.starts:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
    shutil.rmtree(data)
