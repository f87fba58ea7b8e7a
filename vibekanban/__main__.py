"""The command line: `python -m vibekanban COMMAND`; each command is a few lines over `vibekanban.runtime`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from vibekanban.runtime.guard import checked_settings, readable_settings
from vibekanban.runtime.refusal import Refusal

cli = typer.Typer(
    help="Vibe Kanban.", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
)


@cli.command()
def up() -> None:
    """Start everything: databases, pages, API, workers, scheduler and sandbox."""
    from vibekanban.runtime.up import up as start

    start(checked_settings())


@cli.command()
def web() -> None:
    """Start the web process: pages, events, API, MCP, webhooks."""
    from vibekanban.runtime import frontend, ports, serve
    from vibekanban.runtime.alone import run_alone

    current = checked_settings()
    ports.claim(current.port, "PORT", "the web process", current.host)
    if not frontend.is_current(current) and frontend.build(current) != 0:
        raise Refusal("The pages could not be built; the reason is above.")
    run_alone(current, serve.web(current))


@cli.command()
def api() -> None:
    """Start the API-only process: API, MCP, webhooks."""
    from vibekanban.runtime import ports, serve
    from vibekanban.runtime.alone import run_alone

    current = checked_settings()
    ports.claim(current.api_port, "API_PORT", "the API process", current.host)
    run_alone(current, serve.api(current))


@cli.command()
def worker() -> None:
    """Start one worker of the job queues."""
    from vibekanban.runtime import environment, loading
    from vibekanban.runtime.alone import with_servers

    current = checked_settings()
    environment.adopt(current)
    with with_servers(current):
        with loading.to_stay():
            from workers.main import run

        run()


@cli.command()
def scheduler() -> None:
    """Start the clock that orders the recurring jobs; run exactly one."""
    from vibekanban.runtime import environment
    from vibekanban.runtime.alone import with_servers

    current = checked_settings()
    environment.adopt(current)
    with with_servers(current):
        from vibekanban.runtime.clock import run

        run()


@cli.command()
def sandbox() -> None:
    """Start the servers that play the outside services."""
    from vibekanban.runtime import ports, serve
    from vibekanban.runtime.alone import run_alone

    current = checked_settings()
    ports.claim(current.sandbox_port, "SANDBOX_PORT", "the sandbox of outside services")
    run_alone(current, serve.sandbox(current))


@cli.command()
def build() -> None:
    """Build the pages, unless they are current."""
    from vibekanban.runtime import frontend

    raise typer.Exit(frontend.build(checked_settings()))


@cli.command()
def migrate(
    with_demo: Annotated[
        bool, typer.Option("--seed", help="Also create the demo data, outside production.")
    ] = False,
) -> None:
    """Bring the databases to the newest migration."""
    from vibekanban.runtime import administration, database, prepared
    from vibekanban.runtime.alone import with_servers

    current = checked_settings()
    with with_servers(current):
        database.migrate()
        if with_demo and current.has_demo:
            administration.seed(current)
        prepared.remember(current)


@cli.command()
def seed() -> None:
    """Create the demo users and their data (development only)."""
    from vibekanban.runtime import administration
    from vibekanban.runtime.alone import with_servers

    current = checked_settings()
    with with_servers(current):
        administration.seed(current)


@cli.command()
def create_admin(
    email: Annotated[str, typer.Option(prompt="E-mail")],
    name: Annotated[str, typer.Option(prompt="Name")],
) -> None:
    """Create an administrator, or promote somebody; the password is asked for or read from standard input."""
    from vibekanban.runtime import administration
    from vibekanban.runtime.alone import with_servers

    with with_servers(checked_settings()):
        administration.create_admin(email, name)


@cli.command()
def rotate_keys() -> None:
    """Seal every stored secret again with the present ENCRYPTION_KEY; ENCRYPTION_KEYS_OLD opens them."""
    from vibekanban.runtime import keys
    from vibekanban.runtime.alone import with_servers

    with with_servers(checked_settings()):
        keys.rotate_keys()


@cli.command()
def doctor() -> None:
    """Say what is configured, reachable and missing; fails when something is broken."""
    from vibekanban.runtime import doctor as physician
    from vibekanban.runtime.alone import with_servers

    current = readable_settings()
    with with_servers(current) as stopped:
        healthy = physician.report(physician.examine(current, stopped=stopped))
    raise typer.Exit(0 if healthy else 1)


def main() -> None:
    try:
        cli()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        sys.exit(refusal.code)
    except KeyboardInterrupt:  # before there was anything to stop
        sys.exit(130)


if __name__ == "__main__":
    main()
