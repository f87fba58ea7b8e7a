"""One PostgreSQL and one Valkey for the whole run; a database of its own for every test process."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest
from fastapi.testclient import TestClient
from psycopg import sql
from sqlmodel import Session

from tests.ports import free_port

ROOT = Path(__file__).resolve().parents[1]
# what is held against real programs of others is run by `make test-interop`, which installs them
collect_ignore = [] if os.environ.get("INTEROP_PROGRAMS") else ["interop"]
collect_ignore += [] if os.environ.get("WHOLE_DAY") else ["day"]  # `make test-day`
SERVERS = ExitStack()


def pytest_configure(config: pytest.Config) -> None:
    """Start the servers once, before any module of the product reads its settings."""
    if hasattr(config, "workerinput"):
        _adopt_database(config.workerinput["workerid"])  # pyright: ignore[reportAttributeAccessIssue]
        return
    for name in set(os.environ) - {"TIMESCALEDB_TEST_URL"}:
        if name.endswith(("_URL", "_SECRET", "_KEY")) and name.startswith(
            ("DATABASE", "TIMESCALE", "REDIS", "META", "STRIPE", "N8N", "SENDGRID", "JWT", "ENCRYPTION")
        ):
            del os.environ[name]
    data = Path(tempfile.mkdtemp(prefix="vk-tests-"))
    data.chmod(0o755)
    SERVERS.callback(shutil.rmtree, data, ignore_errors=True)
    postgres, redis, password = free_port(), free_port(), secrets.token_hex(12)
    os.environ.update(
        APP_ENV="development",
        DATA_DIR=str(data),
        EMBEDDED_POSTGRES_PORT=str(postgres),
        EMBEDDED_REDIS_PORT=str(redis),
        EMBEDDED_POSTGRES_PASSWORD=password,
        EMBEDDED_REDIS_PASSWORD=password,
        JWT_SECRET=secrets.token_hex(32),
        ENCRYPTION_KEY=secrets.token_hex(32),
        META_APP_ID="1234567890",
        META_APP_SECRET=secrets.token_hex(16),
        SENDGRID_API_KEY="SG." + secrets.token_urlsafe(16),
        N8N_API_KEY=secrets.token_urlsafe(16),
        N8N_OWNER_PASSWORD=secrets.token_urlsafe(16),
        SANDBOX_PORT=str(free_port()),
        RATE_LIMIT_REQUESTS="100000",
        SIGN_IN_LIMIT_REQUESTS="100000",
        LOG_LEVEL="WARNING",
    )
    from vibekanban.runtime import embedded

    SERVERS.enter_context(
        embedded.running(
            data,
            postgres_port=postgres,
            redis_port=redis,
            postgres_password=password,
            redis_password=password,
            durable=False,
        )
    )
    _migrate()
    os.environ["TEST_TEMPLATE_URL"] = f"postgresql://vibekanban:{password}@127.0.0.1:{postgres}/"
    os.environ["TEST_REDIS_URL"] = f"redis://:{password}@127.0.0.1:{redis}/"
    _adopt_database("main")


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        SERVERS.close()


def _migrate() -> None:
    for section in ("alembic", "metrics"):
        subprocess.run(
            [sys.executable, "-m", "alembic", "-n", section, "upgrade", "head"],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
        )


def _adopt_database(worker: str) -> None:
    """Copy the migrated database, so that test processes cannot meet."""
    from vibekanban.core import settings

    server, redis = os.environ["TEST_TEMPLATE_URL"], os.environ["TEST_REDIS_URL"]
    name = f"vk_{worker}"
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")  # a template may be copied by one at a time
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE vibekanban").format(sql.Identifier(name)))
    os.environ["DATABASE_URL"] = server + name
    number = 0 if worker == "main" else int(worker.removeprefix("gw")) + 1
    os.environ["REDIS_URL"] = f"{redis}{number}"
    settings.settings.cache_clear()


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch, redis: object) -> Iterator[Session]:
    """A transaction that is undone; `db.transaction()` joins it, jobs and events go out as usual."""
    from vibekanban.core import db, events, queue

    with db.engine().connect() as connection:
        outer = connection.begin()
        bound = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)

        @contextmanager
        def joined() -> Iterator[Session]:
            with bound.begin_nested():
                yield bound
            queue.release(bound)
            events.release(bound)

        monkeypatch.setattr(db, "transaction", joined)
        yield bound
        bound.close()
        outer.rollback()


@pytest.fixture
def redis() -> Iterator[object]:
    """This process's Redis database, empty."""
    from vibekanban.core import broker

    broker.connection().flushdb()
    yield broker.connection()
    broker.connection().flushdb()


@pytest.fixture
def database(redis: object) -> Iterator[Callable[[], AbstractContextManager[Session]]]:
    """Real commits, for what several connections must see; every table is emptied afterwards."""
    from vibekanban.core import db

    yield db.transaction
    empty_tables()


def empty_tables() -> None:
    from vibekanban.core import db

    with db.engine().begin() as connection:
        names = connection.exec_driver_sql(
            "SELECT string_agg(format('%%I.%%I', schemaname, tablename), ', ') FROM pg_tables"
            " WHERE schemaname = 'public' AND tablename NOT LIKE 'alembic%%'"
        ).scalar()
        connection.exec_driver_sql(f"TRUNCATE {names} CASCADE")


@pytest.fixture
def client(database: object) -> Iterator[TestClient]:
    """The API over real commits."""
    from vibekanban.api.app import standalone

    with TestClient(standalone(), base_url="http://localhost:8000") as test_client:
        yield test_client


@dataclass(frozen=True)
class Sandbox:
    """A running sandbox of Meta, the mail service and n8n."""

    url: str
    admin: httpx.Client
    n8n_key: str
    n8n_owner: tuple[str, str]  # address and password


@pytest.fixture(scope="session")
def sandbox_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    from vibekanban.core import settings

    port = free_port()
    os.environ["SANDBOX_PORT"] = str(port)
    settings.settings.cache_clear()
    environment = {**os.environ, "DATA_DIR": str(tmp_path_factory.mktemp("sandbox"))}
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "uvicorn",
            "vibekanban.sandbox.app:app",
            "--factory",
            "--port",
            str(port),
            "--log-level",
            "warning",
        ],
        cwd=ROOT,
        env=environment,
    )
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 30
    with httpx.Client(base_url=url, timeout=10) as admin:
        while True:
            try:
                admin.get("/_sandbox/clock")
                break
            except httpx.TransportError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        chosen = settings.settings()
        owner = (chosen.n8n_owner, chosen.n8n_owner_password)
        yield Sandbox(url, admin, chosen.n8n_api_key, owner)
    process.terminate()
    process.wait(10)


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The sandbox as new."""
    sandbox_process.admin.post("/_sandbox/reset").raise_for_status()
    return sandbox_process
