"""Runs migrations: `[alembic]` on the main database, `[metrics]` on the metrics store."""

from __future__ import annotations

from sqlalchemy import create_engine, pool

from alembic import context
from vibekanban.core.settings import settings
from vibekanban.domains.tables import METADATA

METRICS = context.config.config_ini_section == "metrics"
URL = settings().metrics_database if METRICS else settings().main_database
# one migration at a time, however many processes start together
LOCK = 7_204_001 if METRICS else 7_204_000


def _ours(_object: object, name: str | None, kind: str, _reflected: bool, _compared: object) -> bool:
    """The metrics store's tables have no models: in one database with the others they are left alone."""
    return not (kind == "table" and (name or "").startswith(("metric_", "alembic_")))


def run() -> None:
    engine = create_engine(URL, poolclass=pool.NullPool, connect_args={"connect_timeout": 10})
    with engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({LOCK})")
        connection.commit()
        try:
            context.configure(
                connection=connection,
                target_metadata=None if METRICS else METADATA,
                version_table="alembic_version_metrics" if METRICS else "alembic_version",
                compare_type=True,
                include_object=_ours,
                transaction_per_migration=True,
            )
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
        finally:
            connection.rollback()
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({LOCK})")


run()
