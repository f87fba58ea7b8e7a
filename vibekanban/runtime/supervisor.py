"""Keeps a set of processes alive, mixes their output, and stops them in order."""

from __future__ import annotations

import contextlib
import datetime
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import IO, Self

from honcho.colour import get_colours
from honcho.printer import Message, Printer

from vibekanban.runtime.processes import Command, end, spawn, sweep, wait_until
from vibekanban.runtime.refusal import Refusal

PAUSE = 0.1
LONGEST_PAUSE = 30.0
STEADY = 60.0
_END_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass
class Kept:
    """One process that is started again whenever it ends."""

    command: Command
    process: subprocess.Popen[bytes]
    colour: str
    foundation: bool
    born: float = field(default_factory=time.monotonic)
    failures: int = 0
    due: float | None = None


class Supervisor:
    """The parent of every process of a start; leaving the block ends them all.

    honcho prints; its own manager is not used, since it stops everything as soon as one process ends.
    """

    def __init__(self, records: Path) -> None:
        self._records = records
        self._printer = Printer(sys.stdout)
        self._colours: Iterator[str] = get_colours()
        self._lock = threading.Lock()
        self._kept: list[Kept] = []
        self._asked = False
        self._hurry = False

    def __enter__(self) -> Self:
        for number in _END_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:  # nohup
                signal.signal(number, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, command: Command, *, foundation: bool = False) -> Kept:
        """Start a process to be kept. A foundation (a database) is stopped after everything else."""
        colour = next(self._colours)
        kept = Kept(command, self._spawn(command, colour), colour, foundation)
        self._kept.append(kept)
        return kept

    def wait_for(self, kept: Kept, ready: Callable[[], bool]) -> None:
        """Wait until a process that was started can be used."""
        if not wait_until(lambda: self._go_on() and ready(), kept.process, 60):
            raise Refusal(f"{kept.command.name} does not start; its last words are above.")

    def run(self, *commands: Command) -> None:
        """Run commands side by side to their ends; refuses to go on when one fails."""
        running = [(command, self._spawn(command, next(self._colours))) for command in commands]
        try:
            for command, process in running:
                while process.poll() is None:
                    self.check()
                    time.sleep(0.05)
                if process.returncode != 0:
                    raise Refusal(f"{command.name} failed; its last words are above.")
        finally:
            for command, process in running:
                end(command, process)

    def loop(self, tick: Callable[[], None]) -> None:
        """Keep everything alive until a signal; `tick` is called about ten times a second."""
        while True:
            self.check()
            tick()
            time.sleep(PAUSE)

    def check(self) -> None:
        """Start again, after a growing pause, whatever has ended."""
        self._go_on()
        now = time.monotonic()
        for kept in self._kept:
            if kept.due is not None:
                if now >= kept.due:
                    kept.due, kept.born = None, now
                    kept.process = self._spawn(kept.command, kept.colour)
            elif kept.process.poll() is not None:
                sweep(kept.command, kept.process.pid)
                kept.failures = 0 if now - kept.born > STEADY else kept.failures + 1
                pause = min(LONGEST_PAUSE, 0.5 * 2 ** max(0, kept.failures - 1))
                kept.due = now + pause
                self.say(
                    f"{kept.command.name} ended with {kept.process.returncode}; "
                    f"starting it again in {pause:g} s"
                )

    def say(self, text: str) -> None:
        """A line of the supervisor itself."""
        self._print("system", text, None)

    def close(self) -> None:
        """Stop the servers, then what they stand on; a second signal stops the patience."""
        for number in _END_SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._give_up)
        for foundation in (False, True):
            group = [kept for kept in self._kept if kept.foundation is foundation and kept.due is None]
            for kept in group:
                with contextlib.suppress(ProcessLookupError):
                    kept.process.send_signal(kept.command.stop_signal)
            self._wait(group)
            for kept in group:
                end(kept.command, kept.process, patience=0)
        self._kept.clear()

    def _wait(self, group: list[Kept]) -> None:
        start = time.monotonic()
        while not self._hurry:
            waiting = [
                kept
                for kept in group
                if kept.process.poll() is None and time.monotonic() - start < kept.command.patience
            ]
            if not waiting:
                return
            time.sleep(0.05)

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
        raise KeyboardInterrupt

    def _go_on(self) -> bool:
        """Interrupt again when asked to stop: Python drops an exception that hits it in a finaliser."""
        if self._asked:
            raise KeyboardInterrupt
        return True

    def _give_up(self, _number: int, _frame: FrameType | None) -> None:
        self._hurry = True

    def _spawn(self, command: Command, colour: str) -> subprocess.Popen[bytes]:
        self._printer.width = max(self._printer.width, len(command.name))
        process = spawn(command, self._records)
        if process.stdout is not None:
            relay = threading.Thread(
                target=self._relay, args=(command.name, process.stdout, colour), daemon=True
            )
            relay.start()
        return process

    def _relay(self, name: str, output: IO[bytes], colour: str) -> None:
        for line in output:
            self._print(name, line.decode("utf-8", "replace"), colour)

    def _print(self, name: str, text: str, colour: str | None) -> None:
        message = Message(
            type="line", data=text, time=datetime.datetime.now().astimezone(), name=name, colour=colour
        )
        # the terminal may be gone; the pipe must be emptied all the same, or the child would block on it
        with self._lock, contextlib.suppress(OSError):
            self._printer.write(message)
