"""Who runs the processes of a data folder: one owner at a time, by a lock that dies with it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def records(data_dir: Path) -> Path:
    """The folder that remembers which processes belong to this data folder."""
    return data_dir.resolve() / "run"


@contextmanager
def owning(data_dir: Path) -> Iterator[bool]:
    """Whether this process owns the data folder for the life of the block; False: another one does.

    The kernel drops the lock when the owner ends in whatever way, so it is never stale.
    """
    records(data_dir).mkdir(parents=True, exist_ok=True)
    with (records(data_dir) / "owner").open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield True


def owner(data_dir: Path) -> int:
    """The process id of the present (or last) owner; 0 when there was none."""
    path = records(data_dir) / "owner"
    text = path.read_text().strip() if path.exists() else ""
    return int(text) if text.isdecimal() else 0
