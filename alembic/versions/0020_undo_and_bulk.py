"""changes that undo others or were made outside, and bulk edits with their rows

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("changes", sa.Column("reverts_id", sa.Uuid(), nullable=True))
    op.add_column("changes", sa.Column("outside_key", sa.String(64), nullable=True))
    op.create_index(
        "changes_reverting",
        "changes",
        ["reverts_id"],
        unique=True,
        postgresql_where=sa.text("reverts_id IS NOT NULL AND outcome <> 'failed'"),
    )
    op.create_index(
        "changes_outside",
        "changes",
        ["account_id", "outside_key"],
        unique=True,
        postgresql_where=sa.text("outside_key IS NOT NULL"),
    )
    op.add_column(
        "meta_accounts", sa.Column("activities_read_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.create_table(
        "bulk_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("params", JSONB(), nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(200), nullable=False),
        sa.Column("reverts_batch_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("status IN ('running', 'done')", name="runstate"),
        sa.CheckConstraint("actor_kind IN ('user', 'token', 'rule', 'outside')", name="actorkind"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("bulk_runs_by_user", "bulk_runs", ["user_id", "id"])
    op.create_index("bulk_runs_open", "bulk_runs", ["due_at"], postgresql_where=sa.text("status = 'running'"))
    op.create_table(
        "bulk_rows",
        sa.Column("run_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("level", sa.String(40), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("object_name", sa.String(400), nullable=False),
        sa.Column("fields", JSONB(), nullable=False),
        sa.Column("before", JSONB(), nullable=False),
        sa.Column("reverts_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("error_code", sa.String(60), nullable=True),
        sa.Column("error", JSONB(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'same', 'failed')", name="rowstate"),
        sa.ForeignKeyConstraint(["run_id"], ["bulk_runs.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("run_id", "position"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_table("bulk_rows")
    op.drop_table("bulk_runs")
    op.drop_column("meta_accounts", "activities_read_until")
    op.drop_index("changes_outside", "changes")
    op.drop_index("changes_reverting", "changes")
    op.drop_column("changes", "outside_key")
    op.drop_column("changes", "reverts_id")
