"""Whether somebody who looks at an account may take its numbers away as files."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
TABLES = ("account_members", "member_invitations")


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    for table in TABLES:
        op.add_column(
            table, sa.Column("may_export", sa.Boolean(), server_default=sa.text("true"), nullable=False)
        )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    for table in TABLES:
        op.drop_column(table, "may_export")
