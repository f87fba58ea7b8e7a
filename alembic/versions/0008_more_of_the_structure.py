"""More of what Meta says of campaigns, ad sets and ads; creatives in the change log

Revision ID: 0008
Revises: 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LEVELS = ("account", "campaign", "adset", "ad")
DOCUMENTS = (("ad_sets", "bid_constraints"), ("ad_sets", "promoted_object"), ("ad_sets", "learning"),
             ("ads", "review"))  # fmt: skip


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("campaigns", sa.Column("spend_cap", sa.BigInteger(), nullable=True))
    op.add_column("campaigns", sa.Column("is_adset_budget_sharing_enabled", sa.Boolean(), nullable=True))
    op.add_column(
        "campaigns",
        sa.Column(
            "special_ad_category_country", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False
        ),
    )
    op.add_column(
        "ad_sets", sa.Column("destination_type", sa.String(length=60), server_default="", nullable=False)
    )
    for table, name in DOCUMENTS:
        column = sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False)
        op.add_column(table, column)
    _levels(*LEVELS, "creative")


def downgrade() -> None:
    op.execute("DELETE FROM changes WHERE level = 'creative'")
    _levels(*LEVELS)
    for table, name in DOCUMENTS:
        op.drop_column(table, name)
    op.drop_column("ad_sets", "destination_type")
    op.drop_column("campaigns", "special_ad_category_country")
    op.drop_column("campaigns", "is_adset_budget_sharing_enabled")
    op.drop_column("campaigns", "spend_cap")


def _levels(*levels: str) -> None:
    listed = ", ".join(f"'{level}'" for level in levels)
    op.drop_constraint("level", "changes", type_="check")
    op.create_check_constraint("level", "changes", f"level IN ({listed})")
