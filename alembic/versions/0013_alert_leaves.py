"""leaves carry what the pass needs of their alert; firings fall with their alert alone

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _whole(*names: str, optional: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=optional) for name in names]


def _real(*names: str, optional: bool = False) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=optional) for name in names]


def _leaves(*more: sa.Column[Any], bounds: list[sa.Column[Any]], key: tuple[str, ...]) -> None:
    """Leaves follow from their alert: what was there is written again when the alert is."""
    op.drop_table("alert_leaves")
    op.create_table(
        "alert_leaves",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        *more,
        _text("metric", 30),
        _text("compare", 12),
        *_whole("dividend", "divisor"),
        *_real("times", "by"),
        _text("operator", 2),
        *_real("threshold"),
        *bounds,
        *_whole("minimum_of", optional=True),
        *_real("minimum", optional=True),
        sa.Column("probe", sa.BigInteger(), nullable=False),
        _text("window", 20),
        _text("span", 10),
        *_whole("length", "lag", "periods", "step"),
        sa.Column("hourly", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint(*key),
    )
    op.execute("UPDATE alerts SET is_active = false")


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    clauses = sa.Column("clauses", postgresql.ARRAY(sa.Integer()), nullable=False, server_default="{}")
    op.add_column("alerts", clauses)
    op.alter_column("alerts", "clauses", server_default=None)
    _leaves(
        *_whole("leaf"),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        _text("level", 10),
        bounds=[
            *_real("low", "high", "held_low", "held_high"),
            sa.Column("outside", sa.Boolean(), nullable=False),
        ],
        key=("alert_id", "leaf"),
    )
    op.create_index("alert_leaves_by_account", "alert_leaves", ["account_id"])
    op.drop_constraint("alert_events_user_id_fkey", "alert_events")
    op.drop_constraint("alert_events_account_id_fkey", "alert_events")
    op.drop_constraint("level", "alert_events")
    op.drop_constraint(
        "alert_events_alert_id_object_id_fired_at_key", "alert_events"
    )  # the key says the same
    op.alter_column("alert_events", "level", type_=sa.String(10), existing_type=sa.String(40))


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.alter_column("alert_events", "level", type_=sa.String(40), existing_type=sa.String(10))
    op.create_unique_constraint(None, "alert_events", ["alert_id", "object_id", "fired_at"])
    op.create_check_constraint("level", "alert_events", "level IN ('account', 'campaign', 'adset', 'ad')")
    for name, table in (("account", "meta_accounts"), ("user", "users")):
        op.create_foreign_key(None, "alert_events", table, [f"{name}_id"], ["id"], ondelete="CASCADE")
    _leaves(*_whole("clause", "leaf"), bounds=_real("relaxed"), key=("alert_id", "clause", "leaf"))
    op.drop_column("alerts", "clauses")
