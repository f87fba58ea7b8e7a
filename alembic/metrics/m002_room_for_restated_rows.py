"""Room on the pages of facts: Meta restates rows for 28 days, and one that stays on its page spares the index

Revision ID: m002
Revises: m001
"""

from __future__ import annotations

from sqlalchemy import text

from alembic import op

revision = "m002"
down_revision = "m001"
branch_labels = None
depends_on = None

PARTITIONS = "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = to_regclass('metric_facts')"


def upgrade() -> None:
    _each("SET (fillfactor = 70)")


def downgrade() -> None:
    _each("RESET (fillfactor)")


def _each(change: str) -> None:
    """Native partitions only: TimescaleDB packs its chunks itself. Pages that are full stay as they are."""
    op.execute("SET lock_timeout = '4s'")
    connection = op.get_bind()
    if connection.execute(text("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")).first():
        return
    for (name,) in connection.execute(text(PARTITIONS)).all():
        op.execute(f"ALTER TABLE {name} {change}")
