"""The embedded PostgreSQL and Valkey together, for the life of a block."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from vibekanban.runtime import postgres, postgres_user, valkey
from vibekanban.runtime.owner import owner, owning, records
from vibekanban.runtime.processes import Command, end, end_leftovers, spawn, wait_until
from vibekanban.runtime.refusal import Refusal


@dataclass(frozen=True)
class Server:
    """One embedded server: how to start it, and how to know that it answers."""

    command: Command
    ready: Callable[[], bool]


@dataclass(frozen=True)
class Addresses:
    """Where the servers of a block answer."""

    database_url: str
    redis_url: str


@contextmanager
def running(
    data_dir: Path,
    *,
    postgres_port: int,
    redis_port: int,
    postgres_password: str,
    redis_password: str,
    durable: bool = True,
) -> Iterator[Addresses]:
    """Both servers with their data under `data_dir`, for the life of the block.

    `durable=False` trades safety for speed, for tests. The passwords are put into URLs and must be URL-safe.
    """
    with owning(data_dir) as mine:
        if not mine:
            raise Refusal(f"{data_dir} is in use by process {owner(data_dir)}.")
        end_leftovers(records(data_dir))
        servers = [
            postgres_server(data_dir, postgres_port, postgres_password, durable=durable),
            valkey_server(data_dir, redis_port, redis_password, durable=durable),
        ]
        with serving(servers, data_dir):
            yield Addresses(
                f"postgresql+psycopg://{postgres.OWNER}:{postgres_password}@127.0.0.1:{postgres_port}"
                f"/{postgres.DATABASE}",
                f"redis://:{redis_password}@127.0.0.1:{redis_port}/0",
            )


def postgres_server(data_dir: Path, port: int, password: str, *, durable: bool = True) -> Server:
    """The embedded PostgreSQL of the data folder; makes its cluster the first time."""
    place = postgres_user.place(data_dir)
    fresh = postgres.create(place, password)
    command = postgres.command(place, port, durable=durable)
    return Server(command, lambda: postgres.ready(port, password, fresh=fresh))


def valkey_server(data_dir: Path, port: int, password: str, *, durable: bool = True) -> Server:
    """The embedded Valkey of the data folder."""
    command = valkey.command(data_dir / "valkey", port, password, durable=durable)
    return Server(command, lambda: valkey.ready(port, password))


@contextmanager
def serving(servers: list[Server], data_dir: Path) -> Iterator[None]:
    """The servers, started together and ready; their logs go to files beside the data. For the owner only."""
    with contextlib.ExitStack() as stack:
        started: list[tuple[Server, subprocess.Popen[bytes], Path]] = []
        for server in servers:
            log = data_dir / f"{server.command.name}.log"
            process = spawn(server.command, records(data_dir), output=stack.enter_context(log.open("ab")))
            stack.callback(end, server.command, process)
            started.append((server, process, log))
        for server, process, log in started:
            if not wait_until(server.ready, process, 60):
                raise Refusal(f"The embedded {server.command.name} does not start; its log is {log}.")
        yield
