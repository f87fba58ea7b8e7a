"""Tokens that programs ask people for: clients, questions, refreshes."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def _created() -> sa.Column[object]:
    return sa.Column(
        "created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
    )


def _expires() -> sa.Column[object]:
    return sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False)


def _client() -> list[sa.Column[str] | sa.ForeignKeyConstraint]:
    return [
        sa.Column("client_id", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["oauth_clients.id"], ondelete="CASCADE"),
    ]


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.create_table(
        "oauth_clients",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("sealed_document", sa.String(), nullable=False),
        _created(),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_oauth_clients_created_at"), "oauth_clients", ["created_at"])
    op.create_table(
        "oauth_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_client(),
        sa.Column("redirect_uri", sa.String(2000), nullable=False),
        sa.Column("redirect_given", sa.Boolean(), nullable=False),
        sa.Column("code_challenge", sa.String(200), nullable=False),
        sa.Column("state", sa.String(2000), nullable=True),
        sa.Column("scopes", ARRAY(sa.String()), nullable=False),
        sa.Column("resource", sa.String(2000), nullable=True),
        sa.Column("user_id", sa.Uuid(), nullable=True),
        sa.Column("account_ids", ARRAY(sa.Uuid()), nullable=False),
        sa.Column("granted", ARRAY(sa.String()), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        _expires(),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        _created(),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code_hash"),
    )
    for column in ("client_id", "user_id", "created_at"):
        op.create_index(op.f(f"ix_oauth_requests_{column}"), "oauth_requests", [column])
    op.create_table(
        "oauth_refreshes",
        sa.Column("token_id", sa.Uuid(), nullable=False),
        *_client(),
        sa.Column("refresh_hash", sa.LargeBinary(), nullable=False),
        _expires(),
        sa.ForeignKeyConstraint(["token_id"], ["mcp_tokens.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_id"),
        sa.UniqueConstraint("refresh_hash"),
    )
    op.create_index(op.f("ix_oauth_refreshes_client_id"), "oauth_refreshes", ["client_id"])


def downgrade() -> None:
    op.drop_table("oauth_refreshes")
    op.drop_table("oauth_requests")
    op.drop_table("oauth_clients")
