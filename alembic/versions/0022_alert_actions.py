"""what a firing asks for, what became of it, and pauses that end

Revision ID: 0022
Revises: 0021
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

COLUMNS = ("action", "acting_until", "attempts", "acted_at", "outcome", "error_code", "change_id")


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    for column in (
        sa.Column("action", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("acting_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(20), nullable=True),
        sa.Column("error_code", sa.String(60), nullable=True),
        sa.Column("change_id", sa.Uuid(), nullable=True),
    ):
        op.add_column("alert_events", column)
    op.alter_column("alert_events", "attempts", server_default=None)
    op.create_index(
        "alert_events_undone",
        "alert_events",
        ["id"],
        postgresql_where=sa.text("action IS NOT NULL AND acted_at IS NULL"),
    )
    op.create_table(
        "alert_resumes",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("level", sa.String(10), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=False),
        sa.Column("resume_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["alert_events.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index(
        "alert_resumes_due", "alert_resumes", ["resume_at"], postgresql_where=sa.text("done_at IS NULL")
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_table("alert_resumes")
    op.drop_index("alert_events_undone", "alert_events")
    for name in COLUMNS:
        op.drop_column("alert_events", name)
