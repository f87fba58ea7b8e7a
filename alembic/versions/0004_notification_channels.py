"""channels people are told on, and the deliveries to them

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _text(length: int | None = None) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


def _moment(name: str, *, optional: bool = False, default: bool = False) -> sa.Column[object]:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        nullable=optional,
        server_default=sa.text("now()") if default else None,
    )


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("emails", _moment("not_before", optional=True))
    op.create_table(
        "notification_channels",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _choice("channelkind", "slack", "webhook"), nullable=False),
        sa.Column("label", _text(80), nullable=False),
        sa.Column("sealed_target", _text(), nullable=False),
        sa.Column("hint", _text(120), nullable=False),
        sa.Column("sealed_secret", _text(), nullable=False),
        sa.Column("sealed_old_secret", _text(), nullable=False),
        _moment("old_secret_until", optional=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        _moment("failing_since", optional=True),
        _moment("last_ok_at", optional=True),
        sa.Column("last_error", _text(300), nullable=False),
        _moment("last_error_at", optional=True),
        _moment("created_at", default=True),
        _moment("updated_at", default=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_notification_channels_user_id", "notification_channels", ["user_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _text(60), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("href", _text(300), nullable=False),
        sa.Column("dedupe_key", _text(160), nullable=False),
        sa.Column("status", _choice("deliverystatus", "pending", "sent", "failed"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", _text(300), nullable=False),
        _moment("due_at", default=True),
        _moment("give_up_at"),
        _moment("claimed_until", optional=True),
        _moment("sent_at", optional=True),
        _moment("created_at", default=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["channel_id"], ["notification_channels.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel_id", "dedupe_key"),
    )
    op.create_index("deliveries_by_user", "deliveries", ["user_id", "id"])
    op.create_index(
        "deliveries_due", "deliveries", ["due_at"], postgresql_where=sa.text("status = 'pending'")
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_table("deliveries")
    op.drop_table("notification_channels")
    op.drop_column("emails", "not_before")
