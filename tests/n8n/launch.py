"""A real n8n for the contract tests: installed once into a cache, started, stopped.

`python -m tests.n8n.launch -- pytest tests/n8n` runs a command with REAL_N8N_* set to it.
Needs PyPI and the npm registry for the first start (about 2 GB and some minutes), then nothing.
"""

from __future__ import annotations

import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests import others
from tests.others import NotInstalled
from tests.ports import free_port
from vibekanban.clients.n8n import documents

VERSION = "2.41.1"
PNPM = "10"
STARTS_WITHIN = 240
ABSENT = Path(__file__).resolve().parents[2] / ".n8n-absent"  # for whoever must tell why nothing ran
OWNER = "owner@vibekanban.test"
SCOPES = (
    "workflow:create", "workflow:read", "workflow:list", "workflow:update", "workflow:delete", "workflow:activate",
    "workflow:deactivate", "execution:read", "execution:list", "execution:retry", "execution:stop",
    "credential:create", "credential:read", "credential:list", "credential:update", "credential:delete",
    "user:create", "user:read", "user:list", "user:delete",
)  # fmt: skip
QUIET = {
    "N8N_DIAGNOSTICS_ENABLED": "false",
    "N8N_VERSION_NOTIFICATIONS_ENABLED": "false",
    "N8N_TEMPLATES_ENABLED": "false",
    "N8N_PERSONALIZATION_ENABLED": "false",
    "N8N_DYNAMIC_BANNERS_ENABLED": "false",
    "N8N_LICENSE_AUTO_RENEW_ENABLED": "false",
    "N8N_PYTHON_ENABLED": "false",
    "N8N_PUBLIC_API_SWAGGERUI_DISABLED": "true",
    # calls home at start; "otel" must not be listed, without it every execution dies
    "N8N_DISABLED_MODULES": "mcp-registry",
    "N8N_LOG_LEVEL": "warn",
    "GENERIC_TIMEZONE": "UTC",
}


def cache() -> Path:
    """Where the installation is kept between runs."""
    return Path(os.environ.get("N8N_CACHE") or others.cache(f"n8n-{VERSION}"))


def installed(folder: Path) -> Path:
    """The program of n8n, installed when it is not there yet."""
    program = folder / "node_modules" / "n8n" / "bin" / "n8n"
    if not (folder / "complete").exists():
        folder.mkdir(parents=True, exist_ok=True)
        print(f"Installing n8n {VERSION} into {folder}: about 2 GB, some minutes, once.", flush=True)
        tools = folder / "pnpm"
        others.do([*others.NPM, "install", *others.QUIET, "--prefix", tools, f"pnpm@{PNPM}"], folder)
        (folder / "package.json").write_text(json.dumps({"name": "n8n-for-tests", "private": True}))
        pnpm = tools / "node_modules" / ".bin" / "pnpm"
        # its install scripts fetch binaries of databases that are not used here; PostgreSQL needs none
        others.do(
            [pnpm, "add", f"n8n@{VERSION}", "--ignore-scripts", "--store-dir", folder / "store"], folder
        )
        (folder / "complete").touch()
    return program


@contextmanager
def running(database: str) -> Iterator[dict[str, str]]:
    """n8n over this PostgreSQL database (a URL), with an owner and a key: the REAL_N8N_* variables."""
    program = installed(cache())
    port, broker, password = free_port(), free_port(), f"N8n-{secrets.token_hex(12)}"
    base = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="n8n-") as home:
        environment = (
            others.environment()
            | QUIET
            | _postgres(database)
            | {
                "N8N_USER_FOLDER": home,
                "N8N_LISTEN_ADDRESS": "127.0.0.1",
                "N8N_PORT": str(port),
                "N8N_WEBHOOK_URL": f"{base}/",
                "N8N_EDITOR_BASE_URL": base,
                "N8N_RUNNERS_BROKER_PORT": str(broker),
                "N8N_SECURE_COOKIE": "false",
                "N8N_ENCRYPTION_KEY": secrets.token_hex(24),
                "N8N_USER_MANAGEMENT_JWT_SECRET": secrets.token_hex(24),
                "NODES_INCLUDE": json.dumps(sorted(documents.ALLOWED)),
            }
        )
        with (Path(home) / "log").open("w+") as log:
            process = subprocess.Popen(
                [str(others.NODE), str(program), "start"], env=environment, stdout=log, stderr=log
            )
            try:
                _wait(f"{base}/healthz/readiness", process, log.name)
                yield {
                    "REAL_N8N_URL": f"{base}/api/v1",
                    "REAL_N8N_KEY": _key(base, password),
                    "REAL_N8N_OWNER_EMAIL": OWNER,
                    "REAL_N8N_OWNER_PASSWORD": password,
                }
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(30)


def _postgres(url: str) -> dict[str, str]:
    parts = httpx.URL(url)
    return {
        "DB_TYPE": "postgresdb",
        "DB_POSTGRESDB_HOST": parts.host,
        "DB_POSTGRESDB_PORT": str(parts.port or 5432),
        "DB_POSTGRESDB_DATABASE": parts.path.strip("/"),
        "DB_POSTGRESDB_USER": parts.username,
        "DB_POSTGRESDB_PASSWORD": parts.password,
    }


def _wait(url: str, process: subprocess.Popen[bytes], log: str) -> None:
    deadline = time.monotonic() + STARTS_WITHIN
    while True:
        try:
            if httpx.get(url, timeout=5).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotInstalled(f"n8n does not start:\n{Path(log).read_text()[-2000:]}")
        time.sleep(0.2)


def _key(base: str, password: str) -> str:
    """An API key with the scopes that the product needs; n8n gives keys to a signed-in owner only."""
    owner = {"email": OWNER, "firstName": "Vibe", "lastName": "Owner", "password": password}
    with httpx.Client(base_url=base, timeout=30) as http:
        deadline = time.monotonic() + 30
        while http.post("/rest/owner/setup", json=owner).status_code != 200:  # routes come after readiness
            if time.monotonic() > deadline:
                raise NotInstalled("n8n takes no owner")
            time.sleep(0.2)
        asked = {"label": "vibekanban", "expiresAt": None, "scopes": list(SCOPES)}
        return http.post("/rest/api-keys", json=asked).raise_for_status().json()["data"]["rawApiKey"]


def main() -> int:
    """Run the command after `--` with a real n8n; its exit status, or 3 when n8n could not be had."""
    command = sys.argv[sys.argv.index("--") + 1 :]
    return others.told("The tests against the real n8n", ABSENT, lambda: _with_n8n(command))


def _with_n8n(command: list[str]) -> int:
    from vibekanban.runtime import embedded

    postgres, redis, password = free_port(), free_port(), secrets.token_hex(12)
    with tempfile.TemporaryDirectory(prefix="n8n-data-") as data:
        Path(data).chmod(0o755)
        with (
            embedded.running(
                Path(data),
                postgres_port=postgres,
                redis_port=redis,
                postgres_password=password,
                redis_password=password,
                durable=False,
            ) as addresses,
            running(addresses.database_url) as found,
        ):
            return subprocess.run(command, env={**os.environ, **found}).returncode


if __name__ == "__main__":
    sys.exit(main())
