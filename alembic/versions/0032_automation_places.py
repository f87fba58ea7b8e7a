"""automations follow time zones and templates, and what n8n holds of them outlives them

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("automations", sa.Column("looked_at", sa.Integer(), server_default="0", nullable=False))
    op.add_column("automations", sa.Column("timezone", sa.String(64), server_default="UTC", nullable=False))
    op.execute("UPDATE automations a SET timezone = u.timezone FROM users u WHERE u.id = a.user_id")
    op.create_table(
        "automation_places",
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("credential_id", sa.String(16), nullable=False),
        sa.Column("run_credential_id", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("again_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("automation_id"),
    )
    op.create_index("automation_places_by_user", "automation_places", ["user_id"])
    op.execute(
        "INSERT INTO automation_places (automation_id, user_id, credential_id, run_credential_id, attempts)"
        " SELECT id, user_id, credential_id, run_credential_id, 0 FROM automations"
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_table("automation_places")
    op.drop_column("automations", "timezone")
    op.drop_column("automations", "looked_at")
