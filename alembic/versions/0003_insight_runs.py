"""asynchronous insights runs get a name of their own

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.rename_table("reports", "insight_runs")
    op.execute("ALTER INDEX reports_by_sync RENAME TO insight_runs_by_sync")
    op.execute("ALTER TABLE insight_runs RENAME CONSTRAINT reportstatus TO runstatus")
    op.execute("ALTER INDEX reports_pkey RENAME TO insight_runs_pkey")


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.execute("ALTER INDEX insight_runs_pkey RENAME TO reports_pkey")
    op.execute("ALTER TABLE insight_runs RENAME CONSTRAINT runstatus TO reportstatus")
    op.execute("ALTER INDEX insight_runs_by_sync RENAME TO reports_by_sync")
    op.rename_table("insight_runs", "reports")
