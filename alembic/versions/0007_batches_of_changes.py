"""Changes that were ordered as one share a batch; rules act too

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("changes", sa.Column("batch_id", sa.Uuid(), nullable=True))
    op.create_index(
        "changes_by_batch",
        "changes",
        ["batch_id"],
        unique=False,
        postgresql_where=sa.text("batch_id IS NOT NULL"),
    )
    _actors("user", "token", "rule", "outside")


def downgrade() -> None:
    op.execute("DELETE FROM changes WHERE actor_kind = 'rule'")
    _actors("user", "token", "outside")
    op.drop_index("changes_by_batch", table_name="changes")
    op.drop_column("changes", "batch_id")


def _actors(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint("actorkind", "changes", type_="check")
    op.create_check_constraint("actorkind", "changes", f"actor_kind IN ({listed})")
