"""Remembers which migrations a start has already applied, so that the next one need not load Alembic."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from vibekanban.core.settings import ROOT, Settings
from vibekanban.runtime.owner import records

VERSION_TABLES = {"main": "alembic_version", "metrics": "alembic_version_metrics"}


def is_prepared(current: Settings) -> bool:
    """Whether the databases still are at the versions to which the present migrations have brought them."""
    known = _known(current)
    return known is not None and known["versions"] == _versions(current)


def was_prepared(current: Settings) -> bool:
    """The same as far as it can be told before the databases answer."""
    return _known(current) is not None


def remember(current: Settings) -> None:
    """Note what was applied; called once migrations and demo data are in place."""
    _path(current).parent.mkdir(parents=True, exist_ok=True)
    _path(current).write_text(json.dumps({"sources": _sources(current), "versions": _versions(current)}))


def _known(current: Settings) -> dict[str, Any] | None:
    """What an earlier start with the present migrations noted."""
    path = _path(current)
    known = json.loads(path.read_text()) if path.exists() else None
    return known if known and known["sources"] == _sources(current) else None


def _path(current: Settings) -> Path:
    return records(current.data_dir) / "prepared"


def _sources(current: Settings) -> str:
    digest = hashlib.sha256(f"{current.demo_data} {current.main_database}".encode())
    for file in sorted((ROOT / "alembic").rglob("*.py")):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()


def _versions(current: Settings) -> dict[str, list[str]] | None:
    """What each database says of itself; None when one cannot say."""
    found = {}
    urls = {"main": current.main_database, "metrics": current.metrics_database}
    try:
        for name, url in urls.items():
            with psycopg.connect(url.replace("+psycopg", "", 1), connect_timeout=5) as connection:
                table = VERSION_TABLES[name]
                if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
                    return None
                read = sql.SQL("SELECT version_num FROM {}").format(sql.Identifier(table))
                rows = connection.execute(read).fetchall()
            found[name] = sorted(row[0] for row in rows)
    except psycopg.Error:
        return None
    return found
