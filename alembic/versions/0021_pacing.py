"""monthly targets and exchange rates

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def _now(name: str) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.create_table(
        "exchange_rates",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        sa.Column("per_euro", sa.Numeric(20, 8), nullable=False),
        _now("read_at"),
        sa.PrimaryKeyConstraint("day", "currency"),
    )
    op.create_table(
        "pacing_targets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sqlmodel.sql.sqltypes.AutoString(length=3), nullable=False),
        _now("created_at"),
        _now("updated_at"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["meta_accounts.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "campaign_id", "month", postgresql_nulls_not_distinct=True),
    )
    op.create_index("pacing_targets_by_user", "pacing_targets", ["user_id", "month"])
    op.create_index("ix_pacing_targets_campaign_id", "pacing_targets", ["campaign_id"])


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_table("pacing_targets")
    op.drop_table("exchange_rates")
