"""The compiled pages: built once for a state of their sources, then only served."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from vibekanban.core.settings import ROOT, Settings
from vibekanban.runtime.environment import counters, for_product
from vibekanban.runtime.processes import Command

# What pages are made of. Doors without pages (api, mcp, workers), clients and the runtime are not in them.
SOURCES = (
    "assets",
    "reflex.lock",
    "requirements.txt",
    "rxconfig.py",
    "vibekanban/core",
    "vibekanban/domains",
    "vibekanban/locales",
    "vibekanban/ui",
    "vibekanban/vibekanban.py",
)
# The settings that pages may read while they are built. What differs from one start to the next is not among them:
# a page learns it from its state when it loads.
COMPILED_IN = (
    "origin",
    "api_origin",
    "socket_origin",
    "logrocket_app_id",
    "enable_marketplace",
    "enable_copy_strategy",
)
_NOT_SOURCES = {"__pycache__", "external"}


def fingerprint(current: Settings, root: Path = ROOT) -> str:
    """A hash over the sources of the pages and over the settings that are compiled into them."""
    digest = hashlib.sha256(f"python {sys.version_info[:2]}\n".encode())
    for name in COMPILED_IN:
        digest.update(f"{getattr(current, name)}\n".encode())
    for path in _files(root):
        digest.update(f"{path.relative_to(root)}\n".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _files(root: Path) -> Iterator[Path]:
    for name in SOURCES:
        path = root / name
        found = [path] if path.is_file() else sorted(path.rglob("*"))
        yield from (
            file for file in found if file.is_file() and not _NOT_SOURCES & set(file.relative_to(root).parts)
        )


def stamp(current: Settings, root: Path = ROOT) -> None:
    """Note what the pages that lie there were built from."""
    _stamp(root).write_text(fingerprint(current, root))


def is_current(current: Settings, root: Path = ROOT) -> bool:
    """Whether the pages that lie there were built from the present sources and settings."""
    noted, built = _stamp(root), root / ".web" / "build" / "client" / "index.html"
    return noted.exists() and built.exists() and noted.read_text() == fingerprint(current, root)


def _stamp(root: Path) -> Path:
    return root / ".web" / "build" / "sources.sha256"


def build_command(current: Settings) -> Command:
    """The process that builds the pages; it stamps them when it has succeeded."""
    argv = (sys.executable, "-m", "vibekanban", "build")
    return Command("pages", argv, env=for_product(current), patience=2)


def build(current: Settings) -> int:
    """Build the pages unless they are current; the exit code."""
    with _one_at_a_time():
        if is_current(current):
            return 0
        _stamp(ROOT).unlink(missing_ok=True)
        environment = for_product(current)
        counters(current).mkdir(parents=True, exist_ok=True)  # the pages import the metrics
        registry = _npm_registry()
        if registry:
            environment["NPM_CONFIG_REGISTRY"] = registry
        environment["REFLEX_ENV_MODE"] = "prod"
        reflex = str(Path(sys.executable).with_name("reflex"))
        made = subprocess.run(
            [reflex, "export", "--frontend-only", "--no-zip", "--env", "prod"],
            cwd=ROOT,
            env=environment,
            check=False,
        )
        if made.returncode == 0:
            stamp(current)  # now: a first build writes reflex.lock, which is among the sources
        return made.returncode


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    with (ROOT / "rxconfig.py").open() as file:  # always there, unlike anything in the folder Reflex rewrites
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _npm_registry() -> str:
    """The registry that this machine is set up for.

    Named explicitly, since Reflex otherwise probes public mirrors and writes the fastest into its own file.
    """
    named = os.environ.get("NPM_CONFIG_REGISTRY", "")
    npm = shutil.which("npm")
    if named or npm is None:
        return named
    asked = subprocess.run(
        [npm, "config", "get", "registry"], capture_output=True, text=True, timeout=30, check=False
    )
    return asked.stdout.strip().rstrip("/") if asked.returncode == 0 else ""
