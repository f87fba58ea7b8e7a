"""A TimescaleDB for tests: PostgreSQL and the extension as WebAssembly, installed once, started on a free port.

`TIMESCALEDB_TEST_URL` names a real server instead; every test process gets a database of its own there.
"""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from tests import others
from tests.others import NotInstalled
from vibekanban.core.settings import ROOT

HERE = Path(__file__).parent
REAL_SERVER = "TIMESCALEDB_TEST_URL"


def installed() -> Path | None:
    """The folder of the server, whose one package is kept between runs; None where a real one is named; NotInstalled."""
    return None if REAL_SERVER in os.environ else others.packages("timescale", HERE)


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
    folder = others.packages("timescale", HERE)
    with subprocess.Popen(
        [others.NODE, "server.mjs"], cwd=folder, stdout=subprocess.PIPE, text=True
    ) as process:
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
