"""What an installation has, reaches and misses, for the person who runs it."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

import httpx
import psycopg
import redis
from alembic.util import CommandError
from rich.console import Console
from rich.table import Table
from rq import Worker
from rq.cron import CronScheduler
from sqlalchemy.exc import SQLAlchemyError

from vibekanban.core import broker
from vibekanban.core.logging import scrub
from vibekanban.core.settings import Settings
from vibekanban.runtime import frontend, generated
from vibekanban.runtime.database import CHAINS

OLDEST_POSTGRES = 150000
LEAST_SPACE = 1 << 30
SILENCE = timedelta(minutes=3)  # a worker that was killed stays listed; one that lives says so every minute


class State(StrEnum):
    """How a finding is to be read; only `BROKEN` fails the command."""

    FINE = "ok"
    NOTE = "note"
    BROKEN = "broken"


@dataclass(frozen=True)
class Finding:
    """One line of the report; `text` never holds a secret."""

    subject: str
    state: State
    text: str


def examine(current: Settings, *, stopped: bool) -> list[Finding]:
    """Every finding; PostgreSQL and Redis are expected to run, the rest unless the product is `stopped`."""
    checks: list[Callable[[Settings], Iterator[Finding]]] = [
        _configuration,
        _files,
        _databases,
        _migrations,
        _timescale,
        _redis,
        lambda _current: _processes(stopped=stopped),
        _pages,
        _outside,
    ]
    return [finding for check in checks for finding in check(current)]


def report(findings: list[Finding]) -> bool:
    """Print the table; whether nothing is broken."""
    table = Table("", "what", "finding", title="Vibe Kanban", title_justify="left")
    colours = {State.FINE: "green", State.NOTE: "yellow", State.BROKEN: "red"}
    for finding in findings:
        colour = colours[finding.state]
        table.add_row(f"[{colour}]{finding.state.value}[/]", finding.subject, finding.text)
    Console().print(table)
    return all(finding.state is not State.BROKEN for finding in findings)


def _configuration(current: Settings) -> Iterator[Finding]:
    problems = current.problems()
    for problem in problems:
        yield Finding("configuration", State.BROKEN, problem)
    if not problems:
        yield Finding(
            "configuration", State.FINE, f"APP_ENV={current.app_env.value}, pages at {current.origin}"
        )


def _files(current: Settings) -> Iterator[Finding]:
    secrets = generated.secrets_file()
    if secrets.exists():
        mode = stat.S_IMODE(secrets.stat().st_mode)
        closed = not mode & 0o077
        text = f"{secrets}, mode {mode:04o}" + ("" if closed else ": others can read it, chmod 600 it")
        yield Finding("secrets", State.FINE if closed else State.BROKEN, text)
    else:
        yield Finding("secrets", State.FINE, "all from the environment")
    if current.data_dir.exists():
        free = shutil.disk_usage(current.data_dir).free
        enough = free >= LEAST_SPACE and os.access(current.data_dir, os.W_OK)
        text = f"{current.data_dir}, {free / (1 << 30):.1f} GiB free"
        yield Finding("data folder", State.FINE if enough else State.BROKEN, text)


def _databases(current: Settings) -> Iterator[Finding]:
    urls = {"PostgreSQL": current.main_database}
    if current.metrics_apart:
        urls["metrics store"] = current.metrics_database
    if current.database_replica_url:
        urls["read replica"] = current.database_replica_url
    for subject, url in urls.items():
        try:
            with _connect(url) as connection:
                number, where = (
                    connection.info.server_version,
                    f"{connection.info.host}:{connection.info.port}",
                )
        except psycopg.Error as error:
            yield Finding(subject, State.BROKEN, _sentence(error))
            continue
        old = number < OLDEST_POSTGRES
        kind = "embedded" if current.embedded_postgres and url == current.main_database else "yours"
        text = f"{number // 10000}.{number % 10000} at {where} ({kind})" + (
            ", 15 or newer is needed" if old else ""
        )
        yield Finding(subject, State.BROKEN if old else State.FINE, text)


def _connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5)


def _migrations(_current: Settings) -> Iterator[Finding]:
    for chain in CHAINS:
        subject = "migrations" if chain.section == "alembic" else "metrics migrations"
        try:
            newest = chain.is_current()
        except (SQLAlchemyError, CommandError) as error:
            yield Finding(subject, State.BROKEN, _sentence(error))
            continue
        text = "current" if newest else "behind: run `python -m vibekanban migrate`"
        yield Finding(subject, State.FINE if newest else State.BROKEN, text)


def _timescale(current: Settings) -> Iterator[Finding]:
    try:
        with _connect(current.metrics_database) as connection:
            row = connection.execute(
                "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"
            ).fetchone()
    except psycopg.Error:
        return  # said already, with its reason
    text = f"{row[0]}" if row else "absent: metrics live in native partitions"
    yield Finding("TimescaleDB", State.FINE if row else State.NOTE, text)


def _redis(current: Settings) -> Iterator[Finding]:
    client = redis.Redis.from_url(current.redis, socket_connect_timeout=5, socket_timeout=5)
    try:
        about = client.info()
    except redis.RedisError as error:
        yield Finding("Redis", State.BROKEN, _sentence(error))
        return
    finally:
        client.close()
    assert isinstance(about, dict)  # noqa: S101 - the asynchronous client shares the annotation
    name = about.get("server_name", "redis")
    version = about.get(f"{name}_version", about.get("redis_version"))
    policy = about.get("maxmemory_policy", "noeviction")
    kind = "embedded" if current.embedded_redis else "yours"
    safe = policy == "noeviction"
    text = f"{name} {version} ({kind})" + ("" if safe else f", but {policy} may drop jobs: set noeviction")
    yield Finding("Redis", State.FINE if safe else State.BROKEN, text)


def _processes(*, stopped: bool) -> Iterator[Finding]:
    """Workers and the clock; a stopped product needs none, a running one without them is broken."""
    absent = State.NOTE if stopped else State.BROKEN
    try:
        since = datetime.now(UTC) - SILENCE
        workers = sum(
            worker.last_heartbeat is not None and worker.last_heartbeat > since
            for worker in Worker.all(broker.connection())
        )
        clocks = len(CronScheduler.all(broker.connection()))
    except redis.RedisError:
        return  # said already, with its reason
    yield Finding("workers", State.FINE if workers else absent, f"{workers} running")
    text = f"{clocks} running" + (", one too many would order jobs twice" if clocks > 1 else "")
    yield Finding("scheduler", State.FINE if clocks == 1 else absent, text)


def _pages(current: Settings) -> Iterator[Finding]:
    newest = frontend.is_current(current)
    text = "built" if newest else "not built from the present sources: `python -m vibekanban build`"
    yield Finding("pages", State.FINE if newest else State.NOTE, text)


def _outside(current: Settings) -> Iterator[Finding]:
    yield _service("Meta", current.graph, current.meta_app_id and current.meta_app_secret, current)
    yield _service("mail", current.mail_api, current.sendgrid_api_key, current)
    if current.stripe_api_base:
        yield _service("Stripe", current.stripe_api_base, current.stripe_secret_key, current)
    if current.n8n_api_url or not current.is_production:
        yield _service("n8n", current.n8n_api, current.n8n_api_key, current)


def _service(subject: str, url: str, secret: str, current: Settings) -> Finding:
    sandbox = url.startswith(current.sandbox_origin)
    where = f"{url} (sandbox)" if sandbox else url
    if not secret:
        return Finding(subject, State.BROKEN, f"{where}: its id or key is missing")
    try:
        httpx.get(url, timeout=5)  # any answer, even a refusal, shows that the service is reached
    except httpx.HTTPError as error:
        if sandbox:
            return Finding(subject, State.NOTE, f"{where}: not running; `make run` starts it")
        return Finding(subject, State.BROKEN, f"{where}: {_sentence(error)}")
    return Finding(subject, State.FINE, where)


def _sentence(error: Exception) -> str:
    lines = scrub(str(error)).strip().splitlines()
    return lines[0] if lines else type(error).__name__
