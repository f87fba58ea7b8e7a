"""Probes: is the process up, can it work, what does it count, which features are on."""

from __future__ import annotations

import asyncio
import hmac
import os
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import redis.exceptions
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from psycopg import Error as DatabaseError
from psycopg_pool import PoolTimeout
from rq import Worker

from vibekanban.api.errors import responses
from vibekanban.api.wire import Wire, example
from vibekanban.core import broker, logging
from vibekanban.core.errors import Forbidden
from vibekanban.core.pools import POOLS, Pool, fetched
from vibekanban.core.settings import ROOT, settings
from vibekanban.domains.accounts import sessions

router = APIRouter(tags=["Operations"])
log = logging.logger(__name__)

PATIENCE = 3.0  # seconds for each check
WORKER_SILENCE = timedelta(minutes=3)  # a worker says something every minute or so
LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})


class Alive(Wire):
    status: str

    model_config = example({"status": "ok"})


class Ready(Wire):
    """What was checked; `missing` names what stands in the way, in the order of the checks."""

    status: str
    missing: list[str]

    model_config = example({"status": "ok", "missing": []})


class Features(Wire):
    """What this installation offers."""

    marketplace: bool
    copy_strategy: bool
    sandbox: bool

    model_config = example({"marketplace": True, "copyStrategy": True, "sandbox": True})


@router.get("/healthz")
async def healthz() -> Alive:
    """The process is up."""
    return Alive(status="ok")


@router.get("/readyz", responses={200: {"model": Ready}, 503: {"model": Ready}})
async def readyz() -> JSONResponse:
    """The process can work: database, Redis, migrations and workers are there."""
    checks: dict[str, Callable[[], Awaitable[bool]]] = {
        "postgres": _postgres,
        "redis": _redis,
        "migrations": _migrations,
        "workers": _workers,
    }
    found = await asyncio.gather(*(_passes(name, check) for name, check in checks.items()))
    missing = [name for name, passed in zip(checks, found, strict=True) if not passed]
    body = {"status": "missing" if missing else "ok", "missing": missing}
    return JSONResponse(body, status_code=503 if missing else 200)


@router.get("/metrics", responses={200: {"content": {"text/plain": {}}}, **responses(Forbidden)})
def metrics(request: Request) -> Response:
    """Prometheus metrics of all processes of this machine; for loopback, or with `METRICS_TOKEN`."""
    wanted = settings().metrics_token
    given = sessions.bearer_token(request.headers.get("authorization")) or ""
    with_token = bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())
    if not with_token and not _local(request):
        raise Forbidden()
    registry: CollectorRegistry = REGISTRY
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        registry = CollectorRegistry()
        MultiProcessCollector(registry)
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


@router.get("/api/config")
async def config() -> Features:
    """Which features are on."""
    chosen = settings()
    return Features(
        marketplace=chosen.enable_marketplace,
        copy_strategy=chosen.enable_copy_strategy,
        sandbox=chosen.uses_sandbox,
    )


def _local(request: Request) -> bool:
    """From this machine and not through a proxy on it, which would make everybody local."""
    peer = request.client.host if request.client else ""
    return peer in LOOPBACK and not {"x-forwarded-for", "forwarded"} & set(request.headers)


async def _passes(name: str, check: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await asyncio.wait_for(check(), PATIENCE)
    except (DatabaseError, PoolTimeout, redis.exceptions.RedisError, OSError, TimeoutError) as error:
        log.warning("ready.missing", check=name, reason=type(error).__name__)
        return False


async def _postgres() -> bool:
    await _versions(POOLS.main, None)
    if POOLS.metrics is not POOLS.main:
        await _versions(POOLS.metrics, None)
    return True


async def _redis() -> bool:
    return bool(await broker.async_connection().execute_command("PING"))


async def _migrations() -> bool:
    """Both chains of alembic.ini are at the newest revision of this code."""
    main = await _versions(POOLS.main, "alembic_version")
    store = await _versions(POOLS.metrics, "alembic_version_metrics")
    return main == _heads("alembic") and store == _heads("metrics")


async def _workers() -> bool:
    return await asyncio.to_thread(_a_worker_lives)


def _a_worker_lives() -> bool:
    silent = datetime.now(UTC) - WORKER_SILENCE
    return any(
        worker.last_heartbeat is not None and worker.last_heartbeat.astimezone(UTC) > silent
        for worker in Worker.all(connection=broker.connection())
    )


async def _versions(pool: Pool, table: str | None) -> frozenset[str]:
    rows = await fetched(pool, f"SELECT version_num FROM {table}" if table else "SELECT '1'")
    return frozenset(version for (version,) in rows)


@lru_cache
def _heads(section: str) -> frozenset[str]:
    """The newest revisions in the code, read once."""
    from alembic.config import (
        Config,  # here, since no other door needs them: a tenth of a second of every start
    )
    from alembic.script import ScriptDirectory

    config = Config(str(ROOT / "alembic.ini"), ini_section=section)
    for option in ("script_location", "version_locations"):
        config.set_main_option(option, str(ROOT / (config.get_main_option(option) or "")))
    return frozenset(ScriptDirectory.from_config(config).get_heads())
