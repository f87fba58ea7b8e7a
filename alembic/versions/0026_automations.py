"""automations that n8n runs, and their runs

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def _moment(name: str, *, optional: bool = False) -> sa.Column[object]:
    default = None if optional else sa.text("now()")
    return sa.Column(name, sa.DateTime(timezone=True), server_default=default, nullable=optional)


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.create_table(
        "automations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("template", sa.String(60), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("account_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("params", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column(
            "wanted",
            sa.Enum(
                "RUNNING",
                "PAUSED",
                "ENDED",
                name="wanted",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "PREPARING",
                "RUNNING",
                "PAUSED",
                "FAILED",
                "ENDED",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("armed_hint", sa.String(16), nullable=True),
        sa.Column("credential_id", sa.String(16), nullable=False),
        sa.Column("run_credential_id", sa.String(16), nullable=False),
        sa.Column("run_armed", sa.Boolean(), nullable=False),
        sa.Column("workflow_id", sa.String(40), nullable=True),
        sa.Column("run_path", sa.String(64), nullable=False),
        sa.Column("sealed_run_key", sa.String(300), nullable=False),
        sa.Column("problem", sa.String(60), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        _moment("working_until", optional=True),
        _moment("run_asked_at", optional=True),
        _moment("told_at", optional=True),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("ended_at", optional=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["token_id"], ["mcp_tokens.id"], ondelete="CASCADE"),
    )
    op.create_index("automations_by_user", "automations", ["user_id", "id"])
    op.create_index("ix_automations_token_id", "automations", ["token_id"])
    op.create_index(
        "automations_by_workflow",
        "automations",
        ["workflow_id"],
        postgresql_where=sa.text("workflow_id IS NOT NULL"),
    )
    op.create_index(
        "automations_unsettled", "automations", ["working_until"], postgresql_where=sa.text("NOT settled")
    )
    op.create_table(
        "automation_tenants",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("n8n_user_id", sa.String(64), nullable=False),
        sa.Column("project_id", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
    )
    op.create_table(
        "automation_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("automation_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=True),
        sa.Column("execution_id", sa.String(20), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "running",
                "success",
                "failed",
                name="runstatus",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("mode", sa.String(20), nullable=False),
        sa.Column("seen_ended", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("error", sa.String(500), nullable=False, server_default=""),
        sa.Column("results", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        _moment("started_at"),
        _moment("finished_at", optional=True),
        _moment("reported_at", optional=True),
        _moment("told_at", optional=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["automation_id"], ["automations.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.UniqueConstraint("automation_id", "execution_id"),
    )
    op.create_index("ix_automation_runs_user_id", "automation_runs", ["user_id"])
    op.create_index("automation_runs_by_automation", "automation_runs", ["automation_id", "started_at"])
    op.create_index(
        "automation_runs_open", "automation_runs", ["started_at"], postgresql_where=sa.text("NOT seen_ended")
    )
    op.create_index(
        "automation_runs_untold",
        "automation_runs",
        ["automation_id"],
        postgresql_where=sa.text("told_at IS NULL AND status = 'failed'"),
    )
    op.create_table(
        "automation_polls",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("seen_until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    for name in ("automation_polls", "automation_runs", "automation_tenants", "automations"):
        op.drop_table(name)
