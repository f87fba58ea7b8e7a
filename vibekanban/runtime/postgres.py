"""The embedded PostgreSQL: made once, started, and known to answer."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from vibekanban.runtime.postgres_user import Place
from vibekanban.runtime.processes import Command
from vibekanban.runtime.refusal import Refusal

OWNER = "vibekanban"
DATABASE = "vibekanban"
_ADMINISTRATOR = "postgres"

_TUNED = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_wal_size": "1GB",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
}
_THROW_AWAY = {
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "1h",
}


def command(place: Place, port: int, *, durable: bool = True) -> Command:
    """How the server is started; `durable=False` is for tests, whose data may be lost with the power."""
    wanted = {**_TUNED, **({} if durable else _THROW_AWAY), "port": str(port)}
    flags = [part for name, value in wanted.items() for part in ("-c", f"{name}={value}")]
    return Command(
        name="postgres",
        argv=(str(place.binaries / "postgres"), "-D", str(place.cluster), *flags),
        env=_environment(),
        home=place.cluster,
        user=place.user.pw_uid if place.user else None,
        group=place.user.pw_gid if place.user else None,
        stop_signal=signal.SIGINT,  # "fast": ends sessions and writes a checkpoint; SIGTERM waits for clients
        patience=15,
    )


def create(place: Place, password: str) -> bool:
    """Make the cluster unless it exists; whether it was made. A killed making leaves no half cluster."""
    if (place.cluster / "PG_VERSION").exists():
        return False
    fresh = place.cluster.with_name("postgres.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700, parents=True)
    with _password_file(place, password) as secret:
        place.hand_over(fresh)
        made = subprocess.run(
            [
                str(place.binaries / "initdb"),
                f"--pgdata={fresh}",
                f"--username={_ADMINISTRATOR}",
                f"--pwfile={secret}",
                "--auth=scram-sha-256",
                "--encoding=UTF8",
                "--locale-provider=builtin",
                "--builtin-locale=C.UTF-8",
                "--locale=C",
                "--no-sync",
                "--no-instructions",
            ],
            env=_environment(),
            cwd=fresh,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
            **place.identity,
        )
    if made.returncode != 0:
        raise Refusal(f"The embedded PostgreSQL could not be made in {fresh}: {made.stderr.strip()}")
    if place.cluster.exists():
        place.cluster.rmdir()
    fresh.rename(place.cluster)
    return True


@contextmanager
def _password_file(place: Place, password: str) -> Iterator[Path]:
    """initdb reads the password from a file: on the command line every user of the machine could see it."""
    handle, name = tempfile.mkstemp(prefix="vibekanban-")
    path = Path(name)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(password + "\n")
        place.hand_over(path)
        yield path
    finally:
        path.unlink()


def _environment() -> dict[str, str]:
    """The little that PostgreSQL needs; no secret of the product."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C", "TZ": "UTC"}


def ready(port: int, password: str, *, fresh: bool = False) -> bool:
    """Whether the product's own database answers; prepares it in a fresh cluster, or one left unprepared."""
    if fresh:
        return _prepared(port, password)
    try:
        _connect(port, OWNER, DATABASE, password).close()
    except psycopg.OperationalError:
        return _prepared(port, password)
    return True


def _connect(port: int, user: str, database: str, password: str) -> psycopg.Connection:
    return psycopg.connect(
        host="127.0.0.1",
        port=port,
        user=user,
        dbname=database,
        password=password,
        connect_timeout=5,
        autocommit=True,
    )


def _prepared(port: int, password: str) -> bool:
    """Make the ordinary role and the database; False while the server does not take connections yet."""
    try:
        administrator = _connect(port, _ADMINISTRATOR, "postgres", password)
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            raise Refusal(
                "The embedded PostgreSQL was made with another EMBEDDED_POSTGRES_PASSWORD than the "
                "present one: bring back the earlier secrets.env, or remove the cluster and with it its data."
            ) from error
        return False
    with administrator:
        known = administrator.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone()
        if known is None:
            role = sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}")
            administrator.execute(role.format(sql.Identifier(OWNER), sql.Literal(password)))
        known = administrator.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            made = sql.SQL("CREATE DATABASE {} OWNER {}")
            administrator.execute(made.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))
    return True
