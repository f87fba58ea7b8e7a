"""ad accounts that Meta no longer lists for their connection

Revision ID: 0002
Revises: 0001
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("meta_accounts", sa.Column("unreachable_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_column("meta_accounts", "unreachable_at")
