"""sharing: links, members of accounts, invitations; comments that members see

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def _moment(name: str, *, optional: bool = False, default: bool = True) -> sa.Column:
    now = sa.text("now()") if default and not optional else None
    return sa.Column(name, sa.DateTime(timezone=True), server_default=now, nullable=optional)


def _person(name: str = "user_id") -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(name, sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint([name], ["users.id"], ondelete="CASCADE"),
    ]


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.create_table(
        "share_links",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_person(),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "board", "summary", name="sharekind", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("account_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hint", sqlmodel.sql.sqltypes.AutoString(length=16), nullable=False),
        sa.Column("password_hash", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        _moment("expires_at", optional=True),
        _moment("revoked_at", optional=True),
        _moment("seen_at", optional=True),
        sa.Column("views", sa.Integer(), server_default="0", nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("share_links_by_user", "share_links", ["user_id", "id"])
    op.create_table(
        "account_members",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_person(),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        *_person("member_id"),
        _moment("created_at"),
        sa.ForeignKeyConstraint(["account_id"], ["meta_accounts.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("account_id", "member_id"),
    )
    op.create_index("ix_account_members_user_id", "account_members", ["user_id"])
    op.create_index("ix_account_members_member_id", "account_members", ["member_id"])
    op.create_table(
        "member_invitations",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_person(),
        sa.Column("email", sqlmodel.sql.sqltypes.AutoString(length=254), nullable=False),
        sa.Column("account_ids", postgresql.ARRAY(sa.Uuid()), nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=True),
        _moment("answered_at", optional=True),
        _moment("expires_at", default=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("member_invitations_by_user", "member_invitations", ["user_id", "id"])
    op.create_index(
        "member_invitations_open",
        "member_invitations",
        ["email"],
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.add_column(
        "board_comments", sa.Column("shared", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    op.drop_column("board_comments", "shared")
    for table in ("member_invitations", "account_members", "share_links"):
        op.drop_table(table)
