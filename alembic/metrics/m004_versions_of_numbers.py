"""A version of each account's numbers, so that an answer made of them knows whether it still holds

Revision ID: m004
Revises: m003
"""

from __future__ import annotations

from alembic import op

revision = "m004"
down_revision = "m003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    # random: a version never comes back, not even after an account's numbers were forgotten
    op.execute(
        "CREATE TABLE metric_written (account_id uuid PRIMARY KEY, version uuid NOT NULL DEFAULT gen_random_uuid())"
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.execute("DROP TABLE metric_written")
