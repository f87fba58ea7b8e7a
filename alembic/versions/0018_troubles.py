"""objects in trouble, since when and until when

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STATUSES = "('DISAPPROVED', 'WITH_ISSUES', 'PENDING_BILLING_INFO')"
TABLES = ("campaigns", "ad_sets", "ads")


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.create_table(
        "object_troubles",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("ad_set_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["meta_accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("object_troubles_by_account", "object_troubles", ["account_id", "campaign_id"])
    op.create_index(
        "object_troubles_open",
        "object_troubles",
        ["object_id", "status"],
        unique=True,
        postgresql_where=sa.text("until IS NULL"),
    )
    for table in TABLES:
        op.create_index(
            f"{table}_in_trouble",
            table,
            ["account_id"],
            postgresql_where=sa.text(f"effective_status IN {STATUSES}"),
        )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    for table in TABLES:
        op.drop_index(f"{table}_in_trouble", table)
    op.drop_table("object_troubles")
