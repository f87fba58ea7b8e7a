"""alerts, their leaves, where each object stands, and firings

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

LEVELS = ("account", "campaign", "adset", "ad")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _text(name: str, length: int) -> sa.Column[object]:
    return sa.Column(name, sqlmodel.sql.sqltypes.AutoString(length=length), nullable=False)


def _moment(name: str, *, optional: bool = False, default: bool = False) -> sa.Column[object]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=optional,
        server_default=sa.text("now()") if default else None,
    )


def _json(name: str, *, optional: bool = False) -> sa.Column[object]:
    return sa.Column(name, postgresql.JSONB(astext_type=sa.Text()), nullable=optional)


def _whole(*names: str, optional: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.Integer(), nullable=optional) for name in names]


def _real(*names: str, optional: bool = False) -> list[sa.Column[float]]:
    return [sa.Column(name, sa.Float(), nullable=optional) for name in names]


def _of(name: str, table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([name], [f"{table}.id"], ondelete="CASCADE")


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.create_table(
        "alerts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        _text("name", 120),
        sa.Column(
            "type",
            _choice("alerttype", "BUDGET_THRESHOLD", "PERFORMANCE_DROP", "CAMPAIGN_ERROR", "DAILY_SUMMARY"),
            nullable=False,
        ),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("campaign_id", sa.Uuid(), nullable=True),
        sa.Column("level", _choice("level", *LEVELS), nullable=False),
        _text("name_filter", 100),
        _json("condition"),
        _text("window", 20),
        *_whole("maturity_hours"),
        _json("minimum", optional=True),
        *_whole("cooldown_minutes"),
        *_real("hysteresis"),
        sa.Column("daily", sa.Boolean(), nullable=False),
        sa.Column("channels", postgresql.ARRAY(sa.Text()), nullable=False),
        _json("action", optional=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _moment("last_fired_at", optional=True),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        _of("user_id", "users"),
        _of("account_id", "meta_accounts"),
        _of("campaign_id", "campaigns"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("alerts_by_user", "alerts", ["user_id", "id"])
    op.create_index("alerts_by_account", "alerts", ["account_id"], postgresql_where=sa.text("is_active"))
    op.create_index(
        "alerts_by_campaign", "alerts", ["campaign_id"], postgresql_where=sa.text("campaign_id IS NOT NULL")
    )
    op.create_table(
        "alert_leaves",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        *_whole("clause", "leaf"),
        _text("metric", 30),
        _text("compare", 12),
        *_whole("dividend", "divisor"),
        *_real("times", "by"),
        _text("operator", 2),
        *_real("threshold", "relaxed"),
        *_whole("minimum_of", optional=True),
        *_real("minimum", optional=True),
        sa.Column("probe", sa.BigInteger(), nullable=False),
        _text("window", 20),
        _text("span", 10),
        *_whole("length", "lag", "periods", "step"),
        sa.Column("hourly", sa.Boolean(), nullable=False),
        _of("alert_id", "alerts"),
        sa.PrimaryKeyConstraint("alert_id", "clause", "leaf"),
    )
    op.create_table(
        "alert_states",
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("firing", sa.Boolean(), nullable=False),
        _moment("since"),
        _moment("last_fired_at"),
        _of("alert_id", "alerts"),
        sa.PrimaryKeyConstraint("alert_id", "object_id"),
    )
    op.create_table(
        "alert_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("alert_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("level", _choice("level", *LEVELS), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        _text("object_name", 400),
        _moment("fired_at"),
        _json("numbers"),
        _moment("told_at", optional=True),
        _of("alert_id", "alerts"),
        _of("user_id", "users"),
        _of("account_id", "meta_accounts"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("alert_id", "object_id", "fired_at"),
    )
    op.create_index("alert_events_by_user", "alert_events", ["user_id", "id"])
    op.create_index("alert_events_by_alert", "alert_events", ["alert_id", "id"])
    op.create_index(
        "alert_events_untold", "alert_events", ["id"], postgresql_where=sa.text("told_at IS NULL")
    )
    op.create_table(
        "alert_passes",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        _moment("as_of", optional=True),
        _of("account_id", "meta_accounts"),
        sa.PrimaryKeyConstraint("account_id"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    for table in ("alert_passes", "alert_events", "alert_states", "alert_leaves", "alerts"):
        op.drop_table(table)
