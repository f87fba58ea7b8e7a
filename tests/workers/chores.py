"""Jobs of the tests' own; a worker finds a job by its name, so they live in a module."""

from __future__ import annotations

import os

from vibekanban.core import broker, db

RAN = "tests:ran"


class Leaked(Exception):
    """Carries what should never be stored."""


def note(text: str) -> None:
    broker.connection().rpush(RAN, text)


def note_process() -> None:
    """The process and its database connection."""
    with db.engine().connect() as connection:
        backend = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    note(f"{os.getpid()} {backend}")


def leak() -> None:
    raise Leaked("https://graph/me?access_token=EAAB0123456789abcdef&x=1 {'password': 'hunter2'}")
