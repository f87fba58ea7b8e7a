"""calls that name no run are found by when they were made

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.create_index(
        "audit_entries_by_moment",
        "audit_entries",
        ["token_id", "created_at"],
        postgresql_where=sa.text("run IS NULL"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_index("audit_entries_by_moment", "audit_entries")
