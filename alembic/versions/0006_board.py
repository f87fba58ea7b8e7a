"""the board: tasks, placements, assignments, comments, views; today's conversions beside campaigns

Revision ID: 0006
Revises: 0005
"""

from __future__ import annotations

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from sqlalchemy.dialects import postgresql

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def _moment(name: str, *, optional: bool = False) -> sa.Column:
    if optional:
        return sa.Column(name, sa.DateTime(timezone=True), nullable=True)
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def _person(
    name: str = "user_id", *, nullable: bool = False, ondelete: str = "CASCADE"
) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column(name, sa.Uuid(), nullable=nullable),
        sa.ForeignKeyConstraint([name], ["users.id"], ondelete=ondelete),
    ]


def upgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    for name in ("today_conversions_micros", "today_revenue_micros"):
        op.add_column("campaigns", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "board_tasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_person(),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("title", sqlmodel.sql.sqltypes.AutoString(length=200), nullable=False),
        sa.Column("notes", sqlmodel.sql.sqltypes.AutoString(length=5000), nullable=False),
        sa.Column(
            "stage",
            sa.Enum(
                "running",
                "attention",
                "approval",
                "paused",
                "done",
                name="stage",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        _moment("done_at", optional=True),
        _moment("created_at"),
        _moment("updated_at"),
        sa.ForeignKeyConstraint(["account_id"], ["meta_accounts.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("board_tasks_by_user", "board_tasks", ["user_id", "id"])
    op.create_index("ix_board_tasks_account_id", "board_tasks", ["account_id"])
    op.create_table(
        "board_placements",
        *_person(),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sqlmodel.sql.sqltypes.AutoString(length=40), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=True),
        _moment("snoozed_until", optional=True),
        sa.Column("labels", postgresql.ARRAY(sa.Text()), nullable=False),
        _moment("done_at", optional=True),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("user_id", "card_id"),
    )
    op.create_table(
        "board_assignments",
        *_person(),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        *_person("assignee_id"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("user_id", "card_id"),
    )
    op.create_index("ix_board_assignments_assignee_id", "board_assignments", ["assignee_id"])
    op.create_table(
        "board_comments",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_person(),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        *_person("author_id", nullable=True, ondelete="SET NULL"),
        sa.Column("author_name", sqlmodel.sql.sqltypes.AutoString(length=120), nullable=False),
        sa.Column("text", sqlmodel.sql.sqltypes.AutoString(length=2000), nullable=False),
        sa.Column("mentions", postgresql.ARRAY(sa.Uuid()), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("board_comments_by_card", "board_comments", ["user_id", "card_id", "id"])
    op.create_index("ix_board_comments_author_id", "board_comments", ["author_id"])
    op.create_table(
        "board_views",
        sa.Column("id", sa.Uuid(), nullable=False),
        *_person(),
        sa.Column("name", sqlmodel.sql.sqltypes.AutoString(length=80), nullable=False),
        sa.Column("filters", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "board_views_by_name", "board_views", ["user_id", sa.literal_column("lower(name)")], unique=True
    )


def downgrade() -> None:
    op.execute("SET lock_timeout = '4s'")
    for table in ("board_views", "board_comments", "board_assignments", "board_placements", "board_tasks"):
        op.drop_table(table)
    for name in ("today_revenue_micros", "today_conversions_micros"):
        op.drop_column("campaigns", name)
