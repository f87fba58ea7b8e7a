"""One command or one process by itself, with the embedded servers for its own life where nobody runs them."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from vibekanban.core.settings import ROOT, Environment, Settings
from vibekanban.runtime import embedded, ports
from vibekanban.runtime.environment import counters
from vibekanban.runtime.owner import owning, records
from vibekanban.runtime.processes import Command, end_leftovers
from vibekanban.runtime.supervisor import Supervisor


def servers(current: Settings) -> list[embedded.Server]:
    """The embedded servers that these settings ask for, their ports claimed."""
    found = []
    if current.embedded_postgres:
        ports.claim(current.embedded_postgres_port, "EMBEDDED_POSTGRES_PORT", "the embedded PostgreSQL")
        found.append(
            embedded.postgres_server(
                current.data_dir, current.embedded_postgres_port, current.embedded_postgres_password
            )
        )
    if current.embedded_redis:
        ports.claim(current.embedded_redis_port, "EMBEDDED_REDIS_PORT", "the embedded Valkey")
        found.append(
            embedded.valkey_server(
                current.data_dir, current.embedded_redis_port, current.embedded_redis_password
            )
        )
    return found


@contextmanager
def with_servers(current: Settings) -> Iterator[bool]:
    """A block in which PostgreSQL and Redis answer; whether embedded ones had to be started for it."""
    if not _embeds(current):
        yield False
        return
    with owning(current.data_dir) as mine:
        if not mine:
            yield False
            return
        end_leftovers(records(current.data_dir))
        with _terminable(), embedded.serving(servers(current), current.data_dir):
            yield True


def _embeds(current: Settings) -> bool:
    """Whether something embedded is asked for; production never gets it, whatever is missing."""
    production = current.app_env is Environment.PRODUCTION
    return not production and (current.embedded_postgres or current.embedded_redis)


@contextmanager
def _terminable() -> Iterator[None]:
    """Make SIGTERM unwind the block, so that what it started is stopped."""

    def leave(_number: int, _frame: FrameType | None) -> None:
        sys.exit(143)

    before = signal.signal(signal.SIGTERM, leave)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def run_alone(current: Settings, command: Command) -> None:
    """Become the process; or, where embedded servers must be started for it, keep both alive."""
    counters(current).mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        if _embeds(current) and stack.enter_context(owning(current.data_dir)):
            end_leftovers(records(current.data_dir))
            keep(current, lambda _supervisor: [command])
            return
    os.chdir(ROOT)
    os.execve(command.argv[0], command.argv, dict(command.env or os.environ))  # noqa: S606


def keep(
    current: Settings,
    commands: Callable[[Supervisor], list[Command]],
    tick: Callable[[Supervisor], None] = lambda _supervisor: None,
    beside: Sequence[Command] = (),
) -> None:
    """Embedded servers first, then the commands, all kept alive until a signal. For the owner only.

    What is started `beside` the servers must be able to wait for them.
    """
    with Supervisor(records(current.data_dir)) as supervisor, contextlib.suppress(KeyboardInterrupt):
        embedded_ones = servers(current)
        for command in beside:
            supervisor.start(command)
        started = [(supervisor.start(one.command, foundation=True), one.ready) for one in embedded_ones]
        for kept, ready in started:
            supervisor.wait_for(kept, ready)
        for command in commands(supervisor):
            supervisor.start(command)
        supervisor.loop(lambda: tick(supervisor))
