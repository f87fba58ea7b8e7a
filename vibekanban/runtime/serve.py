"""How each process of the product is started."""

from __future__ import annotations

import sys
from pathlib import Path

from vibekanban.core.settings import Settings
from vibekanban.runtime.environment import for_product, for_serving
from vibekanban.runtime.processes import Command

GRACE = 6  # seconds in which a web worker may finish its requests


def web(current: Settings) -> Command:
    """Pages, events, API, MCP and webhooks on the one port."""
    argv = _granian("vibekanban.runtime.loading:web", current.host, current.port, current.web_processes)
    return Command("web", argv, env=for_serving(current), patience=GRACE + 2)


def api(current: Settings) -> Command:
    """API, MCP and webhooks without the pages, for scaling them apart."""
    argv = _granian("vibekanban.runtime.loading:api", current.host, current.api_port, current.web_processes)
    return Command("api", argv, env=for_product(current), patience=GRACE + 2)


def sandbox(current: Settings) -> Command:
    """The servers that play the outside services, on loopback only."""
    argv = _granian("vibekanban.runtime.loading:sandbox", "127.0.0.1", current.sandbox_port, 1)
    return Command("sandbox", argv, env=for_product(current), patience=GRACE + 2)


def worker(current: Settings, number: int = 1) -> Command:
    """One worker of the job queues."""
    return Command(f"worker.{number}", _python("worker"), env=for_product(current))


def scheduler(current: Settings) -> Command:
    """The clock that orders the recurring jobs; one in the whole installation."""
    return Command("scheduler", _python("scheduler"), env=for_product(current))


def preparation(current: Settings) -> Command:
    """Migrations and, outside production, the demo data."""
    return Command("prepare", _python("migrate", "--seed"), env=for_product(current))


def sandbox_needed(current: Settings) -> bool:
    """Whether some outside service is left on the sandbox."""
    urls = [current.graph, current.dialog, current.mail_api]
    if not current.is_production:  # there n8n may be missing, when nothing that needs it is shown
        urls.append(current.n8n_api)
    return current.uses_sandbox or any(url.startswith(current.sandbox_origin) for url in urls)


def _granian(target: str, host: str, port: int, workers: int) -> tuple[str, ...]:
    return (
        str(Path(sys.executable).with_name("granian")),
        "--interface=asgi",
        "--factory",
        f"--host={host}",
        f"--port={port}",
        f"--workers={workers}",
        "--loop=uvloop",
        "--http=1",
        "--no-access-log",
        "--log-level=warning",
        "--respawn-failed-workers",
        "--respawn-interval=0.5",
        f"--workers-kill-timeout={GRACE}",
        target,
    )


def _python(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "vibekanban", *arguments)
