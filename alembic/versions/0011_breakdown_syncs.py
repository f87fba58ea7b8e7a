"""breakdowns are read by syncs of their own

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

LEVELS = "level IN ('account', 'campaign', 'adset', 'ad')"


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("syncs", sa.Column("level", sa.String(40), nullable=False, server_default="account"))
    op.add_column("syncs", sa.Column("breakdown", sa.String(60), nullable=False, server_default=""))
    op.create_check_constraint("level", "syncs", LEVELS)
    _kinds("account", "today", "trailing", "history", "breakdown")


def downgrade() -> None:
    op.execute("DELETE FROM syncs WHERE kind = 'breakdown'")
    _kinds("account", "today", "trailing", "history")
    op.drop_constraint("level", "syncs", type_="check")
    op.drop_column("syncs", "breakdown")
    op.drop_column("syncs", "level")


def _kinds(*kinds: str) -> None:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    op.execute("ALTER TABLE syncs DROP CONSTRAINT synckind")
    op.execute(f"ALTER TABLE syncs ADD CONSTRAINT synckind CHECK (kind IN ({listed}))")
