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
CREATE TABLE IF NOT EXISTS things (
    n INTEGER PRIMARY KEY, kind TEXT, owner TEXT, name TEXT, entry TEXT NOT NULL, UNIQUE (kind, owner, name));
CREATE TABLE IF NOT EXISTS mails (n INTEGER PRIMARY KEY, at REAL, recipient TEXT, entry TEXT);
CREATE TABLE IF NOT EXISTS arrivals (n INTEGER PRIMARY KEY, at REAL, place TEXT, entry TEXT);
CREATE TABLE IF NOT EXISTS n8n_runs (
    n INTEGER PRIMARY KEY AUTOINCREMENT, workflow TEXT, status TEXT, entry TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS n8n_runs_by_workflow ON n8n_runs (workflow, n);
"""
TABLES = (
    "kv", "codes", "tokens", "edits", "created", "history", "activities", "reports", "hooks", "mails",
    "things", "arrivals", "n8n_runs",
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
        self._settings: dict[str, Any] = {}

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._connection.execute(statement, values).fetchall()

    def row(self, statement: str, *values: Any) -> tuple[Any, ...] | None:
        found = self.rows(statement, *values)
        return found[0] if found else None

    def write(self, statement: str, *values: Any) -> int:
        """Run one statement; answers the last row id."""
        with self._lock:
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
        """A small value kept under a name; not for changing in place."""
        if name not in self._settings:
            found = self.row("SELECT value FROM kv WHERE name = ?", name)
            self._settings[name] = json.loads(found[0]) if found else None
        kept = self._settings[name]
        return default if kept is None else kept

    def set(self, name: str, value: Any) -> None:
        self.write("INSERT OR REPLACE INTO kv VALUES (?, ?)", name, json.dumps(value))
        self._settings[name] = json.loads(json.dumps(value))

    def clear(self) -> None:
        """As new."""
        self._settings.clear()
        with self.together():
            for table in TABLES:
                self.write(f"DELETE FROM {table}")

    # -- collections of whatever else hangs on an account or an app

    def things(self, kind: str, owner: str) -> list[dict[str, Any]]:
        """The entries of a collection, oldest first."""
        rows = self.rows("SELECT entry FROM things WHERE kind = ? AND owner = ? ORDER BY n", kind, owner)
        return [json.loads(row[0]) for row in rows]

    def every(self, kind: str) -> list[tuple[str, dict[str, Any]]]:
        """All owners and entries of a kind, oldest first."""
        rows = self.rows("SELECT owner, entry FROM things WHERE kind = ? ORDER BY n", kind)
        return [(owner, json.loads(entry)) for owner, entry in rows]

    def thing(self, kind: str, name: str) -> tuple[str, dict[str, Any]] | None:
        """The owner and the entry of a name."""
        row = self.row("SELECT owner, entry FROM things WHERE kind = ? AND name = ?", kind, name)
        return (row[0], json.loads(row[1])) if row else None

    def put(self, kind: str, owner: str, name: str, entry: dict[str, Any]) -> None:
        self.write(
            "INSERT INTO things (kind, owner, name, entry) VALUES (?, ?, ?, ?)"
            " ON CONFLICT (kind, owner, name) DO UPDATE SET entry = excluded.entry",
            kind, owner, name, json.dumps(entry, ensure_ascii=False, default=str),
        )  # fmt: skip

    def drop(self, kind: str, owner: str, name: str) -> bool:
        had = self.row("SELECT 1 FROM things WHERE kind = ? AND owner = ? AND name = ?", kind, owner, name)
        self.write("DELETE FROM things WHERE kind = ? AND owner = ? AND name = ?", kind, owner, name)
        return had is not None
