"""Child processes: started so that none outlives its parent, recorded so that none is lost, ended whole."""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

from vibekanban.core.settings import ROOT

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Command:
    """How one process is started and stopped.

    `home` is a folder in which only this program runs; it identifies children that leave the session, as
    PostgreSQL's back ends do. `user` and `group` are other ones to run as. `patience` is the time in
    seconds between the polite signal and SIGKILL.
    """

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str] | None = None
    home: Path | None = None
    user: int | None = None
    group: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 8

    @property
    def program(self) -> str:
        return Path(self.argv[0]).name


def spawn(
    command: Command, records: Path | None = None, *, output: int | IO[bytes] = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    """Start in a session of its own, with both outputs on one pipe or file, and record who it is.

    Its own session keeps the terminal's Ctrl-C away, so that the parent decides the order of the end.
    Call it from the main thread: Linux ends the child with the thread that started it.
    """
    process = subprocess.Popen(
        command.argv,
        env=None if command.env is None else dict(command.env),
        cwd=command.home or ROOT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_dies_with_parent(command.stop_signal),
        user=command.user,
        group=command.group,
        extra_groups=None if command.user is None else [],
    )
    if records is not None:
        _record(command, process.pid, records)
    return process


def _dies_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    if _LIBC is None:
        return None
    prctl, parent = _LIBC.prctl, os.getpid()

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # the parent died before the wish was known
            os._exit(1)

    return ask


def _record(command: Command, pid: int, records: Path) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        known = {
            "pid": pid,
            "created": psutil.Process(pid).create_time(),
            "signal": int(command.stop_signal),
            "home": str(command.home) if command.home else "",
            "program": command.program,
        }
        path = records / f"{command.name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".new").write_text(json.dumps(known))
        path.with_suffix(".new").replace(path)


def members(session: int, home: str, program: str) -> list[psutil.Process]:
    """Every living process of the session, and every one of the program that works in `home`."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            mine = os.getsid(process.pid) == session
            if not mine and home and process.name() == program:
                mine = process.cwd() == home
            if mine and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end(command: Command, process: subprocess.Popen[bytes], *, patience: float | None = None) -> None:
    """Ask the process to stop, wait, then kill it and whatever it has left behind."""
    if process.poll() is None:
        process.send_signal(command.stop_signal)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(command.patience if patience is None else patience)
    sweep(command, process.pid)
    process.wait()


def sweep(command: Command, session: int) -> None:
    """Kill what is left of a process's session, so that no orphan keeps its port or its files."""
    left = members(session, str(command.home or ""), command.program)
    for process in left:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(left, timeout=3)


def end_leftovers(records: Path, *, patience: float = 5) -> list[str]:
    """End the children of an earlier start that was killed; the names of those that were still there."""
    found: dict[str, list[psutil.Process]] = {}
    for path in sorted(records.glob("*.json")):
        try:
            known = json.loads(path.read_text())
        except ValueError:  # the machine went down while it was written
            path.unlink()
            continue
        alive = _still_ours(known)
        if alive:
            found[path.stem] = alive
        for process in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(known["signal"])
        path.unlink(missing_ok=True)
    everyone = [process for group in found.values() for process in group]
    _gone, stubborn = psutil.wait_procs(everyone, timeout=patience)
    for process in stubborn:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(stubborn, timeout=3)
    return list(found)


def _still_ours(known: dict[str, float | int | str]) -> list[psutil.Process]:
    """The living processes of a record; a process id that another program got since is not ours."""
    pid, created = int(known["pid"]), float(known["created"])
    with contextlib.suppress(psutil.NoSuchProcess):
        if abs(psutil.Process(pid).create_time() - created) > 1:
            return []
    found = members(pid, str(known["home"]), str(known["program"]))
    return [process for process in found if process.create_time() >= created - 1]


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether `ready` came true before the time was over or the process ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return True
        time.sleep(0.02)
    return False
