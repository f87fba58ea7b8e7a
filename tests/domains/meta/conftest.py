"""The metrics store in both its shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session

from tests.timescale import launch

Store = Callable[[], AbstractContextManager[Session]]
TABLES = ("metric_facts", "metric_changes", "metric_coverage", "metric_reach")


@pytest.fixture(scope="session")
def timescale() -> Iterator[str]:
    """The URL of a store on TimescaleDB."""
    try:
        launch.installed()
    except launch.NotInstalled as missing:
        pytest.skip(f"no TimescaleDB for tests: {missing}")
    with launch.running() as url:
        yield url


@pytest.fixture(params=["native", pytest.param("timescale", marks=pytest.mark.timescale)])
def store(request: pytest.FixtureRequest, database: object) -> Iterator[Store]:
    """Transactions on an empty metrics store: native partitions, then TimescaleDB."""
    from vibekanban.core import db, settings

    if request.param == "native":
        yield db.metrics_transaction
        return
    caches: tuple[Any, ...] = (settings.settings, db.metrics_engine)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIMESCALEDB_URL", request.getfixturevalue("timescale"))
        for cache in caches:
            cache.cache_clear()
        yield db.metrics_transaction
        with db.metrics_transaction() as session:
            session.execute(text(f"TRUNCATE {', '.join(TABLES)}"))
            session.execute(text("TRUNCATE metric_weeks"))  # what is summed up begins anew as well
        db.metrics_engine().dispose()
    for cache in caches:
        cache.cache_clear()
