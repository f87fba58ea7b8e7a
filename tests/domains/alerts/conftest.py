"""An account to watch, and a metrics store of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.factories.accounts import a_user
from tests.factories.meta import a_campaign, a_connection, an_account
from vibekanban.domains.meta.models import Campaign, MetaAccount


@pytest.fixture
def account(database: Any) -> MetaAccount:
    with database() as session:
        return an_account(session, a_connection(session, a_user(session)))


@pytest.fixture
def campaign(database: Any, account: MetaAccount) -> Campaign:
    with database() as session:
        return a_campaign(session, account)


@pytest.fixture
def store_apart(database: Any) -> Iterator[None]:
    """The metrics store in another database than the alerts."""
    from vibekanban.core import db, settings

    server = os.environ["TEST_TEMPLATE_URL"]
    name = os.environ["DATABASE_URL"].rpartition("/")[2] + "_metrics"
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute("SELECT pg_advisory_lock(1)")  # a template may be copied by one at a time
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        connection.execute(sql.SQL("CREATE DATABASE {} TEMPLATE vibekanban").format(sql.Identifier(name)))
    caches: tuple[Any, ...] = (settings.settings, db.metrics_engine)
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("TIMESCALEDB_URL", server + name)
        for cache in caches:
            cache.cache_clear()
        yield
        db.metrics_engine().dispose()
    for cache in caches:
        cache.cache_clear()
