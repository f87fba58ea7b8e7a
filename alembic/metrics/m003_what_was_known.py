"""A day knows when it was first read; what it said before knows which event it counted, and when we learned

Revision ID: m003
Revises: m002
"""

from __future__ import annotations

from alembic import op

revision = "m003"
down_revision = "m002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.execute("ALTER TABLE metric_coverage ADD first_read_at timestamptz NOT NULL DEFAULT now()")
    op.execute("ALTER TABLE metric_changes ADD conversion_event varchar(120) NOT NULL DEFAULT ''")
    # `replaced_at` is when Meta was asked, which for a slow run is long before anybody could see it
    op.execute("ALTER TABLE metric_changes ADD noted_at timestamptz NOT NULL DEFAULT now()")


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.execute("ALTER TABLE metric_changes DROP noted_at")
    op.execute("ALTER TABLE metric_changes DROP conversion_event")
    op.execute("ALTER TABLE metric_coverage DROP first_read_at")
