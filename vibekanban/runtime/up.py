"""The whole product with one command."""

from __future__ import annotations

import http.client
import shutil
import time
from dataclasses import dataclass, field
from http import HTTPStatus

import psutil

from vibekanban.core.settings import Settings
from vibekanban.runtime import frontend, ports, prepared, serve
from vibekanban.runtime.alone import keep
from vibekanban.runtime.environment import counters
from vibekanban.runtime.owner import owner, owning, records
from vibekanban.runtime.postgres_user import place
from vibekanban.runtime.processes import Command, end_leftovers
from vibekanban.runtime.refusal import Refusal
from vibekanban.runtime.supervisor import Supervisor

IMPATIENT = 60.0
LONGEST_WAIT = 20.0


def up(current: Settings) -> None:
    """Start everything, keep it alive until a signal, stop it in order."""
    with owning(current.data_dir) as mine:
        if not mine:
            raise Refusal(
                f"Vibe Kanban already runs here, as process {owner(current.data_dir)}, at {current.origin}."
            )
        ended = end_leftovers(records(current.data_dir))
        if ended:
            print(f"Ended what a killed start had left behind: {', '.join(ended)}.")
        if current.embedded_postgres and (chosen := place(current.data_dir)).moved:
            print(
                f"PostgreSQL's data is in {chosen.cluster}: the user it runs as could not enter "
                f"{current.data_dir} when it was made."
            )
        ports.claim(current.port, "PORT", "the web process", current.host)
        if serve.sandbox_needed(current):
            ports.claim(current.sandbox_port, "SANDBOX_PORT", "the sandbox of outside services")
        shutil.rmtree(counters(current), ignore_errors=True)  # those of processes that are gone
        counters(current).mkdir()
        first = _first_wave(current)
        keep(
            current,
            lambda supervisor: _processes(current, supervisor, started=first),
            Greeting(current, _second_wave(current)).tick,
            beside=first,
        )


def _first_wave(current: Settings) -> list[Command]:
    """The web process, when nothing has to be made for it: it loads for longer than the databases do."""
    return [serve.web(current)] if prepared.was_prepared(current) and frontend.is_current(current) else []


def _processes(current: Settings, supervisor: Supervisor, *, started: list[Command]) -> list[Command]:
    """Prepare the database and the pages side by side; what the first page needs afterwards."""
    preparations = [] if prepared.is_prepared(current) else [serve.preparation(current)]
    if not started and not frontend.is_current(current):
        supervisor.say("Building the pages; this happens once, and again when their sources change.")
        preparations.append(frontend.build_command(current))
    supervisor.run(*preparations)
    commands = [*([] if started else [serve.web(current)]), serve.worker(current, 1)]
    if serve.sandbox_needed(current):
        commands.append(serve.sandbox(current))
    return commands


def _second_wave(current: Settings) -> list[Command]:
    """What the first page can do without; on two cores it would only be in the way."""
    more = range(2, current.worker_processes + 1)
    return [serve.scheduler(current), *(serve.worker(current, number) for number in more)]


@dataclass
class Greeting:
    """Says where to click, once the product answers; then starts what has `waited` for that."""

    current: Settings
    waited: list[Command]
    started: float = field(default_factory=lambda: psutil.Process().create_time())
    done: bool = False
    complained: bool = False

    def tick(self, supervisor: Supervisor) -> None:
        if self.done or time.time() - self.started > LONGEST_WAIT:
            while self.waited:
                supervisor.start(self.waited.pop(0))
        if self.done:
            return
        missing = self._missing()
        if missing is None:
            self.done = True
            for line in self._lines():
                supervisor.say(line)
        elif not self.complained and time.time() - self.started > IMPATIENT:
            self.complained = True
            supervisor.say(f"Not ready yet: {missing}")

    def _missing(self) -> str | None:
        """What /readyz misses; None when all is there."""
        host = "127.0.0.1" if self.current.host in {"0.0.0.0", "::", ""} else self.current.host  # noqa: S104
        connection = http.client.HTTPConnection(host, self.current.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            said = answer.read(300).decode("utf-8", "replace")
        except (OSError, http.client.HTTPException) as error:
            return f"the web process does not answer ({type(error).__name__})"
        finally:
            connection.close()
        return None if answer.status == HTTPStatus.OK else f"/readyz says {answer.status} {said}"

    def _lines(self) -> list[str]:
        lines = [
            "",
            f"Vibe Kanban is ready after {time.time() - self.started:.1f} s:  {self.current.origin}",
        ]
        if self.current.has_demo:
            from vibekanban.domains.accounts import demo  # here, since models would slow the start down

            people = [f"  {one.email:<26}  {one.password:<20}  {one.finds}" for one in demo.PEOPLE]
            lines += ["Sign in with one of:", *people]
        return [*lines, "Ctrl-C stops everything.", ""]
