"""The store's migration goes up, down and up again, on PostgreSQL alone and on TimescaleDB."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from tests.conftest import ROOT
from tests.timescale import launch

NAMES = ["metric_changes", "metric_coverage", "metric_facts", "metric_reach", "metric_weeks"]


@contextmanager
def plain() -> Iterator[str]:
    """A database of its own on the tests' server."""
    server = os.environ["TEST_TEMPLATE_URL"]
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS vk_store")
        connection.execute("CREATE DATABASE vk_store")
        yield server + "vk_store"
        connection.execute("DROP DATABASE vk_store")


def migrate(url: str, *steps: str) -> None:
    for step in steps:
        direction, _, target = step.partition(" ")
        subprocess.run(
            [sys.executable, "-m", "alembic", "-n", "metrics", direction, target],
            cwd=ROOT,
            env={**os.environ, "TIMESCALEDB_URL": url},
            check=True,
        )


def names(url: str) -> list[str]:
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        found = connection.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v')"
            " AND relname IN ('metric_changes', 'metric_coverage', 'metric_facts', 'metric_reach', 'metric_weeks')"
            " ORDER BY relname"
        )
        return [row[0] for row in found]


def test_on_postgresql_alone() -> None:
    with plain() as url:
        migrate(url, "upgrade head", "downgrade base")
        assert names(url) == []
        migrate(url, "upgrade head")
        assert names(url) == NAMES


@pytest.mark.timescale
def test_on_timescale() -> None:
    try:
        launch.installed()
    except launch.NotInstalled as missing:
        pytest.skip(f"no TimescaleDB for tests: {missing}")
    with launch.running() as url:
        migrate(url, "downgrade base")
        assert names(url) == []
        migrate(url, "upgrade head")
        assert names(url) == NAMES
