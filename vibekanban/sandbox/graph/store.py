"""What the sandbox must remember over a restart: one SQLite file of tokens, edits, runs, mails and the clock."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS kv (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS codes (code TEXT PRIMARY KEY, person TEXT, scopes TEXT, redirect TEXT, expires REAL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, person TEXT, kind TEXT, scopes TEXT, issued REAL, expires REAL,
    data_access_expires REAL, dead_subcode INTEGER);
CREATE TABLE IF NOT EXISTS edits (id TEXT PRIMARY KEY, account TEXT, changed TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS created (
    id TEXT PRIMARY KEY, account TEXT, level TEXT, campaign TEXT, adset TEXT, fields TEXT NOT NULL, at REAL);
CREATE INDEX IF NOT EXISTS created_by_account ON created (account, level, id);
CREATE TABLE IF NOT EXISTS history (id TEXT, account TEXT, field TEXT, at REAL, value TEXT);
CREATE INDEX IF NOT EXISTS history_by_id ON history (id, field, at);
CREATE TABLE IF NOT EXISTS activities (n INTEGER PRIMARY KEY, account TEXT, at REAL, entry TEXT);
CREATE TABLE IF NOT EXISTS reports (id TEXT PRIMARY KEY, account TEXT, query TEXT, at REAL, fate TEXT);
CREATE TABLE IF NOT EXISTS hooks (n INTEGER PRIMARY KEY, kind TEXT, account TEXT, entry TEXT);
CREATE TABLE IF NOT EXISTS mails (n INTEGER PRIMARY KEY, at REAL, recipient TEXT, entry TEXT);
"""
TABLES = (
    "kv", "codes", "tokens", "edits", "created", "history", "activities", "reports", "hooks", "mails",
)  # fmt: skip


class Store:
    """One connection behind a lock: the sandbox is one process."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(
            folder / "state.sqlite3", check_same_thread=False, isolation_level=None
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")
        self._connection.executescript(SCHEMA)
        self._lock = threading.RLock()
        self.version = 0  # grows with every write; what was computed for an older one is stale

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        found = self.rows(statement, *values)
        return found[0] if found else None

    def write(self, statement: str, *values: Any) -> int:
        """Run one statement; answers the last row id."""
        with self._lock:
            self.version += 1
            return int(self._connection.execute(statement, values).lastrowid or 0)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Several writes at once or not at all."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def setting(self, name: str, default: Any = None) -> Any:
        found = self.row("SELECT value FROM kv WHERE name = ?", name)
        return json.loads(found[0]) if found else default

    def set(self, name: str, value: Any) -> None:
        self.write("INSERT OR REPLACE INTO kv VALUES (?, ?)", name, json.dumps(value))

    def clear(self) -> None:
        """As new."""
        with self.together():
            for table in TABLES:
                self.write(f"DELETE FROM {table}")
