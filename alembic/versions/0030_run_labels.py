"""calls say of which run of n8n they are

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("audit_entries", sa.Column("run", sa.String(20), nullable=True))
    op.create_index(
        "audit_entries_by_run",
        "audit_entries",
        ["token_id", "run", "id"],
        postgresql_where=sa.text("run IS NOT NULL"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_index("audit_entries_by_run", "audit_entries")
    op.drop_column("audit_entries", "run")
