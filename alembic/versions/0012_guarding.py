"""Kill switches, and the calls that wait for a person."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.add_column("mcp_tokens", sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("agents_stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("meta_accounts", sa.Column("agents_stopped_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "approvals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("token_id", sa.Uuid(), nullable=False),
        sa.Column("token_name", sa.String(120), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("tool", sa.String(80), nullable=False),
        sa.Column("arguments", JSONB(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("object_name", sa.String(400), nullable=False),
        sa.Column("preview", JSONB(), nullable=False),
        sa.Column("reasons", ARRAY(sa.String()), nullable=False),
        sa.Column("status", STATUS, nullable=False),
        sa.Column("note", sa.String(500), nullable=False),
        sa.Column("result", JSONB(), nullable=True),
        sa.Column("error_code", sa.String(60), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["token_id"], ["mcp_tokens.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["account_id"], ["meta_accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("approvals_by_user", "approvals", ["user_id", "id"])
    op.create_index("approvals_by_status", "approvals", ["status", "expires_at"])
    op.create_index(op.f("ix_approvals_token_id"), "approvals", ["token_id"])


def downgrade() -> None:
    op.drop_table("approvals")
    op.drop_column("meta_accounts", "agents_stopped_at")
    op.drop_column("users", "agents_stopped_at")
    op.drop_column("mcp_tokens", "stopped_at")


STATUS = sa.Enum(
    "pending", "approved", "done", "failed", "rejected", "expired",
    name="approvalstatus", native_enum=False, create_constraint=True, length=40,
)  # fmt: skip
